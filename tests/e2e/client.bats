#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The commands that talk to stintd, as people use them: several jobs at once, what may be left out,
# what is said, and exit statuses. How the control socket behaves is in control.bats.

# shellcheck disable=SC2016 # what is in single quotes is for the shells of jobs

load helpers
load daemon
load client

@test "wait says what was invalid, and what the system failed, also after a restart" {
	daemon_here
	submit - <<<'{"tasks": [{"print": "x"}]}'
	ok wait
	by_hand talk '{"type":"submit","request":1,"text":"{\"tasks\":1}"}' >answers
	stint wait
	[ "$status" -eq 2 ]
	stop_daemon
	python3 -c '
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE jobs SET outcome = 2, fault = 2, reason = ? WHERE number = 1", ["it could not be read"])
db.commit()' "$queue/stintd.db"
	daemon_here
	stint wait 1
	[ "$status" -eq 3 ]
	terse
	has err 'job 1: it could not be read'
	of_job 1 'v["fault"] == "system"'
	stint wait 2
	[ "$status" -eq 2 ]
	ok retry 1
	ok wait 1
	of_job 1 '"fault" not in v'
}

@test "of a job that ran again, output and results show the last try of each task, or all" {
	daemon_here
	printf '%s\n' '{"id": "a", "print": "a"}' \
		'{"id": "b", "shell": "echo b$(ls | grep -c tried.b); echo >tried.b; [ -e go.b ]"}' \
		'{"id": "c", "shell": "echo c; while [ -e wait.c ]; do sleep 0.02; done; [ -e go.c ]"}' >job.jsonl
	submit job.jsonl
	stint wait
	ok output
	sort out >sorted
	same sorted a b0 c
	touch go.b
	ok retry --failed 1
	stint wait
	[ "$status" -eq 1 ]
	ok output
	sort out >sorted
	same sorted a b1 c
	ok output --all
	sort out >sorted
	same sorted a b0 b1 c c
	ok results
	records out 'len(all) == 3' 'r["b"]["status"] == "ok"' 'r["c"]["status"] == "failed"'
	ok results --all 1
	[ "$(wc -l <out)" -eq 5 ]
	ok status
	ok status 1
	grep -qE '^c +failed ' out
	run -1 grep -E '^b +failed ' out

	touch wait.c # what is about to run again has no last try
	ok retry --failed 1
	until_true 20 is_job 1 'v["running"] == 1'
	ok results
	records out 'sorted(r) == ["a", "b"]'
	ok output
	sort out >sorted
	same sorted a b1
	start output -f
	until_true 20 lines_in out 3
	touch go.c
	rm wait.c
	finish
	[ "$status" -eq 0 ]
	sort out >sorted
	same sorted a b1 c

	rm go.b go.c
	touch wait.c
	ok retry 1
	until_true 20 is_job 1 'v["by_status"] == {"ok": 1, "failed": 1}'
	ok results
	records out 'sorted(r) == ["a", "b"]' 'r["b"]["status"] == "failed"'
	ok cancel 1
	stint wait
	ok results
	records out 'sorted(r) == ["a", "b", "c"]' 'r["c"]["status"] == "cancelled"'
	ok results --all
	[ "$(wc -l <out)" -eq 9 ]
}

@test "without a job, output, results and wait are of the one that was submitted last" {
	daemon_here
	for command in output results wait; do
		fails 2 'there are no jobs' "$command"
	done
	ok submit --wait -- echo first
	submit --name last -- echo second
	ok wait
	ok output
	same out second
	ok results
	records out 'r["1"]["stdout"] == "second\n"'
	ok status --json
	json out '"jobs" in v'
}

@test "a command that has no name is named by its command line, in one line" {
	daemon_here
	# shellcheck disable=SC2016 # likewise
	stint submit --wait -- sh -c 'echo "$STINT_JOB" >name'
	same name 'sh -c '\''echo "$STINT_JOB" >name'\'
	of_job 1 'v["name"] == open("name").read()[:-1]'
	submit -- make all
	ok status 'make all'
	submit --name short -- make all
	of_job 3 'v["name"] == "short"'
	stint submit --wait -- echo $'two\nlines\033[31m' "$(printf 'ä%.0s' {1..100})"
	of_job 4 'v["name"].startswith("echo \"two lines?[31m\" ".replace(chr(34), chr(39)))' \
		'v["name"].endswith("ää...")' '90 <= len(v["name"].encode()) <= 100'
	ok jobs
	[ "$(wc -l <out)" -eq 5 ]
	grep -q ' make all$' out
}

@test "jobs: on a terminal a line is not longer than it is wide, elsewhere names are whole" {
	daemon_here
	stint submit --wait -- echo "$(printf '%060d' 7)" end
	ok jobs
	grep -q '7 end$' out
	for columns in 20 80 200; do
		python3 "$TOP/tests/e2e/on_terminal.py" -c "$columns" shown "$STINT" jobs
		[ "$(wc -l <shown)" -eq 2 ]
		[ "$(tr -d '\r' <shown | wc -L)" -le "$((columns < 80 ? 70 : columns))" ]
	done
	grep -q '7 end' shown
}

# told LINE...: err has exactly these, in any order.
told() {
	diff <(printf 'stint: %s\n' "$@" | sort) <(sort err)
}

@test "several jobs at once, by number, name and range: each that refuses is told, the others are changed" {
	daemon_here
	for i in 1 2 3 4 5; do
		submit --hold --name "job$i" -- echo "$i"
	done
	ok priority 1 job2 3-4 -7
	ok jobs --json
	json out '[j["priority"] for j in v] == [-7, -7, -7, -7, 0]'
	ok priority 4-5 9
	ok priority --weight 3 5 8
	ok jobs --json
	json out '[j["priority"] for j in v] == [-7, -7, -7, 9, 8]' 'v[4]["weight"] == 3'
	ok resume 1-2
	ok wait 1-2
	ok pause 3 4
	ok cancel 4-5
	stint cancel 1-5
	[ "$status" -eq 1 ]
	told 'job 1 has ended' 'job 2 has ended' 'job 4 has ended' 'job 5 has ended'
	of_job 3 'v["outcome"] == "cancelled"'
	stint pause 1 7 job2
	[ "$status" -eq 2 ]
	told 'job 1 has ended' 'there is no job 7; `stint jobs` lists those there are' 'job 2 has ended'
	for command in cancel resume 'priority --weight 2'; do
		# shellcheck disable=SC2086 # words
		fails 1 'job 1 has ended' $command 1
	done
	submit --hold -- true
	stint retry 4-6
	[ "$status" -eq 1 ]
	told 'job 6 has not ended'
	ok wait 4-5
	ok output 5
	same out 5
	fails 1 'job 6 has not ended' rm 6
	fails 1 'has no such task' cancel 6/1
	fails 2 'nobody' rm 1 nobody
	of_job 1 'v["outcome"] == "ok"'
	fails 2 '8-9: there are no such jobs' wait 8-9
	fails 2 '3-1: ends before it begins' rm 3-1
	fails 2 'that of a job' submit --name 3-7 -- true
}

@test "cancel --all, wait --all, retry --all" {
	daemon_here
	submit -- true
	submit -- test -e go
	stint wait 1-2
	ok wait --all # there is none that has not ended
	submit --hold -- true
	submit --hold -- true
	stint wait --all --timeout 10ms
	[ "$status" -eq 4 ]
	ok cancel --all
	ok cancel --all
	stint wait 3-4
	[ "$status" -eq 1 ]
	touch go
	ok retry --all
	ok wait --all
	ok jobs --json
	json out '[j["outcome"] for j in v] == ["ok", "ok", "cancelled", "cancelled"]'
	fails 2 'which of the two' wait --all 1
	fails 2 'which of the two' cancel --all 1
}

@test "status tells the command of a job that is called otherwise" {
	daemon_here
	ok submit --wait --name label -- sh -c 'echo a  b'
	ok status label
	grep -qxF "command      sh -c 'echo a  b'" out
	ok submit --wait -- echo plain
	ok status 2
	hasnt out command
	ok submit --wait --name two - <<<$'{"print":"1"}\n{"print":"2"}'
	ok status two
	hasnt out command
}

@test "rm --ended, rm --ok" {
	daemon_here
	submit -- true
	submit -- false
	submit -- true
	stint wait 1-3
	submit --hold -- true
	fails 2 'which of the two' rm --ended 1
	fails 2 'which job?' rm
	ok rm --ok
	ok jobs --json
	json out '[j["job"] for j in v] == [2, 4]'
	ok rm --ok
	ok rm --ended
	ok jobs --json
	json out '[j["job"] for j in v] == [4]'
}

@test "a number of tasks that is only estimated is marked" {
	daemon_here
	{
		echo '{"stint": 1, "resources": {"one": 1}, "defaults": {"uses": {"one": 1}}}'
		echo '{"print": "x"}'
		echo '{"shell": "while [ ! -e go ]; do sleep 0.02; done"}'
		yes '{"print": "y"}' | head -n 600000
	} >long.jsonl
	submit long.jsonl
	until_true 20 is_job 1 'v["by_status"] == {"ok": 1}'
	of_job 1 'v["tasks_estimated"]' '500000 < v["tasks"] < 700000'
	ok jobs
	grep -qE '^ +1 +running +1/~[56][0-9]{5} ' out
	ok status 1
	grep -qE '^done +1/~[56][0-9]{5}$' out
	ok cancel 1
	stint wait
	of_job 1 '"tasks_estimated" not in v' '2 <= v["tasks"] <= 600002'
	ok status
	grep -A 1 '^since the start$' out | grep -qE '^tasks ended +1 ok, '
}

@test "stint report of a job: by --job and from a pipe, of the last try of each task" {
	daemon_here
	printf '{"id": "%s", "shell": "test -e %s"}\n' one go two no >job.jsonl
	submit --name try job.jsonl
	stint wait
	touch no go
	ok retry --failed try
	ok wait
	ok report --job try
	has out try
	has out '2 tasks'
	ok report --job 1 -o try.trace
	json try.trace '"traceEvents" in v'
	ok report --job 1 -f json
	json out '[t["status"] for t in v["runs"][0]["tasks"]] == ["ok", "ok"]'
	E2E_MARK=$mark "$STINT" results 1 | "$STINT" report -f csv - >table
	lines_in table 3
	fails 2 'there is no job 9' report --job 9
	fails 2 'is of one job' report --job 1 results
	stint shutdown
	fails 3 'no stintd runs here' report --job 1
}

@test "a command may have words that are not UTF-8" {
	daemon_here
	echo inside >$'name\377'
	ok submit --wait -- cat $'name\377'
	ok output
	same out inside
	of_job 1 'v["name"] == "cat \x27name?\x27"'
	fails 2 'must be UTF-8' submit --env X=$'\377' -- true
}

@test "a command whose -- was forgotten: the error says how" {
	fails 2 'if it is a command: stint submit -- true' submit true
	fails 2 'for a command: stint submit -- COMMAND' submit make all
	fails 2 'which command?' submit --
	printf '#!/bin/sh\n' >script
	chmod +x script
	stint submit script
	[ "$status" -eq 2 ]
	told 'script:1: column 1: not valid JSON: invalid token near '\''#'\' \
		'to run script: stint submit -- ./script'
	fails 2 'longer than 255 bytes' submit --name "$(printf '%0256d' 1)x" -- true
}

@test "how many tasks there are is known while the first of them runs" {
	daemon_here
	job_until go
	until_true 20 is_job "$job" 'v["tasks"] == 1'
	ok jobs
	grep -qE '^ +1 +running +0/1 ' out
	touch go
	ok wait
}

@test "Ctrl-C ends submit --wait, wait and output -f, and not the job" {
	daemon_here
	for command in 'submit --wait --name a --' 'submit --name b --'; do
		# shellcheck disable=SC2086 # words
		start $command sh -c 'echo begun; while [ ! -e go ]; do sleep 0.02; done'
		until_true 20 lines_in out 1
		[[ "$command" != *--wait* ]] || kill -INT "$background"
		finish
		[[ "$command" != *--wait* ]] || [ "$status" -eq 130 ]
	done
	for command in 'wait b' 'output -f b' 'output -f a'; do
		# shellcheck disable=SC2086 # words
		start $command
		[[ "$command" == wait* ]] || until_true 20 lines_in out 1
		ended "$background" && false
		kill -INT "$background"
		finish
		[ "$status" -eq 130 ]
	done
	of_job a 'v["state"] == "running"'
	touch go
	ok wait 1-2
	python3 "$TOP/tests/e2e/on_terminal.py" shown "$STINT" submit --wait -- true
	has shown 'job 3, 1 task, is queued; Ctrl-C ends the waiting, and not the job'
}

@test "jobs, and wait on a terminal, say that the queue is paused" {
	daemon_here
	submit -- true
	ok wait
	ok jobs
	[ ! -s err ]
	ok pause
	submit -- true
	ok jobs
	same err 'stint: the queue is paused; `stint resume` lets it go on'
	ok jobs --json
	[ ! -s err ]
	python3 "$TOP/tests/e2e/on_terminal.py" shown "$STINT" wait --timeout 10ms
	has shown 'the queue is paused'
}

# begin_wait ARG...: in the background, for job 1, which has failed, and others; until it says so of that one.
begin_wait() {
	set -m
	E2E_MARK=$mark "$STINT" wait "$@" 2>said 3>&- 4>&- &
	background=$!
	set +m
	until_true 20 has said 'job 1 did not end ok' >/dev/null
}

@test "wait goes on in the stintd that comes after one that went" {
	daemon_here
	submit -- false
	stint wait
	for ((i = 2; i <= 40; i++)); do # more than are asked about at once
		submit --hold -- test -e "go.$((i % 2))"
	done
	begin_wait 1-40
	stop_daemon -KILL
	until_true 20 has said 'stintd has gone; waiting for one that goes on' >/dev/null
	daemon_here
	ok resume 2-20
	until_true 20 has said 'job 3 did not end ok' >/dev/null
	stop_daemon
	until_true 20 lines_with 2 'has gone'
	touch go.0
	daemon_here
	ok resume 21-40
	finish
	[ "$status" -eq 1 ]
	[ "$(grep -c 'did not end ok' said)" -ge 20 ]
	of_job 40 'v["outcome"] == "ok"'

	submit --hold -- true # that nobody else goes on with
	begin_wait --timeout 2s 1 "$job"
	stop_daemon
	finish
	[ "$status" -eq 4 ]
	has said 'has gone'
	has said 'the time is over, 1 of 2 jobs has not ended'
	daemon_here
	begin_wait 1 "$job"
	stop_daemon
	finish
	[ "$status" -eq 3 ]
	has said 'no stintd runs here'
}

lines_with() {
	[ "$(grep -c -- "$2" said)" -ge "$1" ]
}

hangs() {
	stint status >/dev/null
	has out 'the disk of the queue has not answered for'
}

@test "a disk that does not answer: it is said, and work goes on when it does" {
	daemon_here
	store=$(pgrep -P "$daemon" -f '^stintd: store')
	kill -STOP "$store"
	start submit -- true
	until_true 20 hangs >/dev/null
	python3 "$TOP/tests/e2e/on_terminal.py" shown "$STINT" wait --timeout 10ms
	has shown 'the disk of the queue has not answered for'
	kill -CONT "$store"
	finish
	[ "$status" -eq 0 ]
	ok wait 1
	ok status
	hasnt out 'the disk'
}

@test "submit --follow shows what the job writes, as it comes, and exits as wait" {
	daemon_here
	start submit --follow -- sh -c 'echo begun; echo oops >&2; while [ ! -e go ]; do sleep 0.02; done; exit 3'
	until_true 20 lines_in out 1
	ended "$background" && false
	touch go
	finish
	[ "$status" -eq 1 ]
	same out begun
	has err oops
	has err 'job 1 did not end ok'
	for i in {1..40}; do # however soon it ends
		ok submit -f -- echo "$i" >/dev/null
		same out "$i"
	done
}

@test "output -f of much that was kept is whole, though the job ends while it is read slowly" {
	daemon_here
	{
		yes '{"shell": "head -c 9000000 /dev/zero | tr \\\\0 x"}' | head -n 3
		echo '{"shell": "echo >waits; while [ ! -e go ]; do sleep 0.02; done", "needs": ["1", "2", "3"], "needs_any_status": true}'
	} >job.jsonl
	submit job.jsonl
	until_true 20 test -e waits
	mkfifo slow
	E2E_MARK=$mark "$STINT" output -f >slow 3>&- 4>&- &
	exec 5<slow
	head -c 1000 <&5 >/dev/null
	touch go
	ok wait
	[ "$(wc -c <&5)" -eq 26999000 ]
	exec 5<&-
}

@test "words of task-spooler and pueue are told what they are here" {
	fails 2 'here it is: stint submit' add true
	fails 2 'here it is: stint rm --ended' clean
	fails 2 'here it is: stint output -f' follow
	fails 2 'did you mean "submit"?' sumbit
	fails 2 'it is --name here' submit -L label -- true
	fails 2 'it is --hold here' submit --stashed -- true
	fails 2 '-c: unknown option; a command and its options stand behind --' submit sh -c 'exit 3'
	fails 2 '--xyzzy: unknown option; a command' submit --xyzzy
}
