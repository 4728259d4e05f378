#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# --halt and --fail-fast: when a run stops before its tasks are all done, what becomes of the rest,
# and that another run goes on from there.

load helpers

# stopped OPTION...: runs the job; then everything is over, and no task has two records.
stopped() {
	rm -f log
	stint run "$@" -o results --summary summary job.jsonl
	records results
	json summary 'v["tasks"] + v["not_started"] <= 30'
	nothing_left
}

# A failure, while one that waits is in progress, with more behind them.
job() {
	cat >job.jsonl <<-'END'
		{"id": "long", "class": "wait", "shell": "touch begun; until [ -e go ]; do sleep 0.02; done; echo long >>log"}
		{"id": "bad", "shell": "until [ -e begun ]; do sleep 0.02; done; [ -e good ]"}
		{"id": "last", "needs": ["bad"], "needs_any_status": true, "shell": "touch go; echo last >>log"}
	END
}

@test "now,fail=1 and --fail-fast: what runs is ended at once, and a resumed run completes the job" {
	job
	for how in '--halt now,fail=1' --fail-fast; do
		rm -f begun go good
		# shellcheck disable=SC2086 # words
		stopped $how
		[ "$status" -eq 1 ]
		[ ! -e log ]
		records results 'len(all) == 2' 'r["bad"]["status"] == "failed"' 'r["long"]["status"] == "cancelled"'
		has err '--halt: too many failed: what runs is ended'
		has err '2 tasks: 0 ok, 1 failed, 1 cancelled, '
		touch good
		stint run -q --resume -o results job.jsonl
		[ "$status" -eq 0 ]
		records results 'len(all) == 3' '{e["status"] for e in all} == {"ok"}'
		[ "$(wc -l <log)" -eq 2 ]
	done
}

@test "soon: what runs ends by itself, no more is started" {
	cat >job.jsonl <<-'END'
		{"id": "long", "class": "wait", "shell": "touch begun; until grep -sq halt err; do sleep 0.02; done; echo long >>log"}
		{"id": "bad", "shell": "until [ -e begun ]; do sleep 0.02; done; exit 1"}
		{"id": "after", "needs": ["long"], "shell": "echo after >>log"}
		{"id": "last", "needs": ["bad"], "needs_any_status": true, "shell": "echo last >>log"}
	END
	stopped --halt soon,fail=1
	[ "$status" -eq 1 ]
	same log long
	records results 'len(all) == 2 and r["long"]["status"] == "ok"'
	has err '--halt: too many failed: no more are started'
	has err '2 tasks: 1 ok, 1 failed, 2 not started'
}

@test "what runs when it is ended has its grace, and one that is deaf to TERM does not outlive it" {
	cat >job.jsonl <<-'END'
		{"id": "spin", "steps": [{"shell": "touch three"}, {"cpu": {"spin": 600}}]}
		{"id": "tidy", "class": "wait", "shell": "trap 'sleep 0.2; echo tidied; exit 0' TERM; touch one; while :; do sleep 0.02; done"}
		{"id": "deaf", "class": "wait", "grace": 0.3, "shell": "trap '' TERM; touch two; while :; do sleep 0.02; done"}
		{"id": "wait", "steps": [{"shell": "touch four"}, {"sleep": 600}]}
		{"id": "bad", "class": "wait", "shell": "until [ -e one -a -e two -a -e three -a -e four ]; do sleep 0.02; done; exit 1"}
	END
	stopped --fail-fast
	[ "$status" -eq 1 ]
	same out tidied
	records results 'len(all) == 5' 'all[0]["id"] == "bad"' '[e["status"] for e in all[1:]] == ["cancelled"] * 4' \
		'r["deaf"]["signal"] == 9'
}

@test "fail=N counts tasks that failed for themselves, a percentage is one of all tasks" {
	{
		echo '{"id": "a", "shell": "exit 1"}'
		for i in 1 2 3 4 5 6 7 8; do
			echo "{\"id\": \"skipped $i\", \"needs\": [\"a\"], \"print\": \"no\"}"
		done
		echo '{"id": "b", "needs": ["a"], "needs_any_status": true, "shell": "echo b"}'
	} >job.jsonl
	stopped --halt now,fail=2
	has err '10 tasks: 1 ok, 1 failed, 8 skipped;'
	hasnt err 'halt'
	same out b
	# Of 20: the third failure is more than 10 %.
	for i in $(seq 20); do
		echo "{\"id\": \"$i\", \"shell\": \"echo $i >>log; [ \$((\$STINT_TASK_ID % 2)) = 0 ]\"}"
	done >job.jsonl
	sed -i '2,$s/{/{"needs": ["0"], "needs_any_status": true, /' job.jsonl
	awk 'NR > 1 { sub("\"0\"", "\"" NR - 1 "\"") } 1' job.jsonl >chain && mv chain job.jsonl
	stopped --halt now,fail=11%
	[ "$status" -eq 1 ]
	[ "$(wc -l <log)" -eq 5 ]
	has err '5 tasks: 2 ok, 3 failed, '
}

@test "success=N: a run that found what it looked for is a success" {
	cat >job.jsonl <<-'END'
		{"id": "bad", "shell": "exit 1"}
		{"id": "other", "class": "wait", "shell": "touch begun; sleep 600; :"}
		{"id": "found", "needs": ["bad"], "needs_any_status": true, "shell": "until [ -e begun ]; do sleep 0.02; done"}
		{"id": "no", "needs": ["found"], "shell": "echo no >>log"}
	END
	stopped --halt now,success=1
	[ "$status" -eq 0 ]
	records results 'len(all) == 3' 'r["other"]["status"] == "cancelled"'
	has err '--halt: enough ended ok: what runs is ended'
	stopped --halt now,success=3 --timeout 0.3
	[ "$status" -eq 1 ]
}

@test "done=N: the status is that of what has ended by itself" {
	cat >job.jsonl <<-'END'
		{"id": "first", "shell": "until [ -e begun ]; do sleep 0.02; done; [ -e good ]"}
		{"id": "other", "class": "wait", "shell": "touch begun; sleep 600; :"}
	END
	stopped --halt now,done=1
	[ "$status" -eq 1 ]
	rm begun && touch good
	stopped --halt now,done=1
	[ "$status" -eq 0 ]
	records results 'r["first"]["status"] == "ok" and r["other"]["status"] == "cancelled"'
	has err '--halt: enough have ended'
}

@test "--halt never, and a rule that is never reached, change nothing" {
	job
	touch go begun
	for how in never now,fail=9 soon,success=4 now,fail=80%; do
		stopped --halt "$how"
		[ "$status" -eq 1 ]
		has err '3 tasks: 2 ok, 1 failed;'
	done
}

@test "a stream that goes on is read no further" {
	mkfifo jobs
	start run --fail-fast -o results jobs
	exec 9>'jobs'
	echo '{"id": "bad", "shell": "exit 1"}' >&9
	finish
	exec 9>&-
	[ "$status" -eq 1 ]
	records results 'len(all) == 1'
	has err '1 task: 0 ok, 1 failed, the rest of the input not read'
}

@test "Ctrl-C after --halt goes further" {
	echo '{"id": "bad", "shell": "until [ -e begun ]; do sleep 0.02; done; exit 1"}
		{"id": "long", "class": "wait", "shell": "touch begun; sleep 600; :"}' >job.jsonl
	start run --halt soon,fail=1 -o results job.jsonl
	until_true 20 grep -q halt err
	kill -INT "$background"
	finish
	[ "$status" -eq 130 ]
	records results 'r["long"]["status"] == "cancelled" and r["bad"]["status"] == "failed"'
	nothing_left
}

@test "--halt: rules that are none are refused, with one that is" {
	for rule in '' now soon,fail later,fail=1 now,fail= now,fail=0 now,fail=x now,fail=101% now,lost=1 now,fail=-1 'now,fail=1 ' now,fail=99999999999999999999; do
		stint run --halt "$rule" job.jsonl
		[ "$status" -eq 2 ]
		terse
		grep -q '^stint: --halt: .*: .*\(now\|soon\),fail=' err
	done
}
