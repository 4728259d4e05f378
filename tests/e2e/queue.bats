#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What jobs of one stintd have in common: memory, places, turns; and what outlives it.

# shellcheck disable=SC2016 # commands of tasks
load helpers
load daemon

# ok COMMAND ARG...: it ends with 0.
ok() {
	stint "$@"
	[ "$status" -eq 0 ]
}

# submit ARG...: leaves the job's number in $job.
submit() {
	ok submit "$@"
	job=$(cat out)
}

# many COUNT TEXT: jobs of that text.
many() {
	E2E_MARK=$mark timeout 240 python3 "$TOP/tests/e2e/control.py" many "$socket" "$@" 3>&- 4>&-
}

# stands WORDS: stint status says so of the tasks.
stands() {
	stint status >/dev/null
	grep -q "^tasks  .*$1" out
}

# alone FILE: a job of twelve tasks that take 60 MB of memory, one at a time or it fails.
alone() {
	printf '{"defaults":{"memory":"60M","retries":0},"tasks":[{"repeat":12,"shell":%s}]}' \
		'"mkdir lock || exit 9; echo $STINT_JOB >>order; sleep 0.02; rmdir lock"' >"$1"
}

@test "the memory of stintd.json is one for all jobs" {
	configure '"memory": "100M"'
	daemon_here
	alone one.json
	alone two.json
	ok pause
	submit --name one one.json
	submit --name two two.json
	submit --name large - <<<'{"memory":"101M","shell":"touch ran"}'
	submit --name declared - <<<'{"stint":1,"resources":{"memory":"1G"}}
{"memory":"600M","shell":"touch ran"}'
	ok resume
	ok wait one two
	[ "$(wc -l <order)" -eq 24 ]
	stint wait large declared
	[ "$status" -eq 1 ]
	ok results large
	has out 'memory\", 101 MiB, is more than there is for tasks, 100 MiB'
	ok results declared
	has out 'is more than there is for tasks, 100 MiB'
	[ ! -e ran ]
}

@test "memory goes to the job of higher priority first, and none to one that is paused" {
	configure '"memory": "100M"'
	daemon_here
	mkfifo first go
	submit --name holder - <<<'{"memory":"90M","shell":"echo >first; cat go"}'
	read -r <first
	alone low.json
	alone high.json
	submit --name low low.json
	submit --name high --priority 5 high.json
	submit --name stopped --priority 9 low.json
	ok pause stopped
	echo >go
	ok wait holder high low
	[ "$(head -n 12 order | sort -u)" = high ]
	[ "$(tail -n 12 order | sort -u)" = low ]
	ok resume stopped
	ok wait stopped
	[ "$(wc -l <order)" -eq 36 ]
}

@test "what is ready leaves memory to a job of higher priority that comes later" {
	configure '"memory": "100M", "cores": 1'
	daemon_here
	submit --name low - <<<'{"memory":"50M","priority":1,"cpu":{"spin":3600}}
{"memory":"50M","class":"cpu","shell":"echo low >>order"}'
	until_true 20 stands '1 ready'
	submit --name high --priority 5 - <<<'{"memory":"100M","class":"cpu","shell":"echo high >>order"}'
	until_true 20 stands '0 ready'
	ok cancel low/1
	ok wait high
	stint wait low
	[ "$status" -eq 1 ]
	[ "$(tr '\n' ' ' <order)" = 'high low ' ]
}

@test "jobs that wait overlap, however many" {
	daemon_here
	ok pause
	many 1500 '{"sleep":3600}'
	ok resume
	until_true 30 stands '1500 waiting, 0 ready'
	submit -- true
	ok wait "$job"
}

@test "a job of higher priority begins, however many compute before it" {
	configure '"cores": 1'
	daemon_here
	ok pause
	many 600 '{"repeat":2,"cpu":{"spin":60}}'
	ok resume
	until_true 30 stands '1 computing'
	submit --priority 3 - <<<'{"print":"now"}'
	ok wait "$job"
	ok status
	grep -q '^ended  *1 ok$' out
}

@test "a large document, and large results, are read while others are served" {
	daemon_here
	python3 -c 'import json; print(json.dumps({"tasks": [{"id": f"t{i}", "print": "x" * 30} for i in range(4000)]}))' >large.json
	submit --name large large.json
	submit -- true
	ok wait "$job" large
	ok retry large
	ok wait large
	ok results large
	[ "$(wc -l <out)" -eq 4000 ]
	ok results --all large
	[ "$(wc -l <out)" -eq 8000 ]
}

@test "drain outlives stintd, as pause does, until resume" {
	daemon_here
	ok drain
	stop_daemon
	daemon_here
	stint submit -- true
	[ "$status" -eq 3 ]
	has err 'takes no more'
	stop_daemon -KILL
	daemon_here
	ok status
	has out 'takes no more'
	ok resume
	stop_daemon
	daemon_here
	submit -- true
	ok wait "$job"
}

@test "drain of a job: what runs ends as it will, nothing more is started" {
	configure '"cores": 1'
	daemon_here
	submit --name drained - <<<'{"shell":"echo >began; while [ ! -e go ]; do sleep 0.02; done; echo done"}
{"needs":["1"],"shell":"touch second"}
{"id":"3","needs":["1"],"shell":"touch third"}'
	submit --hold --name held -- touch held
	until_true 20 test -e began
	ok drain drained held
	touch go
	stint wait drained held
	[ "$status" -eq 1 ]
	[ "$(grep -c 'was cancelled' err)" -eq 2 ]
	ok output drained
	has out 'done'
	ok results drained
	[ "$(wc -l <out)" -eq 1 ]
	stint drain drained
	[ "$status" -eq 1 ]
	ok retry --failed drained
	ok wait drained
	[ -e second ] && [ -e third ] && [ ! -e held ]
	submit -- true # the queue itself does not drain
	ok wait "$job"
}

@test "what was begun before a retry does not count for what is run then" {
	daemon_here
	submit - <<<'{"sleep":3600}' # so that it is never idle
	submit - <<<'{"retry":"never","shell":"echo $STINT_ATTEMPT >>ran; exit 1"}'
	stint wait "$job"
	[ "$status" -eq 1 ]
	ok pause
	ok retry "$job"
	stop_daemon -KILL
	daemon_here
	ok resume
	stint wait "$job"
	[ "$status" -eq 1 ]
	[ "$(tr '\n' ' ' <ran)" = '1 1 ' ]
}
