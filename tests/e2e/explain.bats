#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What a run says of itself: --explain, SIGUSR1, idle core-time; and what it learns for the next one.

load helpers

HISTORY=state/stint/history.jsonl

# started: the ids in the order in which --explain says that they start.
started() {
	sed -n 's/^stint: explain: [0-9.]* s: \([^ ]*\) starts on worker .*/\1/p' err | tr '\n' ' '
}

# why ID TEXT: the line of its start has the text.
why() {
	grep "explain: [0-9.]* s: $1 starts on worker " err >line && has line "$2"
}

@test "--explain: each task that starts has its reason" {
	cat >job.jsonl <<-'END'
		{"id": "spin", "cpu": {"spin": 0.3}}
		{"id": "spun", "cpu": {"spin": 0.3}}
		{"id": "sleep", "sleep": 0.01}
		{"id": "hint", "class": "wait", "shell": "exit 0"}
		{"id": "new", "shell": "sleep 0.2"}
		{"id": "again", "needs": ["new"], "shell": "sleep 0.01"}
		{"id": "skipped", "needs": ["bad"], "shell": "sleep 0.01"}
	END
	sed -i '1i {"id": "bad", "exec": ["false"]}' job.jsonl
	stint run --explain -j 2 job.jsonl
	[ "$status" -eq 1 ]
	[ "$(started | wc -w)" -eq 7 ] && [ "$(started | tr ' ' '\n' | sort -u | wc -w)" -eq 7 ]
	why spin 'a place is free (computes by its nature)'
	why sleep 'it takes no core (waits by its nature)'
	why hint 'its class is wait'
	why new 'nothing is known of it'
	why again 'of "sleep" asked for 0.'
	grep -q 'new is seen to wait: 0\.[0-9]* of a core' err
	stint run job.jsonl
	hasnt err explain
}

@test "--explain: why nothing starts" {
	echo '{"repeat": 3, "cpu": {"spin": 0.1}}' >job.jsonl
	stint run --explain -j 1 job.jsonl
	[ "$status" -eq 0 ]
	grep -q '[0-9] ready, none starts: the cores are taken; 1.00 of 1 cores are asked for' err
	[ "$(started)" = '1.1 1.2 1.3 ' ]
}

@test "SIGUSR1: what is running, for how long, computing or waiting; the run goes on" {
	cat >job.jsonl <<-'END'
		{"id": "busy", "shell": "touch busy; until [ -e go ]; do :; done"}
		{"id": "idle", "shell": "touch idle; until [ -e go ]; do sleep 0.05; done"}
		{"id": "wait", "sleep": 0.01, "needs": ["idle"]}
	END
	start run --no-history -j 2 job.jsonl
	until_true 20 test -e busy -a -e idle
	said() {
		kill -USR1 "$background"
		sleep 0.05
		grep -q '^stint: running: busy for [0-9.]* s, computing' err &&
			grep -q '^stint: running: idle for [0-9.]* s, waiting' err
	}
	until_true 20 said
	grep -q '^stint: 2 running, [0-9.]* of 2 cores asked for; 0 ready, 0 held back by resources, 1 by needs, 0 to be tried again$' err
	touch go
	finish
	[ "$status" -eq 0 ]
	has err '3 tasks: 3 ok'
}

@test "history: what a run has learned is there for the next: the longest first" {
	cat >job.jsonl <<-'END'
		{"name": "short", "exec": ["sleep", "0.01"]}
		{"name": "long", "exec": ["sleep", "0.1"]}
		{"exec": ["sleep", "0.02"]}
	END
	stint run -q job.jsonl
	[ "$(stat -c %a state/stint)" = 700 ]
	[ "$(stat -c %a $HISTORY)" = 600 ]
	python3 - <<-END
		import json
		kinds = {k.get("name") or k["program"]: k for k in map(json.loads, open("$HISTORY"))}
		assert set(kinds) == {"short", "long", "sleep"}, kinds
		assert kinds["long"]["walls"][0] >= 0.1 and len(kinds["long"]["walls"]) == 1, kinds
	END
	cat >$HISTORY <<-'END'
		{"name":"short","use":10,"tasks":5,"walls":[1]}
		{"name":"long","use":10,"tasks":5,"walls":[1,30,30]}
		{"program":"sleep","use":20,"tasks":5,"walls":[20]}
	END
	stint run -q --explain -j 1 job.jsonl
	[ "$(started)" = '2 3 1 ' ]
	why 2 '5 of "long" asked for 0.01 of a core'
	why 3 '5 of "sleep" asked for 0.02 of a core'
	[ "$(wc -l <$HISTORY)" -eq 3 ]
	# A priority is stronger.
	sed -i 's/{"name": "short"/{"priority": 1, "name": "short"/' job.jsonl
	stint run -q --explain -j 1 job.jsonl
	[[ "$(started)" == '1 '* ]]
}

@test "history: --no-history neither reads nor writes it" {
	echo '{"name": "a", "exec": ["sleep", "0.05"]}' >job.jsonl
	stint run -q --no-history job.jsonl
	[ ! -e state ]
	stint run -q job.jsonl
	cp $HISTORY before
	stint run -q --explain --no-history job.jsonl
	cmp before $HISTORY
	why 1 'nothing is known of it'
}

@test "history: whatever is in its place, the run goes well" {
	echo '{"name": "a", "exec": ["sleep", "0.01"]}' >job.jsonl
	good() {
		stint run -q job.jsonl
		[ "$status" -eq 0 ]
		[ ! -s err ] || terse
	}
	mkdir -p state/stint
	for text in '' garbage '{"name":"a","use":-5,"tasks":1,"walls":[1e999]}' '{"name":"a","use":"x","walls":{"b":[]}}' \
		'[1,2' '{"name":"a","use":1,"tasks":1,"walls":[-1,"x",null]}' null; do
		echo "$text" >$HISTORY
		good
		[ "$(wc -l <$HISTORY)" -eq 2 ]
	done
	head -c 300000 /dev/urandom >$HISTORY
	good
	[ "$(wc -l <$HISTORY)" -eq 2 ]
	{ printf '{"name":"%05000d"}\n' 1 && head -c 100000 /dev/zero; } >$HISTORY
	good
	rm $HISTORY && mkdir $HISTORY
	good
	[ "$(ls state/stint)" = history.jsonl ]
	rmdir $HISTORY && mkfifo $HISTORY
	good
	rm -r state && touch state
	good
	XDG_STATE_HOME=/proc/self/nowhere good
	XDG_STATE_HOME='' HOME=/proc/self/nowhere good
	XDG_STATE_HOME=relative HOME='' good
	[ ! -e relative ]
	XDG_STATE_HOME='' HOME=$PWD/home good
	[ -s home/.local/state/stint/history.jsonl ]
}

@test "history: its size is bounded, the latest stay" {
	for i in $(seq 1200); do
		echo "{\"name\": \"kind $i\", \"sleep\": 0.0001}"
	done >job.jsonl
	stint run -q job.jsonl
	[ "$(wc -l <$HISTORY)" -eq 1000 ]
	echo '{"name": "the last", "sleep": 0.0001}' >job.jsonl
	stint run -q job.jsonl
	[ "$(wc -l <$HISTORY)" -eq 1000 ]
	has $HISTORY '"the last"'
}

@test "history: runs at once do not damage it" {
	pids=
	for i in 1 2 3 4; do
		for j in $(seq 50); do
			echo "{\"name\": \"kind $i $j\", \"sleep\": 0.0001}"
		done >"job$i.jsonl"
	done
	for i in 1 2 3 4; do
		for _ in 1 2 3 4 5; do
			"$STINT" run -q "job$i.jsonl" 3>&- 4>&-
		done &
		pids="$pids $!"
	done
	for pid in $pids; do
		wait "$pid"
	done
	[ "$(ls state/stint)" = history.jsonl ]
	python3 -c 'import json, sys; all(map(json.loads, open(sys.argv[1])))' $HISTORY
	[ "$(wc -l <$HISTORY)" -ge 50 ]
}

@test "idle core-time is accounted for, by cause" {
	sums() {
		json summary 'abs(sum(v["idle"].values()) - (v["cores"] * v["wall"] - v["user"] - v["sys"])) <= 0.05 * v["cores"] * v["wall"] + 0.02' \
			'min(v["idle"].values()) >= 0' "$@"
	}
	cat >mixed.jsonl <<-'END'
		{"repeat": 2, "shell": "sleep 0.1; i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done"}
		{"repeat": 10, "cpu": {"spin": 0.01}}
		{"repeat": 3, "exec": ["sleep", "0.2"]}
	END
	stint run -j 2 --summary summary mixed.jsonl
	sums
	stint run -j 2 --summary summary mixed.jsonl # with what was learned
	sums
	echo '{"resources": {"gpu": 1}, "tasks": [{"repeat": 2, "uses": "gpu", "sleep": 0.2}]}' >uses.json
	stint run -j 2 --summary summary uses.json
	sums 'v["idle"]["resources"] >= 0.3'
	has err ' resources'
	echo '{"tasks": [{"id": "a", "sleep": 0.3}, {"needs": ["a"], "cpu": {"spin": 0.01}}]}' >needs.json
	stint run -j 2 --summary summary needs.json
	sums 'v["idle"]["needs"] >= 0.5'
	has err ' needs'
	echo '{"tasks": [{"retries": 1, "backoff": 0.5, "exec": ["false"]}]}' >retries.json
	stint run -j 2 --summary summary retries.json
	sums 'v["idle"]["backoff"] >= 0.4'
	echo '{"sleep": 0.2}' >sleep.jsonl
	stint run -j 2 --summary summary sleep.jsonl
	sums 'v["idle"]["no ready task"] >= 0.3'
}

@test "timeout as a percentage: of the median so far of its name, when three have ended" {
	cat >job.jsonl <<-'END'
		{"defaults": {"name": "step", "timeout": "300%", "class": "wait", "grace": 0}}
		{"id": "a", "repeat": 3, "shell": "sleep 0.05"}
		{"id": "late", "needs": ["a"], "shell": "sleep 600; :"}
		{"id": "other", "name": "alone", "shell": "sleep 0.6"}
	END
	stint run -q -o results job.jsonl
	[ "$status" -eq 1 ]
	records results 'r["late"]["status"] == "timeout" and r["late"]["wall"] < 60' 'r["other"]["status"] == "ok"' 'len(all) == 5'
	# Known from the run before.
	echo '{"name": "step", "timeout": "300%", "class": "wait", "grace": 0, "shell": "sleep 600; :"}' >job.jsonl
	stint run -q -o results job.jsonl
	records results 'all[0]["status"] == "timeout"'
	nothing_left
}
