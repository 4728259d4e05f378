#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# --resume and --retry-failed: what is done stays done, what is not runs, and each task has one record.

load helpers

# ran: the ids of the tasks that ran since it was asked last, in one line.
ran() {
	[ ! -e log ] || sort log | tr '\n' ' '
	rm -f log
}

# Three tasks that leave a trace; b fails until there is a file "go".
job() {
	cat >job.jsonl <<-'END'
		{"id": "a", "shell": "echo a >>log; echo out a"}
		{"id": "b", "shell": "echo b >>log; [ -e go ]"}
		{"id": "c/\u00e9", "shell": "echo c >>log"}
	END
}

@test "--resume: what is ok is not run again, what failed is" {
	job
	stint run -o results job.jsonl
	[ "$status" -eq 1 ]
	[ "$(ran)" = 'a b c ' ]
	touch go
	stint run --resume -o results job.jsonl
	[ "$status" -eq 0 ]
	[ "$(ran)" = 'b ' ]
	has err '1 task: 1 ok, 2 done before'
	[ ! -s out ]
	records results 'len(all) == 3' '{e["status"] for e in all} == {"ok"}'
	stint run --resume -o results job.jsonl
	[ "$status" -eq 0 ]
	[ "$(ran)" = '' ]
	has err 'Nothing was left to do'
	records results 'len(all) == 3'
	stint run --resume --json -o results job.jsonl
	json out 'v["done_before"] == 3 and v["tasks"] == 0'
}

@test "--resume with no file yet, or an empty one, is a fresh start" {
	job
	stint run --resume -o results job.jsonl
	[ "$(ran)" = 'a b c ' ]
	: >results
	stint run --resume -o results job.jsonl
	[ "$(ran)" = 'a b c ' ]
	records results 'len(all) == 3'
}

@test "without --resume the file begins anew" {
	job
	stint run -o results job.jsonl
	stint run -o results job.jsonl
	[ "$(ran)" = 'a a b b c c ' ]
	records results 'len(all) == 3'
}

@test "--resume: what only says when, how often or how long a task runs does not make it run again" {
	cat >job.json <<-'END'
		{"tasks": [
			{"id": "a", "shell": "echo a >>log"},
			{"id": "b", "shell": "echo b >>log", "env": {"X": "1", "Y": "2"}, "timeout": "30s"}
		]}
	END
	stint run -o results job.json
	[ "$(ran)" = 'a b ' ]
	cat >other.json <<-'END'
		{"name": "other", "resources": {"net": 1}, "defaults": {"timeout": "1m", "grace": 2},
		 "tasks": [
			{"id": "b", "name": "n", "tag": "t", "env": {"Y": "2", "X":"1"}, "needs": ["a"], "needs_any_status": true,
			 "priority": 5, "retries": 3, "backoff": 1, "retry": "failed", "crash_limit": 2, "class": "wait",
			 "cpus": 2, "memory": "100M", "nice": 1, "uses": "net", "timeout": "300%", "shell": "echo b >>log"},
			{"shell": "echo a >>log", "id": "a"}
		]}
	END
	stint run --resume -o results --timeout 1m --retries 2 other.json
	[ "$status" -eq 0 ]
	[ "$(ran)" = '' ]
	has err 'Nothing was left to do'
	sed 's/"X":"1"/"X":"3"/' other.json >job.json
	stint run --resume -o results job.json
	[ "$(ran)" = 'b ' ]
	sed 's/"echo a/": ; echo a/' other.json >job.json
	stint run --resume -o results job.json
	[ "$(ran)" = 'a b ' ]
}

@test "a document's repeats are told apart" {
	cat >job.json <<-'END'
		{"tasks": [{"id": "r", "repeat": 4, "shell": "echo $STINT_TASK_ID >>log; [ $STINT_TASK_ID != r.3 ] || [ -e go ]"}]}
	END
	stint run -o results job.json
	[ "$(ran)" = 'r.1 r.2 r.3 r.4 ' ]
	touch go
	stint run --resume -o results job.json
	[ "$(ran)" = 'r.3 ' ]
	records results 'len(all) == 4'
}

@test "-k: the turn of a task that is not run again is passed on" {
	for i in 1 2 3 4; do
		echo "{\"shell\": \"echo $i; [ $i != 3 ] || [ -e go ]\"}"
	done >job.jsonl
	stint run -k -o results job.jsonl
	touch go
	sed -i 's/echo 4/echo four/' job.jsonl
	stint run -q -k --resume -o results job.jsonl
	same out 3 four
}

@test "--retry-failed: only what is recorded and not ok" {
	job
	head -n 2 job.jsonl >part.jsonl
	stint run -o results part.jsonl
	[ "$(ran)" = 'a b ' ]
	touch go
	stint run --retry-failed -o results job.jsonl
	[ "$status" -eq 0 ]
	[ "$(ran)" = 'b ' ]
	has err '1 task: 1 ok, 1 done before, 1 not started'
	records results 'sorted(r) == ["a", "b"]' 'r["b"]["status"] == "ok"'
}

@test "--dry-run --resume prints what would run, and changes nothing" {
	job
	stint run -o results job.jsonl
	ran
	printf '{"id":"torn' >>results
	cp results before
	stint run -n --resume -o results job.jsonl
	[ "$status" -eq 0 ]
	[ "$(cut -f 1 out)" = b ]
	cmp results before
}

@test "a run that was interrupted goes on" {
	for i in 1 2 3 4 5 6; do
		echo "{\"id\": \"t$i\", \"class\": \"cpu\", \"shell\": \"echo t$i >>log; [ $i -lt 3 ] || [ -e go ] || sleep 600\"}"
	done >job.jsonl
	start run -j 2 -o results job.jsonl
	until_true 20 lines_in log 4
	kill -TERM "$background"
	finish
	[ "$status" -eq 143 ]
	ran
	touch go
	stint run --resume -o results job.jsonl
	[ "$status" -eq 0 ]
	[ "$(ran)" = 't3 t4 t5 t6 ' ]
	records results 'sorted(r) == ["t1", "t2", "t3", "t4", "t5", "t6"]' '{e["status"] for e in all} == {"ok"}'
	nothing_left
}

@test "what is no results file is refused, and left as it was" {
	job
	for bytes in 'hello' 'hello\n' '{"id":"a"}\n' '\n\n[1]\n'; do
		# shellcheck disable=SC2059 # it is one
		printf "$bytes" >other
		cp other before
		stint run --resume -o other job.jsonl
		[ "$status" -eq 2 ]
		terse
		has err 'other: its first line is not a record'
		cmp other before
	done
	stint run --resume -o job.jsonl job.jsonl
	[ "$status" -eq 2 ]
	mkfifo fifo
	for path in fifo /dev/null -; do
		stint run --resume -o "$path" job.jsonl
		[ "$status" -eq 2 ]
		terse
	done
	stint run --resume job.jsonl
	[ "$status" -eq 2 ]
	has err '--resume: needs -o FILE'
	[ "$(ran)" = '' ]
}

@test "a damaged line in the middle: said, and its task runs again" {
	job
	touch go
	stint run -j 1 -o results job.jsonl
	ran
	sed -i '2s/"status":"ok"/"sta/' results
	stint run --resume -o results job.jsonl
	[ "$status" -eq 0 ]
	has err 'stint: results:2: is damaged'
	[ "$(ran | wc -w)" -eq 1 ]
	records results 'len(all) == 3'
}

@test "two runs do not write one file" {
	job
	echo '{"shell": "echo begun >begun; until [ -e go ]; do sleep 0.02; done"}' >long.jsonl
	start run -o results long.jsonl
	until_true 20 test -e begun
	for resume in '' --resume; do
		status=0
		# shellcheck disable=SC2086 # none, if it is empty
		"$STINT" run $resume -o results job.jsonl 2>second || status=$?
		[ "$status" -eq 2 ]
		has second 'results: is in use by another stint'
	done
	touch go
	finish
	[ "$status" -eq 0 ]
	records results 'len(all) == 1'
}

@test "a symbolic link stays one, and the file keeps its mode" {
	job
	mkdir folder
	ln -s folder/real results
	stint run -o results job.jsonl
	chmod 604 folder/real
	touch go
	stint run --resume -o results job.jsonl
	[ "$status" -eq 0 ]
	[ -L results ]
	[ "$(stat -c %a folder/real)" = 604 ]
	records results 'len(all) == 3' '{e["status"] for e in all} == {"ok"}'
	[ "$(ls -A folder)" = real ]
}

@test "--sync: each, batch and none all leave the same" {
	job
	for when in each batch none; do
		stint run --sync "$when" -o results job.jsonl
		[ "$status" -eq 1 ]
		records results 'len(all) == 3'
	done
	stint run --sync often job.jsonl
	[ "$status" -eq 2 ]
	terse
}

@test "--sync each: a record is on the disk before the next task begins" {
	command -v strace >/dev/null || skip 'no strace'
	[ -z "${SANITIZE:-}" ] || skip 'not under a sanitizer'
	printf '{"sleep":0}\n{"shell":":"}\n{"shell":":"}\n' >job.jsonl
	strace -o trace -e trace=fdatasync,write "$STINT" run -q -j 1 --sync each -o results job.jsonl || skip 'no ptrace'
	# After each write of a record, nothing else is written before it is synced.
	awk '/"\{\\"id\\"/ { pending = 1; next }
		pending && !/fdatasync/ { bad = 1 }
		/fdatasync/ { pending = 0; synced++ }
		END { exit bad || synced == 0 }' trace
	stint run -q --sync none -o results job.jsonl
}

@test "what is done already counts for the tasks that need it" {
	cat >job.json <<-'END'
		{"tasks": [
			{"id": "last", "needs": ["middle"], "shell": "echo last >>log"},
			{"id": "middle", "needs": ["first"], "shell": "echo middle >>log; [ -e go ]"},
			{"id": "first", "shell": "echo first >>log"}
		]}
	END
	touch go
	stint run -o results job.json
	[ "$status" -eq 0 ]
	rm log
	grep -v '"id":"last"' results | sed '/"id":"middle"/s/"status":"ok"/"status":"failed"/' >part
	mv part results
	stint run --resume -o results job.json
	[ "$status" -eq 0 ]
	[ "$(tr '\n' ' ' <log)" = 'middle last ' ]
	records results 'len(all) == 3' '{e["status"] for e in all} == {"ok"}'
}
