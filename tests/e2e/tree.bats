#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The ends and limits of commands: all of their processes, their grace, memory, nice and threads.

load helpers

# alive FILE: the process whose number is in it.
alive() {
	kill -0 "$(cat "$1")" 2>/dev/null
}

dead() {
	! alive "$1"
}

@test "grace: what ignores TERM is killed when it is over, and not before" {
	cat >job.jsonl <<-'END'
		{"id": "deaf", "class": "wait", "timeout": 0.2, "grace": 0.5, "shell": "trap '' TERM; sleep 600 & while :; do sleep 0.05; done"}
		{"id": "slow", "class": "wait", "timeout": 0.2, "grace": "30s", "shell": "trap 'sleep 0.6; echo tidied; exit 3' TERM; while :; do sleep 0.05; done"}
		{"id": "none", "class": "wait", "timeout": 0.2, "grace": 0, "shell": "trap 'echo termed' TERM; while :; do sleep 0.05; done"}
	END
	stint run -q -o results job.jsonl
	[ "$status" -eq 1 ]
	records results '{e["status"] for e in all} == {"timeout"}' \
		'r["deaf"]["signal"] == 9 and r["deaf"]["wall"] >= 0.7' \
		'r["slow"]["exit"] == 3 and r["slow"]["stdout"] == "tidied\n"' \
		'r["none"]["signal"] == 9 and "stdout" not in r["none"]'
	nothing_left
}

@test "grace: it is that of the descendants as well, wherever they are" {
	cat >job.jsonl <<-'END'
		{"timeout": 0.5, "grace": "30s", "shell": "sh -c 'trap \"sleep 0.3; touch near; exit\" TERM; while :; do sleep 0.05; done' & setsid sh -c 'trap \"sleep 0.5; touch far; exit\" TERM; while :; do sleep 0.05; done' & sleep 600"}
	END
	stint run -q -o results job.jsonl
	records results 'all[0]["status"] == "timeout" and all[0]["signal"] == 15'
	[ -e near ]
	[ -e far ]
	nothing_left
}

@test "grace: a stop on request keeps it" {
	tidies=$(full 0.6 8) # longer than any default
	cat >job.jsonl <<-END
		{"id": "slow", "class": "wait", "grace": "30s", "shell": "trap 'sleep $tidies; echo tidied; exit 3' TERM; touch begun.1; while :; do sleep 0.05; done"}
		{"id": "deaf", "class": "wait", "grace": 0.3, "shell": "trap '' TERM; touch begun.2; while :; do sleep 0.05; done"}
	END
	start run -o results job.jsonl
	until_true 20 test -e begun.1 -a -e begun.2
	kill -TERM "$background"
	finish
	records results 'r["slow"]["stdout"] == "tidied\n" and r["slow"]["exit"] == 3' 'r["deaf"]["signal"] == 9'
	nothing_left
}

@test "a timeout ends daemons, stopped processes and those that left the group" {
	cat >job.jsonl <<-'END'
		{"timeout": 0.5, "grace": 0.3, "shell": "(setsid sh -c '(setsid sh -c \"trap : TERM; while :; do sleep 600; done\" &)' &); setsid sh -c 'kill -STOP $$; sleep 600' & python3 -c 'import os, time; os.setpgid(0, 0); time.sleep(600)' & (env -i setsid sleep 600 & echo $! >bare.pid); sleep 600"}
	END
	stint run -q -o results job.jsonl
	[ "$status" -eq 1 ]
	records results 'all[0]["status"] == "timeout"'
	nothing_left
	dead bare.pid
}

@test "what a task leaves behind ends with it, while others on its worker go on" {
	cat >job.jsonl <<-'END'
		{"id": "other", "class": "wait", "shell": "(setsid sleep 600 & echo $! >other.pid); touch other.begun; until [ -e go ]; do sleep 0.02; done; kill -0 $(cat other.pid) && echo lives"}
		{"id": "stray", "class": "wait", "shell": "until [ -e other.begun ]; do sleep 0.02; done; (setsid sleep 600 >/dev/null 2>&1 & echo $! >stray.pid); (setsid sh -c 'sleep 600; :' >/dev/null 2>&1 & echo $! >deep.pid)"}
	END
	start run -q -j 1 -m hybrid -o results job.jsonl
	until_true 20 lines_in results 1
	dead stray.pid
	dead deep.pid
	touch go
	finish
	[ "$status" -eq 0 ]
	same out lives
	nothing_left
}

@test "what has no mark any more ends with the last task of its worker" {
	cat >job.jsonl <<-'END'
		{"shell": "(env -i setsid sleep 600 >/dev/null 2>&1 & echo $! >pid)"}
		{"id": "later", "class": "wait", "sleep": 0.3}
	END
	stint run -q -j 1 job.jsonl
	[ "$status" -eq 0 ]
	dead pid
}

@test "a task that runs stint: all that this runs ends with it" {
	cat >inner.jsonl <<-'END'
		{"repeat": 2, "class": "wait", "shell": "(setsid sleep 600 & echo $! >stray.$STINT_TASK_ID); (setsid sh -c 'trap : TERM; while :; do sleep 600; done' &); touch begun.$STINT_TASK_ID; sleep 600"}
	END
	echo "{\"timeout\": \"2s\", \"grace\": 0.5, \"exec\": [\"$STINT\", \"run\", \"-j\", \"2\", \"inner.jsonl\"]}" >job.jsonl
	stint run -q -o results job.jsonl
	[ "$status" -eq 1 ]
	[ -e begun.1.1 ] && [ -e begun.1.2 ]
	records results 'all[0]["status"] == "timeout"'
	nothing_left
	# Also when all of the inner one is killed, and the outer task ends by itself.
	rm -f begun.* stray.* results
	cat >end_inner <<-END
		#!/bin/sh
		"$STINT" run -q -j 2 inner.jsonl &
		until [ -e begun.1.1 -a -e begun.1.2 ]; do sleep 0.02; done
		pkill -KILL -P \$!
		kill -KILL \$!
	END
	chmod +x end_inner
	cat >job.jsonl <<-'END'
		{"id": "other", "class": "wait", "shell": "until [ -e go ]; do sleep 0.02; done"}
		{"id": "outer", "class": "wait", "exec": ["./end_inner"]}
	END
	start run -q -j 1 -o results job.jsonl
	until_true 20 lines_in results 1
	dead stray.1.1
	dead stray.1.2
	touch go
	finish
	[ "$status" -eq 0 ]
	nothing_left
}

@test "memory that processes share is not counted for each" {
	cat >share.py <<-'END'
		import os, time
		x = os.urandom(1 << 20) * 60
		for i in range(3):
		    if os.fork() == 0:
		        break
		time.sleep(0.5)
	END
	echo '{"memory": "100M", "exec": ["python3", "share.py"]}' >job.jsonl
	stint run -q -o results job.jsonl
	[ "$status" -eq 0 ]
}

@test "mapped files are not memory" {
	head -c 150000000 /dev/zero >file
	echo '{"memory": "50M", "exec": ["python3", "-c", "import mmap, time; f = open(\"file\"); m = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ); sum(m[::4096]); time.sleep(0.2)"]}' >job.jsonl
	stint run -q -o results job.jsonl
	[ "$status" -eq 0 ]
}

@test "nice" {
	own=$(nice)
	echo '{"nice": 5, "exec": ["nice"]}' >job.jsonl
	stint run -q job.jsonl
	[ "$status" -eq 0 ]
	same out $((own + 5))
	# Without the right to, a lower one fails, clearly.
	echo '{"nice": -5, "exec": ["nice"]}' >job.jsonl
	echo '{"exec": ["nice"]}' >>job.jsonl
	needs_poor
	poor "$STINT" run -q -o results job.jsonl >out || :
	same out "$own"
	records results 'r["1"]["status"] == "failed" and r["1"]["error"].startswith("nice -5: not permitted")' 'r["2"]["status"] == "ok"'
}

@test "cpus are the threads that OpenMP is told to use" {
	# shellcheck disable=SC2016 # for the tasks
	cat >job.jsonl <<-'END'
		{"id": "a", "cpus": 2, "shell": "echo $OMP_NUM_THREADS"}
		{"id": "b", "cpus": 2, "env": {"OMP_NUM_THREADS": "3"}, "shell": "echo $OMP_NUM_THREADS"}
		{"id": "c", "shell": "echo $OMP_NUM_THREADS"}
	END
	stint run -q -k job.jsonl
	same out 2 3 1
	OMP_NUM_THREADS=7 stint run -q -k job.jsonl
	same out 7 3 7
}

@test "what a task was granted is in its environment" {
	mkfifo in
	E2E_MARK=$mark timeout 240 "$(dirname "$STINT")/stint-worker" <in >out 3>&- 4>&- &
	exec 9>in
	cat >&9 <<-'END'
		{"type":"setup","version":1,"worker":0}
		{"type":"task","task":1,"attempt":1,"id":"a","grants":{"STINT_GPU":"0,1","STINT_NET":"5"},"spec":{"env":{"STINT_NET":"own"},"stdout":"granted","shell":"echo $STINT_GPU $STINT_NET"}}
		{"type":"shutdown"}
	END
	wait $!
	exec 9>&-
	same granted '0,1 own'
}

@test "more commands than there are descriptors for: they wait their turn" {
	echo '{"repeat": 120, "class": "wait", "shell": "sleep 0.3"}' >job.jsonl
	(
		ulimit -n 64
		stint run -q -j 2 -o results job.jsonl
	)
	records results 'len(all) == 120' '{e["status"] for e in all} == {"ok"}' '{e["attempt"] for e in all} == {1}'
}

# own_group: the folder of our own group of cgroup v2; the test is for those who may divide it.
own_group() {
	local path mount

	path=$(sed -n 's/^0:://p' /proc/self/cgroup)
	for mount in /sys/fs/cgroup /sys/fs/cgroup/unified; do
		own=$mount$path
		if [ "$(stat -fc %T "$mount" 2>/dev/null)" = cgroup2fs ] && mkdir "$own/stint-test.$$" 2>/dev/null; then
			rmdir "$own/stint-test.$$"
			[ "$path" = / ] || [ "$(id -u)" -ne 0 ] || skip 'root, in a group of systemd'
			return
		fi
	done
	skip 'there is no group of cgroup v2 that we may divide'
}

no_groups() {
	! compgen -G "$own/stint-*:*" >/dev/null
}

@test "a task with a limit of memory has a group of its own, which hides nothing and is removed" {
	own_group
	no_groups || skip 'another run has groups here'
	cat >job.jsonl <<-'END'
		{"id": "other", "class": "wait", "shell": "until [ -e go ]; do sleep 0.02; done"}
		{"id": "hides", "class": "wait", "memory": "1G", "shell": "grep ^0:: /proc/self/cgroup >group; (env -i setsid sleep 600 >/dev/null 2>&1 & echo $! >hidden.pid)"}
	END
	start run -q -j 1 -o results job.jsonl
	until_true 20 lines_in results 1
	grep -q '/stint-' group
	until_true 10 dead hidden.pid
	touch go
	finish
	[ "$status" -eq 0 ]
	until_true 10 no_groups
	# Also after a death.
	# shellcheck disable=SC2016 # for the tasks
	echo '{"repeat": 2, "class": "wait", "memory": "1G", "shell": "[ $STINT_ATTEMPT = 1 ] || exit 0; touch begun.$STINT_TASK_ID; sleep 600"}' >job.jsonl
	start run -q -j 2 -o results job.jsonl
	until_true 20 test -e begun.1.1 -a -e begun.1.2
	# shellcheck disable=SC2046 # one word a worker
	kill -KILL $(workers)
	finish
	[ "$status" -eq 0 ]
	until_true 10 no_groups
	rm -f begun.*
	start run -q -j 2 -o results job.jsonl
	until_true 20 test -e begun.1.1 -a -e begun.1.2
	# shellcheck disable=SC2046 # one word a worker
	kill -KILL "$background" $(workers)
	finish
	nothing_left
	until_true 10 no_groups
}
