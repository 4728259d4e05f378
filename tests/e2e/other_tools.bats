#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The stress tests of parallel_alternatives(7), "TESTING OTHER TOOLS", with `stint map`, a test for
# each; sizes are as there with FULL=1. stint-parallel(7) has a table of them.
# shellcheck disable=SC1083,SC2016,SC2094 # braces and $ are for stint and its commands

load helpers

# Arguments come from stdin.
map() {
	status=0
	E2E_MARK=$mark timeout -k 5 600 "$STINT" map -q "$@" >out 2>err 3>&- 4>&- || status=$?
	{ echo "stint map $*: exit status $status" && head -n 5 err; } | cut -c 1-300
}

# mycommand: from stdin, to be run.
mycommand() {
	cat >mycommand
	chmod +x mycommand
}

# in_turns LETTERS FILE COUNT: has it a line for each job, with runs of these letters in order?
in_turns() {
	tr -s a-f <"$2" >squeezed
	[ "$(sort -u squeezed)" = "$1" ]
	[ "$(wc -l <squeezed)" -eq "$3" ]
}

# most_memory PID: the most that a process ever had, in MB.
most_memory() {
	awk '/^VmHWM:/ { print int($2 / 1024) }' "/proc/$1/status"
}

@test "MIX: outputs of commands do not mix" {
	mycommand <<-END
		#!/bin/sh
		for i in a b c d e f; do
			head -c $(full 300000 3000000) /dev/zero | tr '\\0' \$i >&\$((1 + (\$(printf %d "'\$i") + 1) % 2))
		done
		echo
		echo >&2
	END
	for output in group line; do
		map --output $output ./mycommand < <(seq "$(full 10 30)")
		[ "$status" -eq 0 ]
		in_turns ace out "$(full 10 30)"
		in_turns bdf err "$(full 10 30)"
	done
}

@test "STDERRMERGE: stdout and stderr are not merged" {
	mycommand <<-'END'
		#!/bin/sh
		echo stdout
		echo stderr >&2
		echo stdout
		echo stderr >&2
	END
	map ./mycommand < <(echo)
	[ "$status" -eq 0 ]
	same out stdout stdout
	same err stderr stderr
}

@test "RAM: output is not limited by memory" {
	local size count

	size=$(full 40000000 1073741824)
	count=$(full 8 20)
	mycommand <<-END
		#!/bin/sh
		yes | head -c $size
		echo >>written
		while ! [ -e go ]; do sleep 0.05; done
	END
	seq "$count" >in
	start map -q -a in ./mycommand
	until_true 300 lines_in written "$count"
	for pid in $background $(workers); do
		# The sanitizers' own memory is not meant.
		[ -n "${SANITIZE:-}" ] || [ "$(most_memory "$pid")" -lt 110 ]
	done
	touch go
	finish 300
	[ "$status" -eq 0 ]
	[ "$(wc -c <out)" -eq $((count * size)) ]
}

@test "DISKFULL: output that is lost when the temporary folder is full is not passed over" {
	unshare -rm mount -t tmpfs -o size=1m none /mnt 2>/dev/null || skip 'no file system of our own'
	mycommand <<-'END'
		#!/bin/sh
		yes 2>/dev/null >"$TMPDIR/$$"
		head -c 100000000 /dev/zero | tr '\0' X
		echo This part is missing from incomplete output
		rm "$TMPDIR/$$"
		echo Final output
	END
	mkdir small
	seq 3 >in
	status=0
	unshare -rm sh -c 'mount -t tmpfs -o size=8m none small && TMPDIR=$PWD/small exec "$@"' sh \
		env E2E_MARK="$mark" "$STINT" map -q -o results -a in ./mycommand >out 2>err || status=$?
	# 3, if stint itself had to keep output and could not.
	[ "$status" -eq 1 ] || [ "$status" -eq 3 ]
	has err 'no room in'
	records results '{x["status"] for x in all} <= {"failed", "cancelled", "interrupted"}' \
		'any("output was lost" in x["error"] for x in all)'
	hasnt out 'Final output'
}

@test "CLEANUP: nothing is left behind by kill -9" {
	mkdir tmp
	TMPDIR=$PWD/tmp start map -q --shell 'yes | head -c 3000000; echo {} >>begun; sleep 600' ::: 1 2 3
	until_true 20 lines_in begun 1
	kill -KILL "$background"
	finish
	nothing_left
	[ -z "$(ls -A tmp)" ]
}

@test "SPCCHAR: special file names" {
	local name="My brother's 12\" *** record  (costs \$\$\$).jpg"

	touch "$name"
	for command in ls 'ls {}' 'ls {} | cat' 'ls "{}" | cat' "ls '{}' | cat"; do
		map "$command" < <(find . -name 'My*jpg' -printf '%f\n')
		[ "$status" -eq 0 ]
		same out "$name"
	done
	mkdir sub
	touch sub/$'a\nb' sub/-n
	map -0 sh -c '[ -f "sub/$1" ] && echo found' sh < <(find sub -type f -printf '%f\0')
	same out found found
}

@test "COMPOSED: composed commands" {
	map -k 'echo foo; echo {}' < <(echo bar)
	same out foo bar
	map -k --shell 'echo foo; echo {}' < <(echo bar)
	same out foo bar
	# What parallel takes in several words is refused a shell here, and said.
	map echo foo';' echo {} < <(echo bar)
	same out 'foo; echo bar'
	has err '--shell'
}

@test "ONEREP: several replacement strings" {
	map echo {} foo {} < <(echo bar)
	same out 'bar foo bar'
	map 'echo {} foo {}' < <(echo bar)
	same out 'bar foo bar'
}

@test "INPUTSIZE: input is not limited, a command by the system" {
	map echo {.} < <(printf foo. && head -c "$(full 20000000 100000000)" /dev/zero | tr '\0' x)
	[ "$status" -eq 0 ]
	same out foo
	map echo {} < <(head -c 131000 /dev/zero | tr '\0' x)
	[ "$status" -eq 0 ]
	[ "$(wc -c <out)" -eq 131001 ]
	map -o results echo {} < <(echo a && head -c 140000 /dev/zero | tr '\0' x && echo && echo b)
	[ "$status" -eq 1 ]
	records results 'r["2"]["status"] == "failed" and "one of 140000 bytes" in r["2"]["error"]' \
		'r["1"]["status"] == r["3"]["status"] == "ok"'
}

@test "NUMWORDS: speed does not depend on the number of words in the output" {
	local count

	count=$(full 10 30)
	mycommand <<-END
		#!/bin/sh
		yes "$(seq 1000 | tr '\n' ' ')" | head -c $(full 1000000 10485760)
	END
	map ./mycommand < <(seq "$count")
	[ "$status" -eq 0 ]
	[ "$(wc -c <out)" -eq $((count * $(full 1000000 10485760))) ]
}

@test "4GB: a line of any length" {
	local size

	size=$(full 50000000 5000000000)
	for output in group raw; do
		E2E_MARK=$mark "$STINT" map -q --output $output \
			"head -c {} /dev/zero | tr '\\0' a" ::: "$size" 2>err | LC_ALL=C wc >out
		[ "$(tr -s ' ' <out)" = " 0 1 $size" ]
	done
}

# examples: the commands of the manual's EXAMPLES, one a line.
examples() {
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/s/^\$ //p' "$TOP/man/$1" | sed 's/\\e/\\/g'
}

# in_folder NAME COMMAND: in a folder with what the examples want; leaves NAME.out, NAME.files.
in_folder() {
	mkdir "$1"
	(
		cd "$1"
		printf 'gamma\nalpha\n' >a.txt
		printf 'delta\nbeta\n' >'b c.txt'
		printf '%s\n' a.txt 'b c.txt' >names
		printf 'name\tsize\nx y\t1\nz\t22\n' >pairs
		printf '%s\n' 'echo one | tr o 0' 'echo two' >commands
		E2E_MARK=$mark SHELL=/bin/bash PARALLEL=--will-cite timeout 240 bash -c "$2" </dev/null >../"$1".out 2>../"$1".err || :
		rm -f log results part.*
		{
			find . -name '*.gz' # which have the time in them
			find . -type f ! -name '*.gz' -exec sha1sum {} +
		} | sort >../"$1".files
	)
	sort -o "$1".out "$1".out
}

@test "stint-parallel(7): the commands of each pair of the examples do the same" {
	parallel --version 2>/dev/null | grep -q '^GNU parallel' || skip 'GNU parallel is not installed'
	mkdir bin
	ln -s "$STINT" bin/stint
	export PATH=$PWD/bin:$PATH
	examples stint-parallel.7 >examples
	lines_in examples 40
	while read -r theirs && read -r ours; do
		rm -rf theirs ours
		in_folder theirs "$theirs"
		echo "$ours"
		in_folder ours "$ours"
		[ -s theirs.out ] || [ "$(wc -l <theirs.files)" -gt 5 ] || [[ $theirs = *halt* ]]
		diff theirs.out ours.out
		diff theirs.files ours.files
	done <examples
}

@test "what xargs and GNU parallel have and stint map has not is refused, and in the manual" {
	command -v mandoc >/dev/null || skip 'no mandoc'
	mandoc -Tascii -O width=300 "$TOP/man/stint-parallel.7" | col -b >page
	for option in -P8 --max-procs=8 -u --eta --pipe --delay=1 --results-dirs -L1 -t; do
		"$STINT" map "$option" echo ::: a >out 2>err && false
		[ ! -s out ]
		terse
	done
	grep -oP '^    \{"\K-[^"]+(?=", FOR_(MAP|RUN))' "$TOP/supervisor/options_foreign.c" >options
	lines_in options 70
	while read -r option; do
		grep -qE -- "(^|[^a-z-])$option([^a-z-]|\$)" page || {
			echo "$option is not in the manual"
			false
		}
	done <options
}
