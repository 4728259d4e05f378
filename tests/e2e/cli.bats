#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The command line: help, options, and what is said about wrong ones.

load helpers

# wrong TEXT ARG...: exit 2, nothing on stdout, one line on stderr with TEXT in it.
wrong() {
	local text=$1

	shift
	stint "$@" <good.jsonl
	[ "$status" -eq 2 ]
	[ ! -s out ]
	terse
	has err "$text"
	[ ! -e ran ]
}

@test "--version" {
	stint --version
	[ "$status" -eq 0 ]
	grep -qxE 'stint [0-9]+\.[0-9]+\.[0-9]+' out
	[ ! -s err ]
	version=$(sed -n 's/^VERSION *= *//p' "$TOP/Makefile")
	same out "stint $version"
	"$(dirname "$STINT")/stint-worker" --version >out
	same out "stint-worker $version"
}

@test "-h and --help: a screenful, on stdout" {
	for arguments in -h --help 'run -h' 'run --help' 'map -h' 'compare -h' 'check -h' 'help -h'; do
		# shellcheck disable=SC2086 # words
		stint $arguments
		[ "$status" -eq 0 ]
		[ ! -s err ]
		grep -q '^usage: stint' out
		[ "$(wc -l <out)" -le 48 ]
		[ "$(wc -L <out)" -le 80 ]
	done
	stint -h
	for command in run map compare check help; do
		grep -q "^  $command " out
	done
}

@test "run -h lists every option" {
	stint run -h
	for option in -j -m -o -k --output --tag --timeout --waiting --strict --summary --progress --no-progress \
		--color --worker --json --dry-run -q --resume --retry-failed --sync --joblog --results-dir --explain \
		--no-history --halt --fail-fast --retries --retry --backoff --grace --class --cpus --memory --nice; do
		has out " $option"
	done
	has out 'when to stop:'
}

@test "map -h explains its own options and names those of run" {
	stint run -h
	grep -o -- ' --[a-z-]*' out | sort -u >of-run
	stint map -h
	grep -o -- ' --[a-z-]*' out | sort -u >of-map
	[ -z "$(comm -23 of-run of-map)" ]
	grep -q '^  -a, --arg-file FILE  *[a-z]' out
}

@test "without a command: how it is used, exit 2" {
	stint
	[ "$status" -eq 2 ]
	cat out err | grep -q '^usage: stint'
}

@test "stint help opens the manual" {
	mkdir bin
	printf '#!/bin/sh\necho "man $*"\n' >bin/man
	chmod +x bin/man
	PATH=$PWD/bin:$PATH
	stint help
	[ "$status" -eq 0 ]
	has out 'stint'
	for topic in run compare check; do
		stint help "$topic"
		[ "$status" -eq 0 ]
		grep -q '^man .*stint' out
	done
	stint help map
	grep -q 'stint-map' out
	stint help parallel
	grep -q 'stint-parallel' out
	stint help jobs
	grep -q 'stint-jobs' out
	stint help worker
	grep -q 'stint-worker' out
	for topic in queue status wait results output cancel retry pause resume drain priority rm ping shutdown; do
		stint help "$topic"
		same out 'man 1 stint-queue'
	done
	stint help submit
	same out 'man 1 stint-submit'
	stint help protocol
	same out 'man 7 stint-protocol'
	stint help stintd
	same out 'man 8 stintd'
	stint help nonsense
	[ "$status" -eq 2 ]
	terse
}

@test "commands that there are not" {
	touch good.jsonl
	wrong 'did you mean "run"?' rnu
	wrong 'did you mean "compare"?' comapre
	wrong 'did you mean "check"?' Check
	wrong 'xyzzy' xyzzy
	wrong '--jsno' --jsno
	wrong '-j2: options stand behind a command: stint run -j2' -j2 run good.jsonl
}

@test "options that there are not" {
	echo '{"shell": "touch ran"}' >good.jsonl
	wrong '--strcit: unknown option, did you mean --strict?' run --strcit good.jsonl
	wrong 'did you mean --timeout?' run --timeuot 5 good.jsonl
	wrong '--xyzzy' run --xyzzy good.jsonl
	wrong '--foo: unknown option; stint run -h lists them' run --foo good.jsonl
	wrong '-Z' run -Z good.jsonl
	wrong '-Z' run -qZ good.jsonl
	wrong '-k' compare -k good.jsonl
	wrong '--strict' compare --strict good.jsonl
	wrong '--timeout' compare --timeout 5 good.jsonl
	wrong '--xyzzy' check --xyzzy good.jsonl
	wrong '-x' check -x good.jsonl
}

@test "options that lack their value, or have one that they do not take" {
	echo '{"shell": "touch ran"}' >good.jsonl
	for option in -j -m -o --output --timeout --waiting --summary --color --worker; do
		wrong "$option" run "$option"
	done
	wrong '-m' compare -m
	wrong '--strict' run --strict=yes good.jsonl
	wrong '--json' run --json=x good.jsonl
}

@test "options may be shortened where that is not ambiguous, and follow the file" {
	echo '{"print": "x"}' >good.jsonl
	stint run good.jsonl --quie --output=none
	[ "$status" -eq 0 ]
	[ ! -s out ] && [ ! -s err ]
	wrong '--s' run --s good.jsonl
	stint run -q -- good.jsonl
	same out x
}

@test "operands that are missing or too many" {
	echo '{"shell": "touch ran"}' >good.jsonl
	wrong 'usage: stint run' run
	wrong 'usage: stint run' run good.jsonl good.jsonl
	wrong 'usage: stint compare' compare
	wrong 'usage: stint compare' compare good.jsonl good.jsonl
	wrong 'stint check' check
}

@test "values that an option cannot have" {
	echo '{"shell": "touch ran"}' >good.jsonl
	for value in 0 two "" 1.5 1x 99999999999999999999 1025 -x +; do
		wrong '-j: ' run -j "$value" good.jsonl
		wrong '-j: ' compare -j "$value" good.jsonl
	done
	for value in 0 -1 x '' 99999999999999999999; do
		wrong '--waiting: ' run --waiting "$value" good.jsonl
	done
	for value in 0 -1 x '' 1.5x 1e400 inf nan 11y '1 s' 99999999999d 0ms; do
		wrong '--timeout: ' run --timeout "$value" good.jsonl
	done
	for value in x '' Sync hybird 'sync async'; do
		wrong '-m: ' run -m "$value" good.jsonl
		wrong '-m: ' compare -m "$value" good.jsonl
	done
	wrong 'did you mean "hybrid"?' run -m hybird good.jsonl
	wrong '-m: ' compare -m sync,,async good.jsonl
	for value in x '' Group lines; do
		wrong '--output: ' run --output "$value" good.jsonl
	done
	for value in x '' yes; do
		wrong '--color: ' run --color "$value" good.jsonl
	done
}

@test "a message cannot be made to look like another" {
	touch good.jsonl
	wrong 'stint: ' run $'no such\nstint: file'
	wrong 'stint: ' $'no\033[31m\nsuch'
	hasnt err $'\033'
	printf '{"a\\u001b[31m\\nb": 1}\n' >key.json
	stint check key.json
	[ "$status" -eq 2 ]
	terse
	hasnt err $'\033'
}

@test "check: good files are passed over in silence or with a word, bad ones named" {
	echo '{"sleep": 1}' >good.jsonl
	stint check good.jsonl
	[ "$status" -eq 0 ] && [ ! -s err ]
	stint check - <good.jsonl
	[ "$status" -eq 0 ] && [ ! -s err ]
	echo '{"slep": 1}' >bad.jsonl
	echo '{"tasks": [{}]}' >worse.json
	stint check bad.jsonl good.jsonl worse.json
	[ "$status" -eq 2 ]
	has err 'stint: bad.jsonl:1: slep: unknown key, did you mean "sleep"?'
	has err 'stint: worse.json:1: tasks[0]'
	# Every bad line of a stream.
	printf '{"slep": 1}\n{"sleep": 1}\n{"sleep": "x"}\n' >bad.jsonl
	stint check bad.jsonl
	[ "$status" -eq 2 ]
	has err 'bad.jsonl:1:'
	has err 'bad.jsonl:3:'
}

@test "names that begin with a dash" {
	echo '{"print": "x"}' >./-job.jsonl
	stint run -q -- -job.jsonl
	[ "$status" -eq 0 ]
	same out x
	stint run -q ./-job.jsonl -o ./-
	[ "$status" -eq 0 ]
	records ./- 'len(all) == 1'
}

@test "options of xargs and GNU parallel: what to write here" {
	touch good.jsonl
	wrong '-P: unknown option; commands that wait overlap' run -P 4 good.jsonl
	wrong '-P: unknown option; commands that wait overlap' map -P8 touch ran
	wrong '-t: unknown option; --dry-run' map -t touch ran
	wrong '--eta: unknown option; --progress' map --eta touch ran
	wrong '-j N is for fewer' map --max-procs=4 touch ran
	wrong '-t: unknown option; stint run -h lists them' run -t good.jsonl
}

@test "files that cannot be: known before anything runs" {
	echo '{"shell": "touch ran"}' >good.jsonl
	wrong 'none/summary: No such file' run --summary none/summary good.jsonl
	wrong '--summary: same is the file of -o' run --summary same -o same good.jsonl
	wrong '--summary: same is the file of --joblog' run --summary same --joblog ./same good.jsonl
	wrong '--output-file: the name is empty' run -o '' good.jsonl
	wrong '--results-dir: the name is empty' run --results-dir= good.jsonl
	wrong 'the name of the job file is empty' run ''
	wrong 'there is no such file' run -j @none good.jsonl
	stint run -q --summary /dev/stdout good.jsonl
	[ "$status" -eq 0 ]
	json out 'v["ok"] == 1'
}
