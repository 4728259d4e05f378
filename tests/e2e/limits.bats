#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016 # what is in single quotes is for the shells of tasks
# What is never exceeded: units of resources, memory, cores (-j, affinity, cpus), descriptors and
# processes; and that what can never run says so.

load helpers

# A task notes in the log that it begins and ends, with what it takes: "+1 gpu 0,1".
BEGIN='echo + $STINT_TASK_ID $STINT_GPU >>log'
END='echo - $STINT_TASK_ID $STINT_GPU >>log'

# most_at_once: the log's largest number of tasks that were in progress.
most_at_once() {
	awk '{ now += $1 == "+" ? 1 : -1; if (now > most) most = now } END { print most + 0 }' log
}

# The units that tasks had were theirs alone while they ran, and so many each as its id says.
numbers_unique() {
	python3 - <<-'END'
		used, seen = set(), set()
		for line in open("log"):
		    sign, task, *units = line.split()
		    units = units[0].split(",") if units else []
		    assert len(units) == len(set(units)) == int(task[1]), line
		    for unit in units:
		        assert int(unit) < 3, line
		        assert (unit in used) == (sign == "-"), line
		        (used.add if sign == "+" else used.remove)(unit)
		        seen.add(unit)
		assert not used and seen == {"0", "1", "2"}, seen
	END
}

@test "uses: no more units than there are, each with its number, and none waits for ever" {
	cat >job.jsonl <<-END
		{"resources": {"gpu": 3, "net": 1}, "defaults": {"class": "wait"}}
		{"id": "x2", "repeat": 6, "uses": {"gpu": 2}, "shell": "$BEGIN; sleep 0.02; $END"}
		{"id": "y1", "repeat": 6, "uses": ["gpu", "net"], "shell": "$BEGIN; [ \$STINT_NET = 0 ]; sleep 0.02; $END"}
		{"id": "z3", "repeat": 2, "uses": {"gpu": 3}, "retries": 1, "shell": "$BEGIN; $END; [ \$STINT_ATTEMPT = 2 ]"}
		{"id": "z0", "shell": "[ \${#STINT_GPU} = 0 ]"}
	END
	stint run -q -o results job.jsonl
	[ "$status" -eq 0 ]
	records results 'len(all) == 15' '{e["status"] for e in all} == {"ok"}'
	numbers_unique
}

@test "uses: units come back from tasks that fail, time out or end their worker" {
	cat >job.jsonl <<-'END'
		{"resources": {"gpu": 1}, "defaults": {"class": "wait", "uses": "gpu"}}
		{"shell": "exit 1"}
		{"timeout": 0.05, "grace": 0, "shell": "sleep 600; :"}
		{"exec": ["./nowhere"]}
		{"retries": 1, "backoff": "10ms", "shell": "exit $STINT_ATTEMPT"}
		{"crash_limit": 2, "shell": "kill -9 $PPID"}
		{"needs": ["1"], "print": "skipped"}
		{"id": "last", "shell": "echo $STINT_GPU"}
	END
	stint run -q -o results job.jsonl
	[ "$status" -eq 1 ]
	records results 'len(all) == 7' 'r["last"]["stdout"] == "0\n"' 'r["5"]["status"] == "poisoned"'
	nothing_left
}

@test "uses: one that wants much is not overtaken for ever, others of other resources go on" {
	cat >job.jsonl <<-'END'
		{"resources": {"gpu": 2, "net": 1}, "defaults": {"class": "wait"}}
		{"id": "one", "uses": "gpu", "shell": "until [ -e net ]; do sleep 0.02; done; echo one >>log"}
		{"id": "both", "uses": {"gpu": 2}, "shell": "echo both >>log"}
		{"id": "small", "uses": "gpu", "shell": "echo small >>log"}
		{"id": "net", "uses": "net", "shell": "touch net"}
	END
	stint run -q job.jsonl
	[ "$status" -eq 0 ]
	same log one both small
}

@test "uses: what the job does not have is an error with place and remedy" {
	echo '{"resources": {"gpu": 2}, "tasks": [{"uses": "gpus", "shell": "touch ran"}]}' >job.json
	stint run job.json
	[ "$status" -eq 2 ] && terse
	has err 'job.json:1: tasks[0].uses: no resource "gpus", did you mean "gpu"?'
	echo '{"resources": {"gpu": 2}, "tasks": [{"uses": {"gpu": 3}, "shell": "touch ran"}]}' >job.json
	stint run job.json
	[ "$status" -eq 2 ] && terse
	has err '3 of gpu, but "resources" has only 2'
	echo '{"tasks": [{"uses": "gpu", "shell": "touch ran"}]}' >job.json
	stint run job.json
	[ "$status" -eq 2 ] && terse
	has err '"resources": {"gpu": 1}'
	printf '%s\n' '{"resources": {"gpu": 2}}' '{"uses": {"gpu": 3}, "shell": "touch ran"}' '{"print": "goes on"}' >job.jsonl
	stint run job.jsonl
	[ "$status" -eq 1 ]
	same out 'goes on'
	[ ! -e ran ]
}

@test "memory: what runs at once takes no more than there is" {
	cat >job.jsonl <<-END
		{"resources": {"memory": "300M"}, "defaults": {"class": "wait"}}
		{"id": "m", "repeat": 6, "memory": "100M", "shell": "$BEGIN; sleep 0.05; $END"}
		{"id": "l", "repeat": 2, "memory": "300M", "shell": "$BEGIN; sleep 0.02; $END"}
	END
	stint run -q --summary summary job.jsonl
	[ "$status" -eq 0 ]
	[ "$(most_at_once)" -le 3 ]
	awk '$2 ~ /l/ { now += $1 == "+" ? 1 : -1 } $2 ~ /m/ && now { exit 1 }' log
	json summary 'v["idle"]["memory"] > 0'
}

@test "memory: a task that asks for more than there is fails at once, and says so" {
	cat >job.jsonl <<-'END'
		{"id": "huge", "memory": "100000G", "shell": "touch ran"}
		{"id": "small", "memory": "10M", "shell": "echo small"}
	END
	stint run -o results job.jsonl
	[ "$status" -eq 1 ]
	same out small
	[ ! -e ran ]
	records results 'r["huge"]["status"] == "failed"' \
		're.fullmatch("its \"memory\", 102400000 MiB, is more than there is for tasks, [0-9]+ MiB", r["huge"]["error"])'
	echo '{"resources": {"memory": "1G"}, "tasks": [{"memory": "2G", "shell": "touch ran"}]}' >job.json
	stint run job.json
	[ "$status" -eq 2 ] && terse
	has err 'memory: 2147483648 bytes, but "resources" has only 1073741824'
	stint run --memory 10x job.jsonl
	[ "$status" -eq 2 ] && terse
}

@test "cpus: a task of two cores counts for two, and one of more than there are runs alone" {
	cat >job.jsonl <<-END
		{"id": "two", "repeat": 2, "cpus": 2, "shell": "$BEGIN; [ \$OMP_NUM_THREADS = 2 ] && i=0; while [ \$i -lt 60000 ]; do i=\$((i+1)); done; $END"}
		{"id": "all", "cpus": 64, "shell": "$BEGIN; i=0; while [ \$i -lt 60000 ]; do i=\$((i+1)); done; $END"}
	END
	stint run -q -j 2 --explain job.jsonl
	[ "$status" -eq 0 ]
	[ "$(most_at_once)" -eq 1 ]
	has err 'the cores are taken'
	echo '{"id": "two", "repeat": 2, "cpus": 2, "timeout": 30, "shell": "touch $STINT_TASK_ID; until [ -e two.1 -a -e two.2 ]; do :; done"}' >job.jsonl
	stint run -q -j 4 job.jsonl
	[ "$status" -eq 0 ]
}

@test "-j: a number, a percentage, more or fewer than there are, or a file with one of these" {
	cores() {
		stint run -j "$1" --json job.jsonl
		[ "$status" -eq 0 ]
		json out "v['cores'] == $2"
	}
	[ "$(nproc)" -ge 1 ]
	echo '{"sleep": 0}' >job.jsonl
	here=$(stint run --json job.jsonl >/dev/null && json_key out cores)
	cores 3 3
	cores +2 $((here + 2))
	cores -1 $((here > 1 ? here - 1 : 1))
	cores -999 1
	cores 100% "$here"
	cores 250% $(((here * 250 + 50) / 100))
	cores 1% 1
	printf ' 5 \n and more\n' | sed 's/^ //' >slots
	cores @slots 5
	echo 50% >slots
	cores @slots $(((here * 50 + 50) / 100))
	mkfifo pipe
	for wrong in 0 x '' 1.5 5000 +x -% 50%% +50% @ @nowhere @. @pipe; do
		stint run -j "$wrong" job.jsonl
		[ "$status" -eq 2 ]
		terse
		has err "-j: \"$wrong\": "
	done
	echo many >slots
	stint run -j @slots job.jsonl
	[ "$status" -eq 2 ] && terse
}

# json_key FILE KEY: its value.
json_key() {
	python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$@"
}

@test "-j @FILE is read again while the run lasts; nonsense in it changes nothing" {
	echo 1 >slots
	echo '{"repeat": 4, "shell": "echo + >>log; until [ -e go ]; do sleep 0.02; done; echo - >>log"}' >job.jsonl
	start run -m processes -j @slots --summary summary job.jsonl
	until_true 20 lines_in log 1
	echo 3 >slots
	until_true 20 lines_in log 3
	has err 'stint: -j: 3 cores from now on'
	echo many >slots
	until_true 20 grep -q 'slots: must be a number' err
	has err '3 as before'
	rm slots
	touch go
	finish
	[ "$status" -eq 0 ]
	[ "$(most_at_once)" -eq 3 ]
	json summary 'v["ok"] == 4 and v["cores"] == 3'
}

@test "-j @FILE: fewer from now on" {
	echo 3 >slots
	echo '{"repeat": 7, "shell": "echo + >>log; until [ -e go.$STINT_TASK_ID -o -e go ]; do sleep 0.02; done; echo - >>log"}' >job.jsonl
	start run -m processes -j @slots job.jsonl
	until_true 20 lines_in log 3
	echo 1 >slots
	until_true 20 grep -q '1 core from now on' err
	touch go.1.1 go.1.2
	until_true 20 lines_in log 5
	kill -USR1 "$background"
	until_true 20 grep -q 'stint: 1 running, 1.0 of 1 cores' err
	touch go
	finish
	[ "$status" -eq 0 ]
	[ "$(tail -n 9 log | awk '{ now += $1 == "+" ? 1 : -1; if (now > 1) exit 1 }' && wc -l <log)" -eq 14 ]
}

@test "cores are those of the affinity mask" {
	first=$(taskset -pc $$ | sed 's/.*: //; s/[-,].*//')
	echo '{"repeat": 4, "cpu": {"loop": 1000}}' >job.jsonl
	E2E_MARK=$mark taskset -c "$first" "$STINT" run --json job.jsonl >out 2>err 3>&- 4>&-
	json out 'v["cores"] == v["workers"] == 1 and v["ok"] == 4'
	E2E_MARK=$mark taskset -c "$first" "$STINT" run -j +1 --json job.jsonl >out 2>err 3>&- 4>&-
	json out 'v["cores"] == 2 and v["ok"] == 4'
}

@test "cores are those of the quota of the control group" {
	root=/sys/fs/cgroup/cpu group=$root/stint-e2e-$$
	[ -e $root/cpu.cfs_quota_us ] || root=/sys/fs/cgroup group=/sys/fs/cgroup/stint-e2e-$$
	mkdir "$group" 2>/dev/null || skip 'needs a control group of its own'
	if [ -e "$group/cpu.max" ]; then
		echo '50000 100000' >"$group/cpu.max"
	elif [ -e "$group/cpu.cfs_quota_us" ]; then
		echo 50000 >"$group/cpu.cfs_quota_us"
	else
		rmdir "$group"
		skip 'needs the controller cpu'
	fi
	echo '{"sleep": 0}' >job.jsonl
	# shellcheck disable=SC2016 # for that shell
	E2E_MARK=$mark sh -c 'echo $$ >"$1/cgroup.procs" && exec "$2" run --json job.jsonl' sh "$group" "$STINT" >out 2>err 3>&- 4>&- || :
	until_true 10 rmdir "$group"
	json out 'v["cores"] == 1'
}

@test "few descriptors, or processes: fewer commands at once, and none is lost" {
	n=$(full 100 2000)
	echo "{\"repeat\": $n, \"class\": \"wait\", \"shell\": \"sleep 1; echo done\"}" >job.jsonl
	E2E_MARK=$mark prlimit --nofile=64:64 "$STINT" run --json -o results --explain -j 2 job.jsonl >out 2>err 3>&- 4>&-
	json out "v['ok'] == $n" '2 < v["peak"] <= 60'
	records results '{e["stdout"] for e in all} == {"done\n"}'
	[ -n "${SANITIZE:-}" ] || json out 'v["idle"]["caps"] > 0' # else it is too slow to get there
	[ -n "${SANITIZE:-}" ] || has err 'as many commands run as descriptors and processes allow'
	if [ "$(id -u)" -eq 0 ] && setpriv --reuid=64322 --regid=64322 --clear-groups test -x "$STINT"; then
		chmod 777 .
		rm -rf state results
		E2E_MARK=$mark setpriv --reuid=64322 --regid=64322 --clear-groups prlimit --nproc=49:49 \
			"$STINT" run --json -j 2 -o results job.jsonl >out 2>err 3>&- 4>&-
		json out "v['ok'] == $n" 'v["peak"] <= 20'
	fi
	nothing_left
}
