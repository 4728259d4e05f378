#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The commands that talk to stintd, and its control socket with clients of every kind.

load helpers
load daemon
load client

# ---- jobs ------------------------------------------------------------------------------------------

@test "submit, wait, results, output of a command" {
	daemon_here
	mkdir -p 'a folder'
	cd 'a folder'
	# shellcheck disable=SC2016 # for the shell that is run
	submit -- sh -c 'echo "$PWD $X $1"; echo oops >&2; exit 3' - 'two  words'
	stint wait "$job"
	[ "$status" -eq 1 ]
	stint wait
	[ "$status" -eq 1 ]
	ok results "$job"
	records out 'len(all) == 1' 'r["1"]["exit"] == 3' 'r["1"]["status"] == "failed"'
	ok output "$job"
	same out "$PWD  two  words"
	same err oops
	of_job "$job" 'v["state"] == "ended"' 'v["outcome"] == "failed"' '"echo" in v["name"]' \
		'v["tasks"] == 1' 'v["by_status"] == {"failed": 1}' 'v["running_tasks"] == []'
	# shellcheck disable=SC2016 # likewise
	X=given ok submit --wait --env X --env Y='a=b' -- sh -c 'echo "$X $Y"'
	ok output "$(cat out)"
	same out 'given a=b'
	fails 2 'NONE' submit --env NONE -- true
}

@test "wait exits as stint run does" {
	daemon_here
	submit -- true
	ok wait
	submit -- false
	stint wait
	[ "$status" -eq 1 ]
	by_hand talk '{"type":"submit","request":1,"text":"{\"tasks\":[{\"slep\":1}]}"}' >answers
	json <(tail -n 1 answers) 'v["type"] == "done"'
	stint wait
	[ "$status" -eq 2 ]
	has err 'did you mean "sleep"?'
	of_job 3 'v["fault"] == "invalid"'
	stint retry 3
	stint wait 3
	[ "$status" -eq 2 ]
	stint submit --wait - <<<'{"slep": 1}'
	[ "$status" -eq 1 ]
	stint submit --wait -- true
	[ "$status" -eq 0 ]
	stint submit --wait -- false
	[ "$status" -eq 1 ]
	job_until go
	stint wait --timeout 10ms "$job"
	[ "$status" -eq 4 ]
	terse
	touch go
	ok wait --timeout 1m "$job"
	stint wait 1 2 3 4
	[ "$status" -eq 2 ]
}

@test "a document is checked before it is sent, JSON Lines are sent as they are" {
	daemon_here
	echo '{"tasks": [{"slep": 1}]}' >bad.json
	fails 2 'bad.json:1: tasks[0].slep: unknown key, did you mean "sleep"?' submit bad.json
	stint submit - <bad.json
	[ "$status" -eq 2 ]
	has err 'stdin:1: tasks[0].slep'
	fails 2 'none.json: no such job file' submit none.json
	fails 2 'is a directory' submit .
	printf '{"print": "x"}\n{"print": "\xff"}\n' >latin.jsonl
	fails 2 'not UTF-8' submit latin.jsonl
	fails 2 'no tasks: the input is empty' submit -
	ok jobs --json
	json out 'v == []'
	printf '{\n "name": "both",\n "tasks": [{"id": "a", "print": "A"},\n {"id": "b", "print": "B", "needs": ["a"]}]}\n' >two.json
	submit two.json
	ok wait "$job"
	ok output both
	same out A B
	of_job both 'v["file"] == "two.json"' 'v["tasks"] == 2' 'v["by_status"] == {"ok": 2}'
	printf '\n{"print": "1"}\n{"slep": 1}\n{"print": "3"}' >some.jsonl
	submit some.jsonl
	stint wait "$job"
	[ "$status" -eq 1 ]
	ok output "$job"
	sort out >sorted
	same sorted 1 3
	of_job "$job" 'v["name"] == "some"' 'v["by_status"] == {"ok": 2, "failed": 1}'
	job=$(printf '{"print": "%s"}\n' x y | "$STINT" submit -)
	ok wait "$job"
	job=$(by_hand pieces)
	ok wait "$job"
	ok output "$job"
	same out schön schön schön
}

@test "a large file comes whole, in pieces" {
	daemon_here
	python3 -c 'for i in range(20000): print("{\"id\": \"größe-%d\", \"print\": \"%s\"}" % (i, "x" * 50))' >large.jsonl
	submit --hold large.jsonl
	of_job "$job" "v['bytes'] == $(wc -c <large.jsonl)" 'v["state"] == "held"'
	by_hand talk "{\"type\":\"source\",\"request\":1,\"job\":$job}" >answers
	python3 - <<-'END'
		import json
		texts = [json.loads(line).get("text", "") for line in open("answers")]
		assert "".join(texts) == open("large.jsonl").read() and len(texts) > 4, len(texts)
	END
	ok resume "$job"
	ok wait "$job"
	ok results "$job"
	records out 'len(all) == 20000' 'r["größe-19999"]["status"] == "ok"'
}

@test "output -f shows what a task has written, and writes" {
	daemon_here
	job_until go
	start output -f "$job"
	until_true 20 grep -qx begun out
	ended "$background" && false
	touch go
	finish
	[ "$status" -eq 0 ]
	same out begun ended
	ok output "$job/1"
	same out begun ended
	fails 1 'has no record of that task' output "$job/2"
	ok output -f "$job"
	same out begun ended
}

@test "output of which not all is in the record" {
	configure '"inline_output": 1000'
	daemon_here
	submit -- sh -c 'seq 30000; printf "\377\n" >&2'
	ok wait "$job"
	ok output "$job/1"
	seq 30000 | cmp - out
	printf '\377\n' | cmp - err
	ok output "$job"
	seq 30000 | cmp - out
}

@test "cancel a job, a task; retry" {
	daemon_here
	job_until never
	ok cancel "$job"
	stint wait "$job"
	[ "$status" -eq 1 ]
	has err 'job 1 was cancelled'
	of_job "$job" 'v["outcome"] == "cancelled"' 'v["by_status"] == {"cancelled": 1}'
	printf '{"id": "one/1", "shell": "echo >one; exec sleep 1000"}\n{"id": "two", "print": "two"}\n{"id": "bad", "shell": "test -e good"}\n' >three.jsonl
	submit three.jsonl
	until_true 20 test -e one
	ok cancel --kill "$job/one/1"
	stint wait "$job"
	[ "$status" -eq 1 ]
	of_job "$job" 'v["by_status"] == {"ok": 1, "failed": 1, "cancelled": 1}'
	touch good
	rm one
	ok retry --failed "$job"
	until_true 20 test -e one
	ok cancel "$job/one/1"
	stint wait "$job"
	of_job "$job" 'v["by_status"]["ok"] == 2'
	fails 2 'no job 99' cancel 99
	fails 2 'no job 99' retry 99
	fails 1 'job 1 has ended' cancel 1
	fails 2 'which task?' cancel 1/
}

@test "hold, after, after-any" {
	daemon_here
	submit --hold -- sh -c 'echo >held'
	held=$job
	submit --after "$held" -- true
	after=$job
	submit --after-any "$held,$after" -- true
	ok jobs --json --state held
	json out "[j['job'] for j in v] == [$held]"
	of_job "$job" "v['after'] == [$held, $after]" 'v["after_any"] is True' 'v["state"] == "queued"'
	ok resume "$held"
	ok wait "$held" "$after" "$job"
	[ -e held ]
	submit -- false
	failed=$job
	submit --after "$failed" -- sh -c 'echo >no'
	cancelled=$job
	submit --after-any "$failed" -- sh -c 'echo >yes'
	stint wait "$failed" "$cancelled" "$job"
	[ "$status" -eq 1 ]
	has err "job $cancelled: job $failed"
	of_job "$cancelled" 'v["outcome"] == "cancelled"'
	[ ! -e no ]
	[ -e yes ]
	fails 2 'there is no job 99' submit --after 99 -- true
	fails 2 'which of the two?' submit --after 1 --after-any 2 -- true
}

@test "pause, resume, drain" {
	daemon_here
	ok pause
	submit --name waits -- true
	ok status
	has out paused
	ok resume
	ok wait waits
	job_until go
	ok pause "$job"
	of_job "$job" 'v["paused"] is True'
	ok jobs
	grep -qE "^ *$job +paused .* go$" out
	ok resume "$job"
	ok drain
	fails 3 'takes no more' submit -- true
	touch go
	ok wait "$job"
	ok resume
	submit -- true
	ok wait "$job"
}

@test "priorities and weights" {
	configure '"cores": 1'
	daemon_here
	ok pause
	for p in low high mid; do
		submit --name "$p" -- true
	done
	ok priority low -5
	ok priority high 7
	ok priority mid --weight 3 2
	of_job mid 'v["priority"] == 2' 'v["weight"] == 3'
	ok resume
	ok wait low high mid
	ok jobs --json
	json out '[j["name"] for j in sorted(v, key=lambda j: j["began"])] == ["high", "mid", "low"]'
	fails 2 'from -1000 to 1000' priority low 1001
	fails 2 'which priority?' priority low
	fails 2 'of which job?' priority
}

@test "jobs: a table, the last of them, of a state; names" {
	daemon_here
	ok jobs
	[ ! -s out ]
	submit --name twin -- true
	submit --name twin -- false
	submit --name $'odd\nname\033[31m' --hold -- true
	stint wait 1 2
	ok jobs
	[ "$(wc -l <out)" -eq 4 ]
	[ "$(wc -L <out)" -le 100 ]
	head -n 1 out | grep -qE '^ +job  state +done +prio +age +wall  name$'
	grep -qE '^ +1  ok +1/1 +0 .* twin$' out
	grep -qE '^ +2  failed +1/1 .* twin$' out
	grep -qE '^ +3  held +0/\? +0 .* -  odd\?name\?\[31m$' out
	ok jobs -n 2
	[ "$(wc -l <out)" -eq 3 ]
	ok jobs --state ended -n 1 --json
	json out '[j["job"] for j in v] == [2]'
	fails 2 '2 jobs are named "twin": 2, 1; name one by its number' status twin
	fails 2 'there is no job "nobody"' wait nobody
	ok status $'odd\nname\033[31m'
	hasnt out $'\033'
	fails 1 'job 3 has not ended' rm 3
	ok rm 1 2
	fails 2 'no job 1' status 1
	of_job 3 'v["state"] == "held"'
	ok status
	has out '1 held'
	ok status --json
	json out 'v["jobs"]["held"] == 1'
}

@test "ping and shutdown" {
	daemon_here
	ok ping
	[ ! -s out ] && [ ! -s err ]
	job_until never
	ok shutdown --now
	until_true 30 ended "$daemon"
	fails 3 "$socket" ping
	fails 3 'at none/s;' jobs --socket none/s
	fails 3 'too long' jobs --socket "$(printf '%0200d' 0)"
}

@test "misuse: one clear error each, nothing is asked" {
	fails 2 'usage: stint submit' submit
	fails 2 'one job file at a time' submit a b
	fails 2 'which of the two?' submit a -- b
	fails 2 'is for a command' submit --env X a
	fails 2 'usage: stint submit' submit --
	fails 2 '--priority: "x"' submit --priority x a
	fails 2 '--weight: "0"' submit --weight 0 a
	fails 2 '--name: "": is empty' submit --name '' a
	fails 2 '--name: "12": is a number' submit --name 12 a
	fails 2 '--name: "a/b": is a path' submit --name a/b a
	fails 2 '--env: "=x"' submit --env =x -- a
	fails 2 'takes no operand' jobs 1
	fails 2 '--state: "over"' jobs --state over
	fails 2 '-n: "0"' jobs -n 0
	fails 2 'one job at a time' status 1 2
	fails 2 '--timeout: "soon"' wait --timeout soon
	fails 2 'of one job at a time' results 1 2
	fails 2 'of one at a time' output 1 2
	fails 2 'which job?' cancel
	fails 2 'which job?' retry
	fails 2 'which job?' rm
	fails 2 'takes no operand' ping 1
	fails 2 'takes no operand' shutdown now
	fails 2 '--kill' retry --kill 1
	fails 2 'did you mean --failed?' retry --faild 1
	for command in submit jobs status wait results output cancel retry pause resume drain priority rm ping shutdown; do
		stint "$command" -h
		[ "$status" -eq 0 ] && [ ! -s err ]
		grep -q "^usage: stint $command" out
		has out ' --socket FILE'
		[ "$(wc -L <out)" -le 80 ]
		fails 2 '--socket: the name is empty' "$command" --socket ''
	done
}

# ---- who else may be there ---------------------------------------------------------------------------

# in_place_of_stintd LINE: something listens that sends it.
in_place_of_stintd() {
	mkdir -p "${socket%/*}"
	rm -f "$socket" listens
	by_hand server "$1" >listens &
	until_true 20 test -s listens
	kill_later=$!
}

@test "what is no stintd, or another one, is told" {
	in_place_of_stintd 'SSH-2.0-nonsense'
	fails 3 'does not speak as stintd does' ping
	kill "$kill_later"
	in_place_of_stintd '{"type":"hello","version":2,"release":"9.9"}'
	fails 3 'speaks version 2 of the protocol, this stint version 1' ping
	kill "$kill_later"
	in_place_of_stintd '{"type":"error","error":"no room today"}'
	fails 3 'no room today' ping
	kill "$kill_later"
}

@test "another user is refused, and logged" {
	needs_poor
	daemon_here
	chmod 711 run run/stint
	chmod 777 run/stint/stintd.sock
	status=0
	XDG_CONFIG_HOME=/none poor "$STINT" ping --socket run/stint/stintd.sock >out 2>err || status=$?
	[ "$status" -eq 3 ]
	has err 'its own user and of root only'
	has "$(log_file)" "user $poor_user"
	ok ping
}

# log_file: where stintd says what it does.
log_file() {
	if [ -s "$log" ]; then echo "$log"; else echo daemon.err; fi
}

# ---- hostile clients ---------------------------------------------------------------------------------

@test "nonsense drops the client that sends it, and nobody else" {
	daemon_here
	job_until go
	start wait "$job"
	by_hand nonsense
	grep -c 'is dropped' "$(log_file)"
	touch go
	finish
	[ "$status" -eq 0 ]
	ok ping
}

@test "requests that cannot be are answered, with key and remedy" {
	daemon_here
	submit --hold -- true
	while IFS='|' read -r members text; do
		by_hand talk "{\"request\":3,$members}" >answers
		tail -n 1 answers
		json <(tail -n 1 answers) 'v["type"] == "error" and v["request"] == 3 and v["exit"] == 2'
		has answers "$text"
	done <<-'END'
		"type":"pign"|did you mean \"ping\"
		"type":"xyzzyxyzzy"|is no request
		"type":"ping","jbo":1|jbo: unknown key, did you mean \"job\"
		"type":"ping","job":1|job: has no place in ping
		"type":"wait"|job: is missing; wait needs it
		"type":"wait","job":"1"|job: must be a whole number
		"type":"wait","job":-1|job: must be a whole number
		"type":"wait","job":1e999|job: must be a whole number
		"type":"wait","job":1,"job":1|job: is there twice
		"type":"wait","job":7|there is no job 7
		"type":"cancel","job":1,"kill":1|kill: must be true or false
		"type":"cancel","job":1,"task":[]|task: must be a string
		"type":"cancel","job":1,"task":"a\u0000b"|task: holds a NUL
		"type":"submit","text":"","priority":2000|priority: must be from -1000 to 1000
		"type":"submit","text":"","priority":1.5|priority: must be a whole number
		"type":"submit","text":"","weight":0|weight: must be from 1 to 1000
		"type":"submit","text":"","after":[1,"2"]|after: must be an array of whole numbers
		"type":"submit","text":"","after":[1,9]|after: there is no job 9
		"type":"submit","text":"","directory":"here"|directory: must begin with a slash
		"type":"jobs","state":"over"|state: must be held, queued, running or ended
		"type":"find","name":"x"|there is no job
	END
	by_hand talk '{"type":"ping","request":1,"x":1}' '{"type":"ping","request":2}' >answers
	json <(tail -n 1 answers) 'v == {"type": "done", "request": 2}'
}

@test "depth, length, keys: an error, and memory stays" {
	daemon_here
	ok ping
	by_hand bombs
	ok ping
	[ "$(of_daemon VmHWM | tr -dc 0-9)" -lt 150000 ] || [ -n "${SANITIZE:-}" ]
}

@test "a thousand half-open clients: submits still work" {
	daemon_here
	mkfifo hold
	by_hand half_open 1000 <hold >connected &
	crowd=$!
	exec 7>hold
	until_true 30 test -s connected
	for _ in 1 2 3; do
		submit -- true
		ok wait "$job"
	done
	ok status --json
	json out 'v["clients"] <= 256'
	exec 7>&-
	wait "$crowd"
}

@test "without descriptors it waits, and does not spin" {
	(ulimit -n 80 && E2E_MARK=$mark exec "$stintd" -f >daemon.out 2>daemon.err 3>&- 4>&- 9>&-) &
	daemon=$!
	until_true 20 answers
	mkfifo hold
	by_hand half_open 100 <hold >connected &
	crowd=$!
	exec 7>hold
	until_true 30 test -s connected
	until_true 30 grep -q 'no descriptors left' "$(log_file)"
	before=$(awk '{ print $14 + $15 }' "/proc/$daemon/stat")
	stint ping
	after=$(awk '{ print $14 + $15 }' "/proc/$daemon/stat")
	[ $((after - before)) -lt 100 ]
	exec 7>&-
	until_true 30 "$STINT" ping
	submit -- true
	wait "$crowd"
}

@test "a client that goes in the middle of a submit leaves nothing" {
	daemon_here
	for _ in 1 2 3; do
		by_hand vanish
	done
	until_true 20 lines_with 3 'in the middle of submitting'
	ok jobs --json
	json out 'v == []'
	# One that is killed while it sends.
	mkfifo feed
	"$STINT" submit - <feed >out 2>err &
	client=$!
	exec 7>feed
	yes '{"print": "x"}' | head -c 5000000 >&7
	kill -KILL "$client"
	exec 7>&-
	until_true 20 lines_with 4 'in the middle of submitting'
	ok jobs --json
	json out 'v == []'
	submit -- true
	ok wait "$job"
}

lines_with() {
	[ "$(grep -c -- "$2" "$(log_file)")" -ge "$1" ]
}

@test "a client that does not read is dropped, memory stays" {
	daemon_here
	submit --hold -- true
	same <(by_hand deaf "$job") dropped
	has "$(log_file)" 'does not read its answers'
	[ "$(of_daemon VmHWM | tr -dc 0-9)" -lt 150000 ] || [ -n "${SANITIZE:-}" ]
	ok ping
}

@test "a client that says no more is answered, and then let go" {
	daemon_here
	by_hand closing '{"type":"submit","request":1,"text":"{\"print\":\"x\"}\n"}' >answers
	json <(tail -n 1 answers) 'v["type"] == "done" and v["job"] == 1'
	ok wait 1
	by_hand closing '{"type":"submit","request":1,"text":"{\"print\":\"x\"}\n","more":true}' >answers
	json <(tail -n 1 answers) 'v["type"] == "error"'
	ok jobs --json
	json out 'len(v) == 1'
}

@test "fifty clients that submit at once: each job is there once" {
	daemon_here
	same <(by_hand submits 50 40) 2000
	ok jobs --json
	json out 'len(v) == 2000' 'len({j["job"] for j in v}) == 2000'
}

@test "watch tells of changes; wait of a job that is removed" {
	daemon_here
	job_until go
	by_hand talk '{"type":"watch","request":9,"job":'"$job"'}' >answers &
	watcher=$!
	until_true 20 grep -q hello answers
	touch go
	ok wait "$job"
	ok rm "$job"
	wait "$watcher"
	has answers '"outcome":"ok"'
	has answers '"type":"removed","request":9,"job":'"$job"
	json <(tail -n 1 answers) 'v["type"] == "done"'
}

# ---- the manual --------------------------------------------------------------------------------------

# examples PAGE COUNT: of a page whose examples need a stintd.
examples() {
	mkdir bin
	printf '#!/bin/sh\nexec "%s" "$@"\n' "$STINT" >bin/stint
	chmod +x bin/stint
	daemon_here
	PATH=$PWD/bin:$PATH E2E_MARK=$mark timeout -k 5 240 python3 "$TOP/tests/e2e/examples.py" "$TOP/man/$1" "$2"
}

@test "the examples of stint-submit(1), stint-queue(1) and stint-protocol(7) do what they say" {
	examples stint-submit.1 6
	rm -r bin
	stop_daemon
	rm -r "$queue"
	examples stint-queue.1 9
	rm -r bin
	stop_daemon
	rm -r "$queue"
	examples stint-protocol.7 1
}

@test "the conversation in stint-protocol(7) goes as it is shown" {
	daemon_here
	by_hand replay "$TOP/man/stint-protocol.7"
}
