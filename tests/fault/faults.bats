#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Faults, injected: nothing is lost, nothing is left behind. `make fault` runs them whole, `make check` scaled down.

load ../e2e/helpers

# each_once COUNT FILE: one record for each of so many tasks, and all of them ok.
each_once() {
	[ "$(wc -l <"$2")" -eq "$1" ]
	[ "$(grep -c '"status":"ok"' "$2")" -eq "$1" ]
	[ "$(cut -d'"' -f4 "$2" | sort -u | wc -l)" -eq "$1" ]
}

# kill_workers COUNT HOW LEAST: kills workers while the run lasts, `one` at random or `all` at once, and so often at least.
kill_workers() {
	python3 "$TOP/tests/fault/kill_workers.py" "$background" "$1" "$2" results >killed
	echo "# $(cat killed)" >&3
	[ "$(cut -d' ' -f1 killed)" -ge "$3" ]
}

@test "1: a random worker is killed again and again: one final record a task" {
	tasks=$(full 20000 100000)
	{
		echo '{"stint": 1, "defaults": {"crash_limit": 50}}' # one may be in hand again and again
		yes "{\"cpu\":{\"loop\":$(full 100000 1500000)}}" | head -n "$tasks"
	} >job.jsonl
	start run -q -j 2 -o results job.jsonl
	until_true 30 lines_in results 1
	kill_workers "$(full 20 1000)" one "$(full 3 1000)"
	finish 300
	[ "$status" -eq 0 ]
	each_once "$tasks" results
	nothing_left
}

@test "2: all workers are killed at once: no zombies, no descriptors lost, all tasks end" {
	tasks=$(full 1500 8000)
	echo "{\"repeat\": $tasks, \"crash_limit\": 50, \"shell\": \"sleep 0.01\"}" >job.jsonl
	start run -q -j 4 -o results job.jsonl
	until_true 30 lines_in results 1
	kill_workers "$(full 10 200)" all "$(full 1 200)"
	finish 300
	[ "$status" -eq 0 ]
	each_once "$tasks" results
	nothing_left
}

@test "4: stint is stopped for long: no false timeout, nothing runs twice" {
	# Tasks end, and write, while nobody listens; others go on across all of it.
	cat >job.jsonl <<-END
		{"id": "quick", "repeat": 50, "class": "wait", "timeout": 4, "shell": "echo x >>quick; sleep 0.05"}
		{"id": "sleeps", "repeat": 50, "timeout": 4, "sleep": 0.1}
		{"id": "writes", "repeat": 4, "class": "wait", "timeout": $(full 4 50), "shell": "sleep 0.1; head -c 3000000 /dev/zero"}
		{"id": "long", "class": "wait", "shell": "touch begun; until [ -e go ]; do sleep 0.05; done"}
	END
	start run -q -j 2 --output none -o results job.jsonl
	until_true 20 test -e begun
	kill -STOP "$background"
	sleep "$(full 4.5 60)" # longer than any of the timeouts
	touch go
	kill -CONT "$background"
	finish
	[ "$status" -eq 0 ]
	records results 'len(all) == 105' '{(e["status"], e["attempt"]) for e in all} == {("ok", 1)}'
	lines_in quick 50 && ! lines_in quick 51
	nothing_left
}

@test "5: tasks that kill their worker are poisoned, all the others are ok" {
	others=$(full 500 10000) bad=$(full 6 100)
	{
		for ((i = 0; i < bad; i++)); do
			echo "{\"id\": \"other.$i\", \"repeat\": $((others / bad)), \"cpu\": {\"loop\": 1000}}"
			echo "{\"id\": \"bad.$i\", \"shell\": \"kill -KILL \$PPID; sleep 600\"}"
		done
	} >job.jsonl
	stint run -q -j 2 -o results job.jsonl
	[ "$status" -eq 1 ]
	[ "$(wc -l <results)" -eq $((others / bad * bad + bad)) ]
	[ "$(grep -c '"id":"bad.*"status":"poisoned"' results)" -eq "$bad" ]
	[ "$(grep -c '"id":"other.*"status":"ok"' results)" -eq $((others / bad * bad)) ]
	nothing_left
}

@test "6: a worker that exits at start: a bounded number of starts, a message, exit 3" {
	printf '#!/bin/sh\necho x >>starts\nexit 1\n' >worker
	chmod +x worker
	echo '{"repeat": 1000, "shell": "touch ran"}' >job.jsonl
	stint run -q -j 4 --worker ./worker job.jsonl
	[ "$status" -eq 3 ]
	[ "$(wc -l <starts)" -le 20 ]
	has err './worker'
	[ ! -e ran ]
}

@test "20: 10 MB both ways over a worker's pipes" {
	# Tasks of 1 MB, which print 1 MB each, with everything recorded.
	text=$(head -c 100000 /dev/zero | tr '\0' x)
	python3 - "$text" >job.jsonl <<-'END'
		import json, sys
		for i in range(12):
		    print(json.dumps({"env": {f"V{j}": sys.argv[1] for j in range(10)},
		                      "shell": "for i in 0 1 2 3 4 5 6 7 8 9; do printf %s \"$V0\"; done; printf %s \"$V1\" >&2"}))
	END
	for how in group raw; do
		stint run -j 1 -q --output "$how" -o results job.jsonl
		[ "$status" -eq 0 ]
		[ "$(tr -d x <out | wc -c)" -eq 0 ]
		[ "$(wc -c <out)" -eq 12000000 ]
		records results 'len(all) == 12' '{len(e["stdout"]) for e in all} == {1000000}' '{len(e["stderr"]) for e in all} == {100000}'
	done
	# A reader that is slow to begin.
	mkfifo pipe
	E2E_MARK=$mark "$STINT" run -q -j 2 job.jsonl >pipe 2>err 3>&- 4>&- &
	background=$!
	exec 9<pipe
	until_true 20 pgrep -P "$background" >/dev/null
	wc -c <&9 >size
	exec 9<&-
	finish
	[ "$status" -eq 0 ]
	[ "$(cat size)" -eq 12000000 ]
}

@test "21: a worker and a job file a byte at a time" {
	cat >worker <<-END
		#!/usr/bin/env python3
		# Between stint and its worker, a byte a write in both directions.
		import os, subprocess, sys, threading
		worker = subprocess.Popen(["$(dirname "$STINT")/stint-worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
		def pass_on(source, sink):
		    while data := os.read(source, 4096):
		        for i in range(len(data)):
		            os.write(sink, data[i:i + 1])
		    os.close(sink)
		threading.Thread(target=pass_on, args=(0, worker.stdin.fileno()), daemon=True).start()
		pass_on(worker.stdout.fileno(), 1)
		os._exit(worker.wait())
	END
	chmod +x worker
	cat >job.jsonl <<-'END'
		{"id": "ä\u00e4", "shell": "echo ü; printf '\\377'"}
		{"id": "steps", "steps": [{"sleep": 0.01}, {"cpu": {"loop": 1}}, {"print": "y"}]}
		{"id": "many", "repeat": 20, "cpu": {"loop": 1}}
	END
	python3 -c '
import sys
for byte in open("job.jsonl", "rb").read():
    sys.stdout.buffer.write(bytes([byte]))
    sys.stdout.buffer.flush()' | (stint run -q -j 2 --worker ./worker -o results - && echo "$status" >status)
	status=$(cat status)
	[ "$status" -eq 0 ]
	records results 'len(all) == 22' '{e["status"] for e in all} == {"ok"}' '{e["attempt"] for e in all} == {1}' \
		'r["ää"]["stdout_base64"] == "w7wK/w=="'
	nothing_left
}

peak_of() { # in kB
	awk '/^VmHWM/ { print $2 }' "/proc/$1/status" 2>/dev/null || echo 0
}

@test "22: yes in every slot: bounded memory, and truncated is set" {
	echo "{\"repeat\": 4, \"class\": \"wait\", \"timeout\": $(full 1 60), \"exec\": [\"yes\"]}" >job.jsonl
	start run -q -j 2 --output none -o results job.jsonl
	until_true 20 has_workers 2
	peak=0
	while ! ended "$background"; do
		for pid in "$background" $(workers); do
			now=$(peak_of "$pid")
			[ "${now:-0}" -le "$peak" ] || peak=$now
		done
		sleep 0.05
	done
	finish
	[ "$status" -eq 1 ]
	records results 'len(all) == 4' '{e["status"] for e in all} == {"timeout"}' '{e.get("truncated") for e in all} == {True}' \
		'{len(e["stdout"]) for e in all} == {1048576}'
	[ -n "${SANITIZE:-}" ] || [ "$peak" -lt 64000 ]
	# Shown as it comes, to a reader that does not keep up.
	mkfifo pipe
	E2E_MARK=$mark "$STINT" run -q -j 2 --output raw job.jsonl >pipe 2>err 3>&- 4>&- &
	background=$!
	exec 9<pipe
	until_true 20 has_workers 2
	peak=0
	while ! ended "$background"; do
		for pid in "$background" $(workers); do
			now=$(peak_of "$pid")
			[ "${now:-0}" -le "$peak" ] || peak=$now
		done
		head -c 65536 <&9 >/dev/null
	done
	exec 9<&-
	finish
	[ -n "${SANITIZE:-}" ] || [ "$peak" -lt 128000 ]
	nothing_left
}

@test "23: a grandchild that holds stdout does not hold the result" {
	n=$(full 10 200)
	echo "{\"repeat\": $n, \"shell\": \"echo said; sleep 600 &\"}" >job.jsonl
	echo "{\"id\": \"far\", \"repeat\": $n, \"shell\": \"echo said; setsid sleep 600 &\"}" >>job.jsonl
	stint run -q -o results job.jsonl
	[ "$status" -eq 0 ]
	each_once $((2 * n)) results
	[ "$(grep -c '^said$' out)" -eq $((2 * n)) ]
	nothing_left
}

@test "24: a timeout with grandchildren in sessions of their own: nothing survives its record" {
	n=$(full 6 200)
	cat >job.jsonl <<-END
		{"id": "other", "class": "wait", "shell": "until [ -e go ]; do sleep 0.05; done"}
		{"repeat": $n, "class": "wait", "timeout": 0.3, "grace": 0.1, "shell": "(setsid sleep 600 &); (setsid sh -c 'trap : TERM; (setsid sleep 600 &) ; while :; do sleep 1; done' &); sleep 600"}
	END
	start run -q -j 2 -o results job.jsonl
	until_true 120 lines_in results "$n"
	# What is there yet is stint, its guard and workers, and the other one.
	for pid in $(marked); do
		task=$(tr '\0' '\n' 2>/dev/null <"/proc/$pid/environ" | sed -n 's/^STINT_TASK_ID=//p')
		[ -z "$task" ] || [ "$task" = other ]
	done
	touch go
	finish
	[ "$status" -eq 1 ]
	records results "[e['status'] for e in all].count('timeout') == $n"
	nothing_left
}

@test "25: a task that ignores TERM is killed when its grace is over" {
	grace=$(full 0.5 5)
	echo "{\"repeat\": $(full 4 50), \"class\": \"wait\", \"timeout\": 0.2, \"grace\": $grace, \"shell\": \"trap '' TERM; while :; do sleep 0.1; done\"}" >job.jsonl
	stint run -q -o results job.jsonl
	[ "$status" -eq 1 ]
	records results '{(e["status"], e["signal"]) for e in all} == {("timeout", 9)}' "min(e['wall'] for e in all) >= 0.2 + $grace"
	# 100 ms, and allowance for a busy machine.
	[ -z "${FULL:-}" ] || records results "sorted(e['wall'] for e in all)[len(all) // 2] < 0.3 + $grace"
	nothing_left
}

# ms: a clock.
ms() {
	echo "$((${EPOCHREALTIME/./} / 1000))"
}

@test "26: stint is killed at random instants: no survivors" {
	{
		echo '{"repeat": 20, "class": "wait", "shell": "sleep 600 & sleep 600; :"}'
		echo '{"repeat": 20, "sleep": 600}'
		echo '{"repeat": 200, "exec": ["true"]}'
		echo '{"repeat": 4, "class": "wait", "shell": "setsid sh -c \"sleep 600; :\" & sleep 600"}'
	} >job.jsonl
	for ((i = 0; i < $(full 25 1000); i++)); do
		start run -q -j 2 -o results job.jsonl
		sleep "0.0$((RANDOM % 80 + 10))" # the instant, not a wait for something
		began=$(ms)
		kill -KILL "$background"
		finish >/dev/null
		nothing_left
		echo "$(($(ms) - began))" >>took
	done
	echo "# until nothing is left, in ms: $(sort -n took | awk '{ at[NR] = $1 } END { print "median " at[int((NR + 1) / 2)] ", worst " at[NR] }')" >&3
	[ -z "${FULL:-}" ] || [ "$(sort -n took | sed -n 500p)" -lt 1000 ]
}

@test "26: the guard is killed, then stint and all workers at once: no survivors" {
	# shellcheck disable=SC2016 # for the tasks
	echo '{"repeat": 4, "class": "wait", "shell": "(setsid sleep 600 &); touch begun.$STINT_TASK_ID; sleep 600"}' >job.jsonl
	start run -q -j 2 job.jsonl
	for i in 1 2 3 4; do until_true 20 test -e "begun.1.$i"; done
	old=$(pgrep -P "$background" stint-guard)
	kill -KILL "$old"
	until_true 20 other_guard "$old"
	# shellcheck disable=SC2046 # one word a worker
	kill -KILL "$background" $(workers)
	finish
	nothing_left
}

other_guard() {
	pgrep -P "$background" stint-guard | grep -qvx "$1"
}

@test "31: the reader of the output goes away: non-zero exit status, no survivors" {
	{
		echo '{"repeat": 5, "class": "wait", "shell": "setsid sleep 600 & sleep 600"}'
		echo '{"repeat": 100000, "print": "line"}'
	} >job.jsonl
	for ((i = 0; i < $(full 3 100); i++)); do
		rm -f status
		{ E2E_MARK=$mark "$STINT" run -q job.jsonl 2>err 3>&- && echo 0 >status || echo $? >status; } | head -n 1 >out
		until_true 20 test -s status
		[ "$(cat status)" -ne 0 ]
		nothing_left
	done
}

@test "32: a storm of signals changes nothing in the results" {
	tasks=$(full 300 3000)
	echo "{\"repeat\": $tasks, \"steps\": [{\"sleep\": 0.001}, {\"exec\": [\"true\"]}, {\"cpu\": {\"primes\": 10000}}]}" >job.jsonl
	# A sanitizer that looks for leaks at the end never gets its threads to stand still.
	ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 start run -q -o results job.jsonl
	python3 - "$background" <<-'END'
		import os, signal, sys, time
		pid = int(sys.argv[1])
		try:
		    while open(f"/proc/{pid}/stat").read().split(") ")[1][0] not in "ZX":
		        with open(f"/proc/{pid}/task/{pid}/children") as file:
		            workers = [int(word) for word in file.read().split()]
		        for each in [pid] + workers:
		            try:
		                for number in signal.SIGCHLD, signal.SIGCONT, signal.SIGWINCH, signal.SIGURG:
		                    os.kill(each, number)
		            except ProcessLookupError:
		                pass
		        time.sleep(0.002)
		except (OSError, IndexError):
		    pass
	END
	finish
	[ "$status" -eq 0 ]
	each_once "$tasks" results
	[ "$(grep -c '"value":1229' results)" -eq "$tasks" ]
}

@test "34: a task sees fds 0, 1 and 2" {
	# Also when there are many pipes, and when workers were replaced.
	cat >job.jsonl <<-'END'
		{"repeat": 60, "class": "wait", "shell": "for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 20 30 40 50 60 70 80 90 100 110 120 130; do [ ! -e /proc/$$/fd/$i ] || printf '%s ' $i; done; sleep 0.1"}
	END
	start run -q -j 2 --output group -o results job.jsonl
	until_true 20 has_workers 2
	workers | head -n 1 | xargs kill -KILL
	finish
	[ "$status" -eq 0 ]
	records results 'len(all) == 60' '{e["stdout"] for e in all} == {"0 1 2 "}'
}

@test "35: hostile umask, signals, locale and limits: a task's state is the documented one" {
	cat >job.jsonl <<-'END'
		{"exec": ["cat", "/proc/self/status"]}
	END
	(
		trap '' INT TERM QUIT HUP PIPE USR1 USR2 ALRM CHLD TSTP TTOU TTIN
		umask 0777
		ulimit -c 0
		LC_ALL=xx_XX TZ=nowhere IFS=x POSIXLY_CORRECT=1 "$STINT" run -q job.jsonl
	) >state
	[ "$(grep -cE '^Sig(Blk|Ign|Cgt):.0{16}$' state)" -eq 3 ]
	grep -q '^Umask:.0777$' state
	# SIGKILL and the rest still reach what runs under ignored signals.
	echo '{"timeout": 0.2, "exec": ["sleep", "600"]}' >late.jsonl
	(
		trap '' INT TERM CHLD
		stint run -q -o results late.jsonl
	)
	records results 'all[0]["status"] == "timeout" and all[0]["signal"] == 15'
}
