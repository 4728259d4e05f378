#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Bad job files: one clear error, exit 2, nothing run, nothing lost, memory bounded.

load helpers

GIB=1073741824

# small: no more than 400 MB of memory for what follows. A sanitizer needs far more address space.
small() {
	[ -n "${SANITIZE:-}" ] || ulimit -v 400000
}

# many CHARACTER [COUNT]: so many of it, a GiB unless told otherwise.
many() {
	head -c "${2:-$GIB}" /dev/zero | tr '\0' "$1"
}

# refused TEXT [ARG...]: the input on stdin is refused with TEXT; nothing ran.
refused() {
	local text=$1

	shift
	echo kept >results
	(small && stint run -o results "$@" && echo "$status" >status)
	status=$(cat status)
	[ "$status" -eq 2 ]
	[ ! -s out ]
	terse
	has err "$text"
	[ ! -e ran ]
	same results kept
}

@test "a document with a string of 1 GiB" {
	{ printf '{"tasks": [{"shell": "touch ran"}, {"print": "' && many a && printf '"}]}\n'; } | refused 'stint: stdin:1' -
}

@test "a document with 1 GiB of spaces, in one line" {
	{ printf '{"tasks": [' && many ' ' && printf '{"shell": "touch ran"}]}\n'; } | refused 'stint: stdin' -
}

@test "1 GiB of [" {
	many '[' | refused 'stint: stdin:1' -
}

@test "1 GiB of { and of spaces alone" {
	many '{' | refused 'stint: stdin' -
	many ' ' | refused 'stint: stdin' -
}

@test "an endless first line ends by itself" {
	# Whoever writes is told by SIGPIPE; it must not be read for ever.
	yes | tr -d '\n' | refused 'stint: stdin' -
}

@test "a line of 1 GiB in a stream: a failed record, and the stream goes on" {
	size=$GIB
	for what in a ' ' '[' '"'; do
		{
			echo '{"id": "before", "print": "before"}'
			printf '{"print": ' && many "$what" "$size" && printf '\n'
			echo '{"id": "after", "print": "after"}'
		} | (small && stint run -o results - && echo "$status" >status)
		[ "$(cat status)" -eq 1 ]
		has err 'stint: stdin:2: '
		records results 'len(all) == 3' 'r["2"]["status"] == "failed" and "stdin:2" in r["2"]["error"]' \
			'r["before"]["status"] == "ok" and r["after"]["status"] == "ok"'
		[ "$(sort out | tr '\n' ' ')" = 'after before ' ]
		size=$((GIB / 16)) # the others quicker
	done
}

@test "a line at the limit is run, one over it is not" {
	most=$((16 * 1024 * 1024 - 4096))
	{
		printf '{"cpu":{"loop":1}}' && many ' ' $((most - 18 - 1)) && echo
		printf '{"cpu":{"loop":2}}' && many ' ' $((most + 1)) && echo
		echo '{"cpu":{"loop":3}}'
	} | stint run -o results -
	records results 'r["1"]["status"] == "ok"' 'r["2"]["status"] == "failed"' 'r["3"]["status"] == "ok"'
}

@test "a first line of 1 GiB that could be a task" {
	{ printf '{"print": "' && many a && printf '"}\n{"shell": "touch ran"}\n'; } | refused 'stint: stdin:1' -
}

@test "100,000 levels deep: in a document, a line, a value" {
	{ printf '{"shell": "touch ran"}\n{"env": ' && many '[' 100000 && many ']' 100000 && echo '}'; } >deep.jsonl
	stint run --strict -o results deep.jsonl
	[ "$status" -eq 2 ]
	has err 'deep.jsonl:2: '
	rm -f ran
	{ printf '{"tasks": ' && many '[' 100000 && many ']' 100000 && echo '}'; } | refused 'stdin:1: ' -
	# shellcheck disable=SC2046 # words
	{ printf '{"tasks": [{"shell": "touch ran"}, {"env": ' && printf '{"a":%.0s' $(seq 100000) && printf '1' && many '}' 100000 && echo '}]}'; } |
		refused 'stdin:1: ' -
}

@test "a million keys" {
	{ printf '{"tasks": [{"sleep": 0, "env": {' && seq -f '"k%.0f": "v",' 1000000 && printf '"last": "v"}}]}\n'; } >keys.json
	(small && stint check keys.json && echo "$status" >status)
	[ "$(cat status)" -le 2 ]
	{ printf '{"tasks": [{"shell": "touch ran", ' && seq -f '"k%.0f": "v",' 1000000 && printf '"last": "v"}]}\n'; } >keys.json
	refused 'keys.json:1: tasks[0].k1: unknown key' keys.json
}

@test "a directory, a missing file, no permission" {
	mkdir folder
	refused 'stint: folder: is a directory' folder
	refused 'stint: missing.json: No such file or directory' missing.json
	refused 'stint: folder/missing.json: No such file or directory' folder/missing.json
	[ "$(id -u)" -ne 0 ] || skip 'root reads everything'
	echo '{"shell": "touch ran"}' >secret.json
	chmod 0 secret.json
	refused 'stint: secret.json: Permission denied' secret.json
}

@test "stdin that is a directory, or closed" {
	mkdir folder
	stint run - <folder
	[ "$status" -eq 2 ]
	terse
	stint run - <&-
	[ "$status" -eq 2 ]
	terse
}

@test "nothing in it" {
	: >empty
	printf ' \n\t\r\n\n' >blank
	refused 'stint: empty: no tasks' empty
	refused 'stint: blank: no tasks' blank
	refused 'stint: stdin: no tasks' - </dev/null
}

@test "not text at all" {
	head -c 100000 "$STINT" >binary
	refused 'stint: binary:' binary
	head -c 100000 /dev/urandom | tr -d '\0\n' >noise
	refused 'stint: noise:' noise
	many '\0' 1000 | refused 'stint: stdin:' -
	hasnt err $'\033'
}

@test "a document that ends too early" {
	whole='{"tasks": [{"id": "ä", "shell": "touch ran", "env": {"A": "\u00e4"}}, {"sleep": 1.5e0}]}'
	for ((i = 1; i < ${#whole}; i += 3)); do
		printf '%s' "${whole:0:i}" | "$STINT" run -o results - >out 2>err && return 1
		terse
	done
	[ ! -e ran ]
}

@test "an error at the end of a document of 50,000 tasks names its place, and nothing ran" {
	{
		echo '{"tasks": ['
		yes '{"shell": "touch ran"},' | head -n 50000
		echo '{"sleep": -1}]}'
	} >long.json
	refused 'long.json:50002: tasks[50000].sleep: ' long.json
}

@test "job file and results that are the same file: neither is lost" {
	echo '{"tasks": [{"sleep": 0}]}' >job.json
	cp job.json copy
	stint run -o job.json job.json
	[ "$status" -eq 2 ]
	terse
	cmp job.json copy
	echo '{"sleep": 0}' >job.jsonl
	cp job.jsonl copy
	stint run -o ./job.jsonl job.jsonl
	[ "$status" -eq 2 ]
	cmp job.jsonl copy
}
