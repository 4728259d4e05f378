#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Few descriptors, pipes, processes and little memory: what there is not is waited for, nothing is lost.

load ../e2e/helpers

# poor_stint LIMITS ARG...: runs it as a user that has no other process; LIMITS are options of prlimit(1).
poor_stint() {
	local limits=$1

	shift
	chmod a+r ./*
	# shellcheck disable=SC2086 # words
	E2E_MARK=$mark "${as_poor[@]}" prlimit $limits "$STINT" "$@" >out 2>err 3>&- 4>&- &
	background=$!
	finish 100
}

# all_ok COUNT: as many records, each of a first attempt that was ok.
all_ok() {
	records results "len(all) == $1" '{(e["status"], e["attempt"]) for e in all} == {("ok", 1)}'
}

# hold: until `release`, tasks that run `flock -s gate true` wait.
hold() {
	touch gate
	chmod a+rw gate
	exec 8<>gate
	flock 8
}

release() {
	exec 8>&-
}

# ticks: the CPU time of what was started and its workers.
ticks() {
	local pid

	for pid in "$background" $(workers); do
		sed 's/.*) //' "/proc/$pid/stat"
	done | awk '{ sum += $12 + $13 } END { print sum }'
}

children_of_workers() {
	local pid

	for pid in $(workers); do
		pgrep -P "$pid" || :
	done | wc -l
}

has_commands() {
	[ "$(children_of_workers)" -ge "$1" ]
}

@test "17: 10,000 tasks in flight with 1,024 descriptors: all finish, and stint idles meanwhile" {
	commands=$(full 200 1200) sleeps=$(full 9800 8800) files=$(full 256 1024)
	hold
	{
		echo "{\"repeat\": $commands, \"class\": \"wait\", \"exec\": [\"flock\", \"-s\", \"gate\", \"true\"]}"
		echo "{\"repeat\": $sleeps, \"sleep\": $(full 1 20)}"
	} >job.jsonl
	(
		ulimit -n "$files"
		exec 8>&-
		E2E_MARK=$mark exec "$STINT" run -q -j 2 -o results job.jsonl 2>err 3>&- 4>&-
	) &
	background=$!
	until_true 60 has_commands "$(full 190 900)"
	if [ -n "${FULL:-}" ]; then
		before=$(ticks)
		sleep 4 # the time that is measured
		used=$(($(ticks) - before))
		echo "# idle: $used of 400 ticks" >&3
		[ "$used" -lt 20 ]
	fi
	release
	finish 120
	[ "$status" -eq 0 ]
	all_ok $((commands + sleeps))
	nothing_left
}

@test "18: more pipes than a user has full-sized ones for: no deadlock" {
	# Past 1,024 pipes of a user the kernel makes them small. Each command has two.
	needs_poor
	commands=$(full 60 700)
	hold
	cat >job.jsonl <<-END
		{"repeat": $commands, "class": "wait", "shell": "exec 3<>gate; head -c 100000 /dev/zero | tr '\\\\0' x; flock -s 3; exec 3>&-; head -c 100000 /dev/zero | tr '\\\\0' y; head -c 100000 /dev/zero | tr '\\\\0' z >&2"}
	END
	chmod a+r ./*
	set -m
	E2E_MARK=$mark "${as_poor[@]}" "$STINT" run -q -j 2 -o results job.jsonl >out 2>err 3>&- 4>&- 8>&- &
	background=$!
	set +m
	until_true 120 has_commands "$commands"
	release
	finish 120
	[ "$status" -eq 0 ]
	all_ok "$commands"
	records results '{(len(e["stdout"]), len(e["stderr"])) for e in all} == {(200000, 100000)}'
	[ "$(wc -c <out)" -eq $((commands * 200000)) ]
	nothing_left
}

@test "19: no processes to be had for a while: every task runs in the end, once" {
	needs_poor
	echo "{\"repeat\": $(full 60 2000), \"class\": \"wait\", \"exec\": [\"sleep\", \"0.1\"]}" >job.jsonl
	poor_stint --nproc=24 run -q -j 2 -o results job.jsonl
	[ "$status" -eq 0 ]
	all_ok "$(full 60 2000)"
	# At the very edge, where a thread for what computes is not to be had at once either.
	{
		echo "{\"repeat\": 20, \"class\": \"wait\", \"exec\": [\"sleep\", \"0.02\"]}"
		echo "{\"repeat\": 10, \"cpu\": {\"loop\": 1000}}"
	} >job.jsonl
	for edge in 8 9 10 $(full '' '11 12 14 16'); do
		poor_stint "--nproc=$edge" run -q -j 2 -o results job.jsonl
		[ "$status" -eq 0 ]
		all_ok 30
	done
	nothing_left
}

@test "19: one worker where two are wanted: it does the work" {
	# Who else uses the same limit has taken what the second one would need.
	needs_poor
	echo '{"repeat": 50, "sleep": 0.01}' >job.jsonl
	poor_stint --nproc=4 run -q -j 2 -o results job.jsonl
	[ "$status" -eq 0 ]
	all_ok 50
}

@test "19: no process for any worker: it is said, and tried again until there is one" {
	needs_poor
	echo '{"exec": ["true"]}' >job.jsonl
	chmod a+r ./*
	E2E_MARK=$mark "${as_poor[@]}" sleep 600 & # to reach the limit until it goes
	E2E_MARK=$mark "${as_poor[@]}" sleep 600 &
	other=$!
	E2E_MARK=$mark "${as_poor[@]}" prlimit --nproc=4 "$STINT" run -q -j 1 -o results job.jsonl >out 2>err 3>&- 4>&- &
	background=$!
	until_true 20 grep -qs 'cannot start a worker: .*; trying again' err
	for pid in $(marked); do
		[ "$(cat "/proc/$pid/comm")" != sleep ] || kill "$pid"
	done
	ended "$other" || wait "$other" || :
	finish
	[ "$status" -eq 0 ]
	all_ok 1
}

@test "27: a fork bomb: only that task fails, and it is gone" {
	needs_poor
	cat >bomb.py <<-'END'
		import os, time
		while True:
		    try:
		        if os.fork() == 0 and os.getpid() % 3 == 0:
		            os.setsid()
		    except OSError:
		        time.sleep(0.001)
	END
	cat >job.jsonl <<-'END'
		{"id": "bomb", "class": "wait", "timeout": 1, "grace": 0.2, "stdin": "bomb.py", "exec": ["python3", "-"]}
		{"id": "sleeps", "repeat": 5, "class": "wait", "exec": ["sleep", "1.5"]}
	END
	for ((i = 0; i < $(full 1 10); i++)); do
		poor_stint "--nproc=$(full 150 400)" run -q -j 2 -o results job.jsonl
		[ "$status" -eq 1 ]
		records results 'r["bomb"]["status"] == "timeout"' 'len(all) == 6' '{e["status"] for e in all if e["id"] != "bomb"} == {"ok"}'
		nothing_left
	done
}

@test "28: a task over its memory fails and says so, the others are ok" {
	cat >job.jsonl <<-'END'
		{"id": "big", "class": "wait", "memory": "100M", "exec": ["python3", "-c", "x = bytearray(200_000_000); import time; time.sleep(600)"]}
		{"id": "many", "class": "wait", "memory": "100M", "shell": "for i in 1 2 3; do setsid python3 -c 'x = bytearray(50_000_000); import time; time.sleep(600)' & done; wait"}
		{"id": "quick", "class": "wait", "memory": "100M", "exec": ["python3", "-c", "x = bytearray(150_000_000)"]}
		{"id": "within", "class": "wait", "memory": "1G", "exec": ["python3", "-c", "x = bytearray(150_000_000); import time; time.sleep(0.2)"]}
		{"id": "free", "class": "wait", "exec": ["python3", "-c", "x = bytearray(150_000_000)"]}
	END
	for ((i = 0; i < $(full 1 20); i++)); do
		stint run -q -o results job.jsonl
		[ "$status" -eq 1 ]
		records results '{i: e["status"] for i, e in r.items()} == {"big": "failed", "many": "failed", "quick": "failed", "within": "ok", "free": "ok"}' \
			'not [i for i in ("big", "many", "quick") if not r[i]["error"].startswith("took 1")]' \
			'not [i for i in ("big", "many", "quick") if not r[i]["error"].endswith(" MiB, more than its memory of 100 MiB")]' \
			'r["big"]["signal"] == 9'
		nothing_left
	done
}
