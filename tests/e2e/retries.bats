#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016 # what is in single quotes is for the shells of tasks
# retries, backoff, retry and crash_limit: which attempts are made, and that one record is left.

load helpers

# Each attempt of a task leaves a line "id attempt" in the log.
LOG='echo $STINT_TASK_ID $STINT_ATTEMPT >>log'

# attempts ID: of the log, in one line.
attempts() {
	awk -v id="$1" '$1 == id { printf "%s%s", sep, $2; sep = " " }' log
}

@test "retries: as often as they say, in order, until it is ok; one record is left" {
	cat >job.jsonl <<-END
		{"id": "third", "retries": 5, "shell": "$LOG; echo out \$STINT_ATTEMPT; [ \$STINT_ATTEMPT = 3 ]"}
		{"id": "never", "retries": 2, "shell": "$LOG; exit 4"}
		{"id": "once", "shell": "$LOG; exit 4"}
		{"id": "fine", "retries": 3, "shell": "$LOG"}
		{"id": "none", "retries": 1, "exec": ["./nowhere"]}
	END
	for model in hybrid sync processes; do
		rm -f log
		stint run -m "$model" -o results --joblog joblog --summary summary job.jsonl
		[ "$status" -eq 1 ]
		[ "$(attempts third)" = '1 2 3' ]
		[ "$(attempts never)" = '1 2 3' ]
		[ "$(attempts once)" = 1 ]
		[ "$(attempts fine)" = 1 ]
		records results 'len(all) == 5' \
			'r["third"]["status"] == "ok" and r["third"]["attempt"] == 3 and r["third"]["stdout"] == "out 3\n"' \
			'r["never"]["status"] == "failed" and r["never"]["attempt"] == 3 and r["never"]["exit"] == 4' \
			'r["once"]["attempt"] == r["fine"]["attempt"] == 1' \
			'r["none"]["attempt"] == 2 and r["none"]["exit"] == 127'
		has err '5 tasks: 2 ok, 3 failed;'
		json summary 'v["ok"] == 2 and v["failed"] == 3 and v["tasks"] == 5'
		[ "$(wc -l <joblog)" -eq 6 ]
	done
}

@test "retries: the options of the command line hold for tasks that say nothing" {
	cat >job.jsonl <<-END
		{"id": "a", "shell": "$LOG; exit 1"}
		{"id": "b", "retries": 0, "shell": "$LOG; exit 1"}
		{"id": "c", "retry": "timeout", "shell": "$LOG; exit 1"}
	END
	stint run -q --retries 2 --backoff 1ms --retry failed job.jsonl
	[ "$status" -eq 1 ]
	[ "$(attempts a)" = '1 2 3' ]
	[ "$(attempts b)" = 1 ]
	[ "$(attempts c)" = 1 ]
}

@test "retry: says after what" {
	cat >job.jsonl <<-END
		{"id": "f-failed", "retries": 1, "retry": "failed", "shell": "$LOG; exit 4"}
		{"id": "f-timeout", "retries": 1, "retry": "timeout", "shell": "$LOG; exit 4"}
		{"id": "f-crash", "retries": 1, "retry": "crash", "shell": "$LOG; exit 4"}
		{"id": "f-never", "retries": 1, "retry": "never", "shell": "$LOG; exit 4"}
		{"id": "t-always", "retries": 1, "retry": "always", "timeout": 0.1, "grace": 0, "shell": "$LOG; sleep 600; :"}
		{"id": "t-failed", "retries": 1, "retry": "failed", "timeout": 0.1, "grace": 0, "shell": "$LOG; sleep 600; :"}
		{"id": "t-two", "retries": 1, "retry": ["timeout", "crash"], "timeout": 0.1, "grace": 0, "shell": "$LOG; sleep 600; :"}
	END
	stint run -q -o results job.jsonl
	[ "$status" -eq 1 ]
	[ "$(attempts f-failed)" = '1 2' ]
	[ "$(attempts f-timeout)" = 1 ]
	[ "$(attempts f-crash)" = 1 ]
	[ "$(attempts f-never)" = 1 ]
	[ "$(attempts t-always)" = '1 2' ]
	[ "$(attempts t-failed)" = 1 ]
	[ "$(attempts t-two)" = '1 2' ]
	records results 'len(all) == 7' '{e["status"] for e in all if e["id"][0] == "t"} == {"timeout"}' \
		'r["t-two"]["attempt"] == 2'
	nothing_left
}

@test "crash_limit: so many workers a task may end, then it is poisoned; retry says whether at all" {
	cat >job.jsonl <<-END
		{"id": "three", "retry": "crash", "shell": "$LOG; kill -9 \$PPID"}
		{"id": "two", "crash_limit": 2, "shell": "$LOG; kill -9 \$PPID"}
		{"id": "one", "crash_limit": 1, "shell": "$LOG; kill -9 \$PPID"}
		{"id": "failed", "retry": "failed", "shell": "$LOG; kill -9 \$PPID"}
		{"id": "never", "retry": "never", "shell": "$LOG; kill -9 \$PPID"}
		{"id": "second", "shell": "$LOG; [ \$STINT_ATTEMPT != 1 ] || kill -9 \$PPID"}
	END
	stint run -j 1 -m processes -o results job.jsonl
	[ "$status" -eq 1 ]
	[ "$(attempts three)" = '1 2 3' ]
	[ "$(attempts two)" = '1 2' ]
	[ "$(attempts one)" = 1 ]
	[ "$(attempts failed)" = 1 ]
	[ "$(attempts never)" = 1 ]
	[ "$(attempts second)" = '1 2' ]
	records results 'len(all) == 6' '[r[i]["status"] for i in ("three", "two", "one")] == ["poisoned"] * 3' \
		'r["failed"]["status"] == "crashed" and r["never"]["status"] == "interrupted" and r["second"]["status"] == "ok"' \
		'[r[i]["attempt"] for i in ("three", "two", "one", "failed", "never", "second")] == [3, 2, 1, 1, 1, 2]' \
		'"crashed its worker 2 times" in r["two"]["error"]'
	has err '6 tasks: 1 ok, 1 crashed, 3 poisoned, 1 interrupted;'
	nothing_left
}

@test "an attempt that was not begun does not count: tasks behind one that ends its worker" {
	{
		echo '{"id": "bomb", "priority": 1, "retry": "failed", "steps": [{"cpu": {"spin": 0.02}}, {"shell": "kill -9 $PPID"}]}'
		for i in $(seq 200); do
			echo "{\"id\": \"t$i\", \"retry\": \"never\", \"cpu\": {\"loop\": 10}}"
		done
	} >job.jsonl
	stint run -q -j 1 -o results job.jsonl
	[ "$status" -eq 1 ]
	records results 'len(all) == 201' 'r["bomb"]["status"] == "crashed"' \
		'{(e["status"], e["attempt"]) for e in all if e["id"] != "bomb"} == {("ok", 1)}'
}

@test "backoff: others go on meanwhile, and those that wait for it need no core" {
	cat >job.jsonl <<-END
		{"id": "flaky", "retries": 1, "backoff": 0.4, "shell": "$LOG; [ \$STINT_ATTEMPT = 2 ]"}
		{"id": "other", "shell": "until [ -e log ]; do sleep 0.02; done; $LOG"}
	END
	stint run -j 1 -o results --summary summary job.jsonl
	[ "$status" -eq 0 ]
	same log 'flaky 1' 'other 1' 'flaky 2'
	records results 'r["flaky"]["start"] >= r["other"]["start"]'
	json summary 'v["wall"] >= 0.2 and v["idle"]["backoff"] > 0'
}

@test "backoff: longer each time, and never quite the same" {
	echo '{"id": "a", "repeat": 12, "retries": 3, "backoff": "60ms", "class": "wait", "shell": "echo $STINT_TASK_ID $(date +%s.%N) >>log; exit 1"}' >job.jsonl
	stint run -q job.jsonl
	[ "$status" -eq 1 ]
	[ "$(wc -l <log)" -eq 48 ]
	python3 - <<-'END'
		times = {}
		for line in open("log"):
		    task, at = line.split()
		    times.setdefault(task, []).append(float(at))
		gaps = [[b - a for a, b in zip(t, t[1:])] for t in times.values()]
		for i in range(3): # a half of it at least
		    assert min(g[i] for g in gaps) >= 0.03 * 2 ** i - 0.001, gaps
		assert len({round(g[2], 4) for g in gaps}) > 1, gaps
	END
}

@test "Ctrl-C during a backoff ends the run at once; the task has its record" {
	cat >job.jsonl <<-END
		{"id": "flaky", "retries": 3, "backoff": "600s", "shell": "$LOG; exit 1"}
		{"id": "after", "needs": ["flaky"], "shell": "$LOG"}
	END
	start run -o results job.jsonl
	until_true 20 lines_in log 1
	idles() {
		kill -USR1 "$background"
		sleep 0.05
		grep -q ' 1 by needs, 1 to be tried again' err
	}
	until_true 20 idles
	kill -INT "$background"
	finish 10
	[ "$status" -eq 130 ]
	records results 'len(all) == 1 and all[0]["status"] == "cancelled" and all[0]["attempt"] == 1' \
		'all[0]["error"] == "the run was stopped before it was tried again"'
	has err '1 task: 0 ok, 1 cancelled, 1 not started'
	same log 'flaky 1'
	sed -i 's/exit 1/:/' job.jsonl
	stint run -q --resume -o results job.jsonl
	[ "$status" -eq 0 ]
	records results 'len(all) == 2'
	nothing_left
}

@test "--halt: a task counts when its last attempt has failed, and none is made after it" {
	cat >job.jsonl <<-END
		{"id": "a", "retries": 1, "backoff": "1ms", "shell": "$LOG; until grep -q b log; do sleep 0.02; done; exit 1"}
		{"id": "b", "retries": 9, "backoff": "600s", "shell": "$LOG; exit 1"}
	END
	stint run -o results --halt soon,fail=1 job.jsonl
	[ "$status" -eq 1 ]
	[ "$(attempts a)" = '1 2' ]
	[ "$(attempts b)" = 1 ]
	records results 'r["a"]["status"] == "failed" and r["b"]["status"] in ("cancelled", "failed")'
	nothing_left
}

@test "retries: the output of each attempt is shown, with -k in its place" {
	cat >job.jsonl <<-'END'
		{"id": "a", "retries": 2, "backoff": "20ms", "shell": "echo a $STINT_ATTEMPT; echo e $STINT_ATTEMPT >&2; [ $STINT_ATTEMPT = 3 ]"}
		{"id": "b", "shell": "echo b"}
	END
	for how in '-k' '-k --output line' '-k --output raw'; do
		# shellcheck disable=SC2086 # words
		stint run -q $how --results-dir kept job.jsonl
		[ "$status" -eq 0 ]
		same out 'a 1' 'a 2' 'a 3' b
		same err 'e 1' 'e 2' 'e 3'
		same kept/a/stdout 'a 3'
	done
}

@test "retries and their like: values that cannot be are refused" {
	refused() {
		echo "{\"shell\": \":\", $1}" >job.jsonl
		stint check job.jsonl
		[ "$status" -ne 0 ]
		has err "job.jsonl:1: $2"
	}
	refused '"retries": -1' 'retries: must be from 0 to '
	refused '"retries": 1.5' 'retries: must be a whole number'
	refused '"backoff": "5x"' 'backoff: not a duration'
	refused '"retry": "nevr"' 'retry: unknown word, did you mean "never"?'
	refused '"retry": []' 'retry: must have a word in it'
	refused '"retry": ["always"]' 'retry[0]: '
	refused '"crash_limit": 0' 'crash_limit: must be from 1 to '
	stint run --retries x job.jsonl
	[ "$status" -eq 2 ] && terse
	has err '--retries: "x": '
}
