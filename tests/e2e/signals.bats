#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Signals and deaths: what is recorded, what the exit status is, and that nothing is left behind.

load helpers

# Three kinds of tasks that do not end by themselves, beside one that ends at once.
endless() {
	cat >job.jsonl <<-'END'
		{"id": "done", "shell": "echo done"}
		{"id": "command", "class": "wait", "shell": "touch begun.command; sleep 600; :"}
		{"id": "sleep", "sleep": 600}
		{"id": "cpu", "cpu": {"spin": 600}}
	END
}

# under_way [MODEL]: starts stint on the endless tasks, and waits until they have begun.
under_way() {
	endless
	rm -f begun.*
	start run -m "${1:-hybrid}" -o results job.jsonl
	until_true 20 test -e begun.command
	[ "${1:-}" = async ] || until_true 20 lines_in results 1 # its loop is busy
}

signal() {
	kill "-$1" "$background"
}

@test "SIGTERM ends the tasks: status 143, records of all that was in progress" {
	under_way
	signal TERM
	finish
	[ "$status" -eq 143 ]
	records results 'r["done"]["status"] == "ok"' \
		'{i: e["status"] for i, e in r.items() if i != "done"} == dict.fromkeys(["command", "sleep", "cpu"], "cancelled")' \
		'r["command"]["signal"] == 15'
	has err 'stint: stopping'
	grep -q '4 tasks: 1 ok, 3 cancelled' err
	nothing_left
}

@test "SIGTERM in every model: nothing is left, records are whole" {
	for model in async threads gil hybrid; do
		under_way "$model"
		signal TERM
		finish
		[ "$status" -eq 143 ]
		records results 'len(all) >= 3' '{e["status"] for e in all} <= {"ok", "cancelled"}'  \
			'r["command"]["status"] == "cancelled"'
		nothing_left
	done
	for model in sync processes; do
		echo '{"repeat": 8, "shell": "touch begun; sleep 600; :"}' >job.jsonl
		rm -f begun
		start run -j 2 -m "$model" -o results job.jsonl
		until_true 20 test -e begun
		signal TERM
		finish
		[ "$status" -eq 143 ]
		records results 'len(all) >= 1' '{e["status"] for e in all} == {"cancelled"}'
		nothing_left
	done
}

@test "SIGHUP is as SIGTERM: status 129" {
	under_way
	signal HUP
	finish
	[ "$status" -eq 129 ]
	nothing_left
}

@test "the first SIGINT starts nothing more, says so, and lets tasks end: status 130" {
	cat >job.jsonl <<-'END'
		{"id": "first", "class": "cpu", "shell": "touch begun; until [ -e go ]; do sleep 0.02; done; echo ended"}
		{"id": "second", "repeat": 3, "class": "cpu", "shell": "touch second"}
	END
	start run -j 1 -m processes -o results job.jsonl
	until_true 20 test -e begun
	signal INT
	until_true 20 grep -q 'stint: stopping: no more' err
	touch go
	finish
	[ "$status" -eq 130 ]
	[ ! -e second ]
	same out ended
	records results 'r["first"]["status"] == "ok"' '{e["status"] for e in all[1:]} <= {"cancelled"}'
	has err 'not started'
}

@test "SIGINT while a stream is open ends the run when its tasks have" {
	mkfifo pipe
	exec 9<>pipe
	start run -o results - <pipe
	echo '{"id": "first", "class": "wait", "shell": "touch begun; until [ -e go ]; do sleep 0.02; done"}' >&9
	until_true 20 test -e begun
	signal INT
	until_true 20 grep -q 'stint: stopping' err
	echo '{"shell": "touch second"}' >&9
	touch go
	finish
	exec 9>&-
	[ "$status" -eq 130 ]
	[ ! -e second ]
	records results 'r["first"]["status"] == "ok"'
}

@test "SIGINT with nothing in progress ends it at once" {
	mkfifo pipe
	exec 9<>pipe
	start run -o results - <pipe
	echo '{"sleep": 0}' >&9
	until_true 20 lines_in results 1
	signal INT
	finish
	exec 9>&-
	[ "$status" -eq 130 ]
}

@test "the second SIGINT ends the tasks, the third kills them" {
	cat >job.jsonl <<-'END'
		{"id": "listens", "class": "wait", "shell": "trap 'echo tidied; exit 3' TERM; touch begun.1; while :; do sleep 0.02; done"}
		{"id": "not", "class": "wait", "shell": "trap 'touch termed' TERM; touch begun.2; while :; do sleep 0.02; done"}
	END
	start run -o results job.jsonl
	until_true 20 test -e begun.1 -a -e begun.2
	signal INT
	until_true 20 grep -q 'stopping: no more' err
	[ ! -e termed ]
	signal INT
	until_true 20 test -e termed
	until_true 20 lines_in results 1
	records results 'all[0]["id"] == "listens" and all[0]["status"] == "cancelled" and all[0]["stdout"] == "tidied\n"'
	signal INT
	finish
	[ "$status" -eq 130 ]
	records results 'r["not"]["status"] == "cancelled" and r["not"]["signal"] == 9'
	[ "$(grep -c 'stint: stopping' err)" -eq 3 ]
	nothing_left
}

@test "Ctrl-C on the terminal reaches stint, not its tasks" {
	cat >job.jsonl <<-'END'
		{"class": "wait", "shell": "trap 'touch hit' INT; touch begun; until [ -e go ]; do sleep 0.02; done; echo ended"}
	END
	start run -o results job.jsonl
	until_true 20 test -e begun
	kill -INT -- "-$background" # the whole process group, as a terminal does
	until_true 20 grep -q 'stopping: no more' err
	touch go
	finish
	[ "$status" -eq 130 ]
	[ ! -e hit ]
	records results 'all[0]["status"] == "ok"'
}

@test "nohup: a SIGHUP that was ignored stays ignored" {
	echo '{"class": "wait", "shell": "touch begun; until [ -e go ]; do sleep 0.02; done; echo ended"}' >job.jsonl
	trap '' HUP
	start run job.jsonl
	trap - HUP
	until_true 20 test -e begun
	signal HUP
	touch go
	finish
	[ "$status" -eq 0 ]
	same out ended
}

@test "signals that were blocked before stint was started do their work" {
	cat >blocked <<-'END'
		#!/usr/bin/env python3
		import os, signal, sys
		signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
		os.execv(sys.argv[1], sys.argv[1:])
	END
	chmod +x blocked
	echo '{"class": "wait", "shell": "echo x >>tries; sleep 600; :"}' >job.jsonl
	E2E_MARK=$mark ./blocked "$STINT" run -j 1 -o results job.jsonl >out 2>err 3>&- 4>&- &
	background=$!
	until_true 20 lines_in tries 1
	kill -KILL "$(workers)"
	until_true 20 lines_in tries 2
	signal TERM
	finish
	[ "$status" -eq 143 ]
	records results 'all[0]["status"] == "cancelled" and all[0]["attempt"] == 2'
	nothing_left
}

@test "kill -9 of stint ends workers and tasks" {
	for model in sync async threads gil processes hybrid; do
		cat >job.jsonl <<-'END'
			{"class": "wait", "shell": "sleep 600 & touch begun; sleep 600; :"}
			{"sleep": 600}
			{"cpu": {"spin": 600}}
		END
		rm -f begun
		start run -j 2 -m "$model" job.jsonl
		until_true 20 test -e begun
		signal KILL
		finish
		[ "$status" -eq 137 ]
		nothing_left
	done
}

@test "kill -9 of stint ends descendants in sessions of their own" {
	echo '{"class": "wait", "shell": "setsid sleep 600 & (setsid sh -c \"sleep 600; :\" &) ; touch begun; sleep 600"}' >job.jsonl
	start run job.jsonl
	until_true 20 test -e begun
	signal KILL
	finish
	nothing_left
}

@test "a reader that goes away: non-zero exit status, nothing is left" {
	for option in '' '-o -' '--output raw'; do
		echo '{"repeat": 100000, "print": "a line"}' >job.jsonl
		# shellcheck disable=SC2086 # words
		{ E2E_MARK=$mark timeout 240 "$STINT" run -q $option job.jsonl 2>err 3>&- && echo 0 >status || echo $? >status; } | head -n 1 >out
		until_true 20 test -s status
		[ "$(wc -l <out)" -eq 1 ]
		[ "$(cat status)" -ne 0 ]
		nothing_left
	done
	{
		echo '{"print": "a line"}'
		echo '{"class": "wait", "shell": "touch begun; sleep 600"}'
		echo '{"steps": [{"sleep": 0.2}, {"print": "a line"}]}'
		echo '{"steps": [{"sleep": 0.4}, {"print": "a line"}]}'
	} >job.jsonl
	rm -f status
	{ E2E_MARK=$mark timeout 240 "$STINT" run -q job.jsonl 3>&- 2>err && echo 0 >status || echo $? >status; } | head -n 1 >out
	until_true 20 test -s status
	[ "$(cat status)" -ne 0 ]
	nothing_left
}

@test "kill -9 of a worker: its tasks run again, as attempt 2" {
	for model in sync async threads gil processes hybrid; do
		cat >job.jsonl <<-'END'
			{"id": "command", "class": "wait", "shell": "echo $STINT_ATTEMPT >>attempts; until [ -e go ]; do sleep 0.02; done; echo ended"}
			{"id": "sleep", "sleep": 0.01}
			{"id": "cpu", "cpu": {"loop": 1000}}
		END
		rm -f attempts go
		start run -j 1 -m "$model" -o results job.jsonl
		until_true 20 lines_in attempts 1
		first=$(workers)
		kill -KILL "$first"
		until_true 20 lines_in attempts 2
		[ "$(workers)" != "$first" ]
		touch go
		finish
		[ "$status" -eq 0 ]
		same attempts 1 2
		same out ended
		records results 'len(all) == 3' 'r["command"]["attempt"] == 2 and r["command"]["status"] == "ok"' \
			'{e["status"] for e in all} == {"ok"}'
		has err 'killed by SIGKILL'
		nothing_left
	done
}

@test "what the tasks of a dead worker had started is ended before they run again" {
	echo '{"shell": "mkdir lock || exit 9; (setsid sh -c \"sleep 600; :\" &); sleep 600 & echo $! >pid; sleep 600; :"}' >job.jsonl
	start run -j 1 -o results job.jsonl
	until_true 20 test -s pid
	old=$(cat pid)
	kill -KILL "$(workers)"
	until_true 20 ended "$old"
	finish
	[ "$status" -eq 1 ]
	records results 'all[0]["exit"] == 9 and all[0]["attempt"] == 2'
	nothing_left
}

@test "a task that kills its worker three times is poisoned, the others are ok" {
	cat >job.jsonl <<-'END'
		{"id": "before", "repeat": 20, "shell": ":"}
		{"id": "bad", "shell": "echo x >>tries; kill -KILL $PPID; sleep 600"}
		{"id": "after", "repeat": 20, "shell": ":"}
		{"id": "cpu", "repeat": 20, "cpu": {"loop": 100}}
	END
	for model in sync threads processes hybrid; do
		rm -f tries
		stint run -j 2 -m "$model" -o results job.jsonl
		[ "$status" -eq 1 ]
		[ "$(wc -l <tries)" -le 4 ]
		records results 'len(all) == 61' 'r["bad"]["status"] == "poisoned"' 'r["bad"]["attempt"] <= 4' \
			'{e["status"] for e in all if e["id"] != "bad"} == {"ok"}'
		has err 'poisoned'
		nothing_left
	done
}

@test "the neighbours of a task that kills its worker are not poisoned with it" {
	cat >job.jsonl <<-'END'
		{"id": "sleeps", "repeat": 20, "sleep": 0.3}
		{"id": "waits", "class": "wait", "repeat": 5, "shell": "sleep 0.3"}
		{"id": "bad", "shell": "kill -KILL $PPID; sleep 600"}
		{"id": "steps", "repeat": 5, "steps": [{"sleep": 0.1}, {"cpu": {"loop": 1}}, {"sleep": 0.1}]}
	END
	for model in async threads gil hybrid; do
		stint run -j 1 -m "$model" -o results job.jsonl
		[ "$status" -eq 1 ]
		records results 'r["bad"]["status"] == "poisoned"' 'len(all) == 31' \
			'{e["status"] for e in all if e["id"] != "bad"} == {"ok"}'
	done
}

@test "a worker that is stopped and goes on loses nothing" {
	echo '{"repeat": 50, "sleep": 1}' >job.jsonl
	start run -j 2 -o results job.jsonl
	until_true 20 has_workers 1
	for pid in $(workers); do
		kill -STOP "$pid" && kill -CONT "$pid" || :
	done
	finish
	[ "$status" -eq 0 ]
	records results 'len(all) == 50' '{e["attempt"] for e in all} == {1}'
}

@test "stint that is stopped and goes on loses nothing, and reports no false timeout" {
	{
		echo '{"repeat": 20, "timeout": 60, "sleep": 0.2}'
		echo '{"timeout": 60, "class": "wait", "shell": "until [ -e go ]; do sleep 0.02; done"}'
	} >job.jsonl
	start run -o results job.jsonl
	until_true 20 has_workers 1
	for _ in {1..20}; do # whichever of the two comes first
		signal TSTP
		signal CONT
	done
	touch go
	finish
	[ "$status" -eq 0 ]
	records results 'len(all) == 21' '{e["status"] for e in all} == {"ok"}'
}

@test "kill -9 of stint and all its workers at once: what tasks started in sessions of their own ends, too" {
	cat >job.jsonl <<-'END'
		{"repeat": 2, "class": "wait", "shell": "setsid sleep 600 & (setsid sh -c \"setsid sleep 600; :\" &) ; sleep 600 & touch begun.$STINT_TASK_ID; sleep 600; :"}
	END
	start run -j 2 job.jsonl
	until_true 20 test -e begun.1.1 -a -e begun.1.2
	# shellcheck disable=SC2046 # one word a worker
	kill -KILL "$background" $(workers)
	finish
	[ "$status" -eq 137 ]
	nothing_left
}

@test "kill -9 of the process group, as a shell does to a job: nothing is left" {
	echo '{"class": "wait", "shell": "setsid sleep 600 & touch begun; sleep 600"}' >job.jsonl
	start run -j 2 job.jsonl
	until_true 20 test -e begun
	kill -KILL -- "-$background"
	finish
	nothing_left
}
