#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What may happen to the results file: kill -9 of the run, cuts at any byte, a full disk.

load ../e2e/helpers

# tally EXPRESSION...: `ran`, how often each task ran; `all` and `r`, the records.
tally() {
	python3 - "$@" <<-'END'
		import collections, json, sys
		ran = collections.Counter(open("log").read().split())
		all = [json.loads(line) for line in open("results")]
		r = {record["id"]: record for record in all}
		for expression in sys.argv[1:]:
		    if not eval(expression):
		        sys.exit(f"not so: {expression}; {len(all)} records, {len(ran)} ran, {sum(ran.values())} times")
	END
}

@test "7: kill -9 of the run at random points, then --resume" {
	local tasks kills=0 i

	tasks=$(full 2000 40000)
	for ((i = 1; i <= tasks; i++)); do
		echo "{\"id\":\"t$i\",\"shell\":\"echo t$i >>log\"}"
	done >job.jsonl
	for ((i = 0; i < $(full 8 200); i++)); do
		start run -q --resume -o results job.jsonl
		sleep "0.$((RANDOM % 3))$((RANDOM % 10))"
		if kill -KILL "$background" 2>/dev/null; then kills=$((kills + 1)); fi
		wait "$background" || :
		nothing_left
	done
	echo "$kills kills"
	stint run -q --resume -o results job.jsonl
	[ "$status" -eq 0 ]
	records results "len(all) == $tasks" '{e["status"] for e in all} == {"ok"}'
	# In flight: what a worker runs, and what it has not reported yet.
	tally "len(ran) == $tasks" "sum(ran.values()) - $tasks <= $kills * 64"
}

@test "8: a cut at any byte of the last three records" {
	local size from step

	for i in 1 2 3 4 5; do
		echo "{\"id\":\"t$i\",\"shell\":\"echo t$i >>log\"}"
	done >job.jsonl
	stint run -q -o whole job.jsonl
	size=$(wc -c <whole)
	from=$(head -n 2 whole | wc -c)
	step=$(full 23 1)
	for ((len = size; len >= from; len -= step)); do
		rm -f log
		touch log
		head -c "$len" whole >results
		stint run -q --resume -o results job.jsonl >/dev/null
		[ "$status" -eq 0 ]
		records results 'len(all) == 5' '{e["status"] for e in all} == {"ok"}'
		# Those whose records were whole, but for the newline, were not run again.
		[ "$(wc -l <log)" -eq $((5 - $(head -c $((len + 1)) whole | wc -l))) ]
	done
}

@test "9: a task that was changed runs again, its old record goes" {
	local tasks half

	tasks=$(full 40 10000)
	half=$((tasks / 2))
	for ((i = 1; i <= tasks; i++)); do
		echo "{\"id\":\"t$i\",\"shell\":\"echo t$i >>log; echo old\"}"
	done >job.jsonl
	stint run -q --output none -o results job.jsonl
	sed "1~2s/old/new/; \$ a {\"id\": \"added\", \"shell\": \"echo added >>log\"}" job.jsonl >changed.jsonl
	rm log
	stint run -q --resume --output none -o results changed.jsonl
	[ "$status" -eq 0 ]
	records results "len(all) == $tasks + 1" "[e.get('stdout') for e in all].count('new\n') == $half"
	tally "len(ran) == $half + 1" "sum(ran.values()) == $half + 1" \
		'not [i for i in ran if i != "added" and r[i]["stdout"] != "new\n"]'
	# Then nothing has changed any more.
	rm log
	stint run -q --resume -o results changed.jsonl
	[ ! -e log ]
}

# small_disk: a file system of 64 KiB at ./disk.
small_disk() {
	mkdir -p disk
	[ "$(id -u)" -eq 0 ] || skip 'only root can mount'
	mount -t tmpfs -o size=64k tmpfs disk 2>/dev/null || skip 'cannot mount'
}

teardown() {
	if mountpoint -q disk; then umount -l disk; fi
	for pid in $(marked); do
		kill -KILL "$pid" 2>/dev/null || :
	done
}

@test "10: a full disk, and --resume when there is room again" {
	local tasks=600 i

	small_disk
	for ((i = 1; i <= tasks; i++)); do
		echo "{\"id\":\"t$i\",\"shell\":\"echo t$i >>log\"}"
	done >job.jsonl
	dd if=/dev/zero of=disk/filler bs=1k count=24 2>/dev/null
	for sync in each batch; do
		rm -f disk/results log
		stint run -q --sync "$sync" -o disk/results job.jsonl
		[ "$status" -eq 3 ]
		has err 'disk/results: No space left on device'
		has err '--resume'
		records disk/results 'len(all) > 20' '{e["status"] for e in all} == {"ok"}'
		cp disk/results before
		# Still no room: the same again, and nothing is lost.
		stint run -q --resume -o disk/results job.jsonl
		[ "$status" -eq 3 ]
		[ "$(wc -l <disk/results)" -ge "$(wc -l <before)" ]
	done
	mount -o remount,size=1m disk
	stint run -q --resume -o disk/results job.jsonl
	[ "$status" -eq 0 ]
	cp disk/results results
	records results "len(all) == $tasks" '{e["status"] for e in all} == {"ok"}'
	tally "len(ran) == $tasks"
}

@test "10: a full disk under --joblog and --results-dir" {
	small_disk
	echo '{"repeat": 2000, "shell": "echo line"}' >job.jsonl
	stint run -q --joblog disk/log job.jsonl
	[ "$status" -eq 3 ]
	has err 'disk/log: No space left on device'
	[ "$(tail -c 1 disk/log)" = '' ]
	stint run -q --results-dir disk/kept job.jsonl
	[ "$status" -eq 3 ]
	has err 'disk/kept/'
	nothing_left
}
