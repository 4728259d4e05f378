#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# --joblog and --results-dir: what is kept of each task beside the results file.

load helpers

header=$'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand'

commands() {
	# shellcheck disable=SC2016 # for the tasks
	printf '%s\n' 'echo hi; echo err >&2' 'exit 3' 'kill -9 $$' 'exit 200' 'printf "x\ty"' "echo it\\'s" 'cat /dev/null'
}

# entries FOLDER: what is in it, in one line.
entries() {
	find "$1" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | tr '\n' ' '
}

# columns FILE: the nine of GNU parallel, without what differs from run to run.
columns() {
	tail -n +2 "$1" | sort -n | cut -f 1,2,5-9
}

@test "--joblog: GNU parallel's columns, as it fills them" {
	command -v parallel >/dev/null || skip 'no parallel'
	commands | parallel --joblog theirs >/dev/null 2>&1 || :
	commands | python3 -c 'import json, sys
for line in sys.stdin: print(json.dumps({"shell": line[:-1]}))' >job.jsonl
	stint run --joblog ours job.jsonl
	[ "$status" -eq 1 ]
	# They may have a tab in the last column, we have more columns behind it.
	diff <(columns theirs) <(sed -E 's/(\t[^\t]*){6}$//' ours | columns /dev/stdin)
	[ "$(head -n 1 theirs)" = "$header" ]
	[ "$(head -n 1 ours)" = "$header"$'\tId\tStatus\tAttempt\tClass\tUser\tSys' ]
	# The times have their form.
	run ! grep -qvP '^\d+\t:\t\d{10}\.\d{3}\t {2,}\d+\.\d{3}\t' <(tail -n +2 ours)
	# And parallel finds in ours what it would do again.
	[ "$(tail -n +2 ours | grep -cP '^(\d+)(?:\t[^\t]+){5}\t0\t0\t')" -eq 4 ]
}

@test "--joblog: timeouts, tasks that are no commands, bad lines, newlines" {
	cat >job.jsonl <<-'END'
		{"id": "slow", "timeout": 0.1, "exec": ["sleep", "600"]}
		{"id": "back\\slash", "exec": ["printf", "%s", "a b"]}
		{"sleep": 0}
		{"bad": 1}
		{"shell": "echo a\necho b"}
	END
	stint run --output none --joblog log job.jsonl
	[ "$status" -eq 1 ]
	[ ! -s out ]
	[ "$(wc -l <log)" -eq 6 ]
	grep -qP '^1\t:\t.*\t0\t0\t-1\t15\tsleep 600\tslow\ttimeout\t1\twait\t' log
	grep -qP '^2\t:\t.*\t0\t3\t0\t0\tprintf %s .a b.\tback\\\\slash\tok\t1\t' log
	grep -qP '^3\t:\t.*\t0\t0\t0\t0\t\{"sleep":0\}\t3\tok\t1\t' log
	grep -qP '^4\t:\t0.000\t     0.000\t0\t0\t-1\t0\t.*\t4\tfailed\t0\t-\t' log
	grep -qaP '^5\t:\t.*\t0\t4\t0\t0\techo a\x00echo b\t5\tok\t1\t' log
}

@test "--joblog is appended to with --resume, and begins anew without" {
	echo '{"shell": "[ -e go ]"}' >job.jsonl
	stint run -o results --joblog log job.jsonl
	printf '2\t:\thalf' >>log
	touch go
	stint run --resume -o results --joblog log job.jsonl
	[ "$status" -eq 0 ]
	[ "$(cut -f 1,7 log | tr '\n\t' ' ,')" = 'Seq,Exitval 1,1 1,0 ' ]
	echo hello >other
	stint run --resume -o results --joblog other job.jsonl
	[ "$status" -eq 2 ]
	has err 'other: is no joblog'
	same other hello
	stint run --joblog log job.jsonl
	[ "$(wc -l <log)" -eq 2 ]
	stint run --joblog job.jsonl job.jsonl
	[ "$status" -eq 2 ]
}

@test "--joblog that cannot be written ends the run" {
	[ -c /dev/full ] || skip 'no /dev/full'
	echo '{"repeat": 10, "sleep": 0}' >job.jsonl
	stint run --joblog /dev/full job.jsonl
	[ "$status" -eq 3 ]
	has err 'stint: /dev/full: No space left on device'
	stint run --joblog /nowhere/log job.jsonl
	[ "$status" -eq 2 ]
	terse
}

@test "--results-dir: stdout, stderr and the record of each task" {
	cat >job.jsonl <<-'END'
		{"id": "both", "shell": "echo out; echo err >&2; exit 3"}
		{"id": "silent", "sleep": 0}
		{"id": "bytes", "shell": "printf 'a\\000\\377'"}
		{"id": "steps", "steps": [{"shell": "echo 1"}, {"cpu": {"loop": 1}}, {"print": "2"}, {"shell": "echo 3"}]}
		{"bad": 1}
	END
	for how in group line raw none; do
		rm -rf kept
		stint run -o results --output "$how" --results-dir kept/deep job.jsonl
		[ "$status" -eq 1 ]
		[ "$(entries kept/deep)" = 'both bytes silent steps ' ]
		same kept/deep/both/stdout out
		same kept/deep/both/stderr err
		cmp kept/deep/bytes/stdout <(printf 'a\0\377')
		same kept/deep/steps/stdout 1 2 3
		for task in both silent bytes steps; do
			[ "$(entries "kept/deep/$task")" = 'record.json stderr stdout ' ]
			grep -qxF -f "kept/deep/$task/record.json" results
		done
		[ ! -s kept/deep/silent/stdout ]
	done
	[ ! -s out ]
}

@test "--results-dir: what a former run left is replaced" {
	echo '{"id": "a", "shell": "if [ -e go ]; then echo short; else seq 100; seq 100 >&2; fi"}' >job.jsonl
	stint run --results-dir kept job.jsonl
	[ "$(wc -l <kept/a/stderr)" -eq 100 ]
	touch go
	stint run --results-dir kept job.jsonl
	same kept/a/stdout short
	[ ! -s kept/a/stderr ]
}

@test "--results-dir: no id leads out of it" {
	local long

	long=$(printf 'x%.0s' {1..1000})
	python3 - "$long" >job.jsonl <<-'END'
		import json, sys
		ids = ["../../evil", "..", ".", "/etc/evil", "a/b", "a%2Fb", ".hidden", "\u00e9\u4e16", sys.argv[1], sys.argv[1][:-1] + "y"]
		for id in ids:
		    print(json.dumps({"id": id, "shell": "echo it"}))
	END
	mkdir sub
	stint run -o results --results-dir sub/kept job.jsonl
	[ "$status" -eq 0 ]
	[ "$(ls -A sub)" = kept ]
	[ "$(find sub/kept -mindepth 1 -maxdepth 1 | wc -l)" -eq 10 ]
	[ "$(find sub/kept -name stdout -size 3c | wc -l)" -eq 10 ]
	same sub/kept/a%2Fb/stdout it
	same sub/kept/%2E./stdout it
	[ -z "$(find sub/kept -mindepth 3)" ]
}

@test "--results-dir: a link that lies in wait is not followed" {
	mkdir -p kept/a
	echo precious >file
	ln -s ../../file kept/a/stdout
	echo '{"id": "a", "shell": "echo new"}' >job.jsonl
	stint run --results-dir kept job.jsonl
	[ "$status" -eq 3 ]
	has err 'kept/a/stdout'
	same file precious
	rm -r kept/a
	mkdir other
	ln -s ../other kept/a
	stint run --results-dir kept job.jsonl
	[ "$status" -eq 3 ]
	[ -z "$(ls -A other)" ]
}

@test "--results-dir that cannot be: nothing runs" {
	echo '{"shell": "touch ran"}' >job.jsonl
	touch file
	for dir in file file/sub /proc/nowhere ''; do
		stint run --results-dir "$dir" job.jsonl
		[ "$status" -eq 2 ]
		terse
		[ ! -e ran ]
	done
}
