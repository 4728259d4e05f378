#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Large output, slow readers, full disks: nothing is lost, mixed, or left behind.

load helpers

# Numbers have it that lines of one task are told from those of another, and their order is seen.
numbers() { # ID FIRST LAST
	echo "{\"id\": \"$1\", \"shell\": \"seq $2 $3\"}"
}

# temp_folder: TMPDIR is a folder of its own from now on.
temp_folder() {
	mkdir -p temp
	export TMPDIR=$PWD/temp
}

nothing_in_temp() {
	[ -z "$(ls -A temp)" ]
}

# uses_temp PID...: does one of them have a file there?
uses_temp() {
	local pid

	for pid; do
		if find "/proc/$pid/fd" -lname "$PWD/temp/*" | grep -q .; then return 0; fi
	done
	return 1
}

# most_memory PID: the most that a process ever had, in MB.
most_memory() {
	awk '/^VmHWM:/ { print int($2 / 1024) }' "/proc/$1/status"
}

@test "group: all that a command writes, in one piece, whatever the record keeps of it" {
	temp_folder
	{
		numbers a 1000000 1999999
		numbers b 2000000 2999999
		echo '{"id": "c", "shell": "seq 3000000 3399999; seq 3400000 3999999 >&2"}'
	} >job.jsonl
	for order in "" -k; do
		# shellcheck disable=SC2086 # none or one
		stint run -q $order -o results job.jsonl
		[ "$status" -eq 0 ]
		[ "$(wc -l <out)" -eq 2400000 ]
		cut -c 1 out | uniq >order # each number begins with that of its task
		[ "$(sort order | uniq -d)" = "" ]
		sort -n out | cmp - <(seq 1000000 3399999)
		cmp err <(seq 3400000 3999999)
		records results '[len(x["stdout"]) for x in all if x["truncated"]] == [1048576] * 3' \
			'r["a"]["stdout"].startswith("1000000\n1000001\n")'
		[ -z "$order" ] || sort -c order
		nothing_in_temp
	done
}

@test "--tag: the tag on each line, also of what comes in many pieces and ends without a newline" {
	{
		echo '{"id": "a", "shell": "seq 1 300000; printf end; seq 1 90000 >&2; printf end >&2"}'
		printf '%s\n' '{"id": "b", "shell": "head -c 3000000 /dev/zero | tr \"\\0\" x"}'
	} >job.jsonl
	stint run -q --tag job.jsonl
	[ "$status" -eq 0 ]
	cmp <(grep '^a' out) <(seq 1 300000 | sed 's/^/a\t/' && printf 'a\tend\n')
	cmp err <(seq 1 90000 | sed 's/^/a\t/' && printf 'a\tend\n')
	[ "$(grep -c '^b' out)" -eq 1 ]
	[ "$(grep '^b' out | wc -c)" -eq 3000003 ]
}

@test "line: long lines are not cut, lines are not mixed" {
	for id in a b; do
		printf '%s\n' "{\"id\": \"$id\", \"shell\": \"for i in 1 2 3 4 5; do head -c 700000 /dev/zero | tr '\\\\0' $id; echo; echo $id; done\"}"
	done >job.jsonl
	stint run -q --output line job.jsonl
	[ "$status" -eq 0 ]
	[ "$(wc -l <out)" -eq 20 ]
	[ "$(grep -c '^a*$' out)" -eq 10 ]
	[ "$(awk 'length() == 700000' out | wc -l)" -eq 10 ]
}

@test "binary output and output without a last newline arrive as they are, in every way" {
	head -c 3000000 /dev/urandom >bytes
	echo '{"shell": "cat bytes; cat bytes >&2"}' >job.jsonl
	for how in group raw "group -k" "raw -k"; do
		# shellcheck disable=SC2086 # several words
		stint run -q --output $how job.jsonl
		cmp out bytes
		cmp err bytes
	done
}

@test "-k: what is out of turn is held back, without memory for it" {
	temp_folder
	{
		echo '{"shell": "until [ -e go ]; do sleep 0.05; done; echo first"}'
		for i in 2 3 4 5; do
			echo "{\"shell\": \"seq ${i}000000 ${i}999999\"}"
		done
	} >job.jsonl
	start run -q -k -o results job.jsonl
	until_true 30 lines_in results 4
	[ ! -s out ]
	uses_temp "$background"
	[ "$(most_memory "$background")" -lt 100 ]
	touch go
	finish
	[ "$status" -eq 0 ]
	cmp out <(echo first && seq 2000000 5999999)
	nothing_in_temp
}

@test "endless output: memory stays bounded, and the record says that there was more" {
	temp_folder
	for how in group line raw none; do
		command='yes' # which in a group would only end when the disk is full
		[ "$how" != group ] || command='yes | head -c 60000000; exec sleep 100'
		for _ in 1 2 3 4; do
			echo "{\"shell\": \"$command\", \"max_output\": 1000}"
		done >job.jsonl
		start run -q --output "$how" -o results job.jsonl
		until_true 10 has_workers 2
		until_true 20 have_read_much
		for pid in $background $(workers); do
			[ -n "${SANITIZE:-}" ] || [ "$(most_memory "$pid")" -lt 80 ]
		done
		kill -TERM "$background"
		finish
		records results '[len(x["stdout"]) for x in all if x["truncated"]] == [1000] * 4'
		nothing_left
		nothing_in_temp
	done
}

# The workers have read 200 MB between them.
have_read_much() {
	local pid

	[ "$(for pid in $(workers); do
		awk '/^rchar:/ { print $2 }' "/proc/$pid/io"
	done | awk '{ sum += $1 } END { print (sum > 200000000) }')" -eq 1 ]
}

# start_unread ARG...: as start, but stdout is a FIFO that is open as fd 7 and not read from.
start_unread() {
	mkfifo fifo
	exec 7<>fifo
	set -m
	E2E_MARK=$mark "$STINT" "$@" >fifo 2>err 3>&- 4>&- 7>&- &
	background=$!
	set +m
}

@test "a reader who pauses: results are written all the same, and nothing is lost" {
	temp_folder
	echo '{"shell": "seq 1 200000"}' >job.jsonl
	for _ in 1 2 3 4 5 6 7 8 9; do echo '{"shell": "seq 1 20000"}'; done >>job.jsonl
	echo '{"sleep": 0.1}' >>job.jsonl
	start_unread run -q -k -o results job.jsonl
	until_true 30 lines_in results 11
	sed -u '/^last$/q' <&7 >out &
	reader=$!
	finish
	[ "$status" -eq 0 ]
	echo last >fifo
	wait "$reader"
	cmp out <(seq 1 200000 && for _ in 1 2 3 4 5 6 7 8 9; do seq 1 20000; done && echo last)
	nothing_in_temp
}

@test "a reader who never reads: the run can be ended" {
	{
		numbers a 1 20000000
		numbers b 1 20000000
		echo '{"sleep": 100}'
	} >job.jsonl
	start_unread run -q -o results job.jsonl
	until_true 10 has_workers 2
	kill -TERM "$background"
	finish 30
	[ "$status" -eq 143 ]
	has err 'nobody reads the output'
	nothing_left
}

@test "the output file's own flags are left alone" {
	mkfifo fifo
	exec 7<>fifo
	echo '{"shell": "seq 1 1000"}' >job.jsonl
	before=$(awk '/^flags/ { print $2 }' "/proc/$$/fdinfo/7")
	"$STINT" run -q job.jsonl >&7 2>err
	[ "$(awk '/^flags/ { print $2 }' "/proc/$$/fdinfo/7")" = "$before" ]
	head -n 1000 <&7 | cmp - <(seq 1 1000)
}

@test "killed, it leaves nothing in TMPDIR" {
	temp_folder
	{
		echo '{"sleep": 100}'
		for _ in 1 2 3 4 5 6; do echo '{"shell": "seq 1 1000000; echo >>done; sleep 100"}'; done
	} >job.jsonl
	start run -q -k -j 2 --waiting 10 job.jsonl
	until_true 30 lines_in 'done' 1
	# shellcheck disable=SC2046 # a word each
	until_true 10 uses_temp $(workers)
	kill -KILL "$background"
	nothing_left
	nothing_in_temp
}

@test "TMPDIR that is not there: another folder does" {
	numbers a 1 300000 >job.jsonl
	TMPDIR=$PWD/nowhere stint run -q job.jsonl
	[ "$status" -eq 0 ]
	cmp out <(seq 1 300000)
}

@test "-k and no room to hold output back: exit 3 with a message" {
	{
		echo '{"sleep": 20}'
		numbers b 1 2000000
	} >job.jsonl
	status=0
	(ulimit -f 100 && exec timeout 240 "$STINT" run -q -k job.jsonl 2>&1 >/dev/null) | cat >err || :
	has err 'set TMPDIR to a folder with more room'
	has err 'File too large'
	(ulimit -f 100 && exec timeout 240 "$STINT" run -q -k job.jsonl >/dev/null 2>&1) || status=$?
	[ "$status" -eq 3 ]
}

@test "no room for a large group: shown as far as there is, the task has failed, a message says so" {
	echo '{"id": "big", "max_output": 0, "shell": "head -c 200000000 /dev/zero"}' >job.jsonl
	(ulimit -f 100 && "$STINT" run -q -o results job.jsonl 2>&1 >/dev/null) | cat >err
	has err 'task big: stdout: no room in '
	records results 'r["big"]["status"] == "failed" and r["big"]["truncated"]' \
		'"output was lost: no room in " in r["big"]["error"]'
}
