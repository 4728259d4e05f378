#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The corpora of job files: what `stint check` says, and what the published schema says.
# Needs STINT, the program, and TOP, the source folder.

bats_require_minimum_version 1.5.0

setup() {
	: "${STINT:?is to be the program}" "${TOP:?is to be the source folder}"
	corpus=$TOP/tests/corpus
	cd "$BATS_TEST_TMPDIR"
}

# check_file FILE: runs `stint check FILE`, leaves $status, $err, and its stdout in the file out.
check_file() {
	status=0
	timeout 240 "$STINT" check "$1" >out 2>err || status=$?
	err=$(cat err)
}

# complain TEXT: shows what is wrong with a file and goes on, so that one run names all of them.
complain() {
	echo "$1"
	head -n 3 err | cut -c 1-400 | sed 's/^/    /'
	complaints=$((complaints + 1))
}

@test "check: every valid job file is accepted, without a word on stderr" {
	complaints=0
	for file in "$corpus"/valid/*.json "$corpus"/valid/*.jsonl; do
		check_file "$file"
		[ "$status" -eq 0 ] || complain "$file: exit status $status, expected 0"
		[ -z "$err" ] || complain "$file: wrote to stderr"
	done
	[ "$complaints" -eq 0 ]
}

@test "check: every invalid job file is refused in one line, with file, place and key" {
	complaints=0
	for file in "$corpus"/invalid/*.json "$corpus"/invalid/*.jsonl; do
		{
			read -r expected_status
			IFS= read -r expected_text
		} <"$file.expect"
		check_file "$file"
		[ "$status" -eq "$expected_status" ] ||
			complain "$file: exit status $status, expected $expected_status"
		[[ $err == *"$expected_text"* ]] || complain "$file: no \"$expected_text\" in"
		[[ $file != *.json ]] || [[ $err == "stint: $file:"* && $err != *$'\n'* && ${#err} -lt 1500 ]] ||
			complain "$file: not one line that begins with the program and the file, not too long"
	done
	[ "$complaints" -eq 0 ]
}

@test "check: several files, one of them bad, exit 2" {
	run -2 "$STINT" check "$corpus/valid/one-line.json" "$corpus/invalid/no-action.json"
	run -0 "$STINT" check "$corpus/valid/one-line.json" "$corpus/valid/crlf.jsonl"
}

@test "check: the examples are valid" {
	mapfile -t files < <(find "$TOP/conf/examples" -type f ! -name stintd.json) # it is no job file
	run -0 "$STINT" check "${files[@]}"
}

@test "run: an invalid document runs nothing, exits 2 and leaves the results file alone" {
	echo kept >results
	printf '{"tasks": [{"shell": "touch ran"},\n{"slep": 1}]}\n' >bad.json
	run -2 --separate-stderr "$STINT" run -o results bad.json
	[ -z "$output" ]
	[[ $stderr == *'bad.json:2: tasks[1].slep: unknown key, did you mean "sleep"?'* ]]
	[ ! -e ran ]
	[ "$(cat results)" = kept ]
}

@test "check: 10,000 steps are accepted, 10,001 refused" {
	many=$(printf '{"sleep":0},%.0s' {1..9999})
	printf '{"tasks":[{"steps":[%s{"sleep":0}]}]}' "$many" >most.json
	printf '{"tasks":[{"steps":[%s{"sleep":0},{"sleep":0}]}]}' "$many" >more.json
	run -0 "$STINT" check most.json
	run -2 "$STINT" check more.json
	[[ $output == *'more.json:1: tasks[0].steps'* ]]
}

@test "check: 100,000 levels deep is a clear error" {
	{
		printf '{"tasks": '
		head -c 100000 /dev/zero | tr '\0' '['
		head -c 100000 /dev/zero | tr '\0' ']'
		printf '}\n'
	} >deep.json
	run -2 "$STINT" check deep.json
	[[ $output == *'deep.json:1'* ]]
}

@test "check: a line of 1 GiB is refused in bounded memory" {
	# A sanitizer needs far more address space than the program.
	[ -n "${SANITIZE:-}" ] || ulimit -v 400000
	status=0
	{
		printf '{"sleep": 0}\n{"print": "'
		head -c 1073741824 /dev/zero | tr '\0' a
		printf '"}\n'
	} | timeout 120 "$STINT" check - >out 2>err || status=$?
	cat err
	[ "$status" -eq 2 ]
	grep -q ':2' err
}

@test "check: a directory, a missing and an unreadable file exit 2 and are named" {
	mkdir folder
	run -2 "$STINT" check folder
	[[ $output == *folder* ]]
	run -2 "$STINT" check missing.json
	[[ $output == *missing.json* ]]
	[ "$(id -u)" -ne 0 ] || skip "root can read every file"
	echo '{"tasks": []}' >secret.json
	chmod 0 secret.json
	run -2 "$STINT" check secret.json
	[[ $output == *secret.json* ]]
}

@test "schema: gives the verdicts that the corpora are sorted by" {
	python3 -c 'import jsonschema' 2>/dev/null ||
		skip "python3 has no module jsonschema (Debian: apt-get install python3-jsonschema)"
	python3 "$corpus/verdicts.py" >verdicts 2>complaints || { cat complaints; false; }
}
