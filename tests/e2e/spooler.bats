#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# stint-spooler(7): what task-spooler and pueue have is in its tables, and its examples do what they
# say; those for task-spooler beside the real tsp(1).
# shellcheck disable=SC2016 # $ is for commands

load helpers
load daemon

setup() {
	helpers_setup
	prepare_daemon
	mkdir bin
	ln -s "$STINT" bin/stint
	export PATH=$PWD/bin:$PATH
}

# page: as people read it, a row of a table in a line.
page() {
	command -v mandoc >/dev/null || skip 'no mandoc'
	mandoc -Tascii -O width=300 "$TOP/man/stint-spooler.7" | col -bx >page
	sed -n "/^   $1/,/^   From\\|^EXAMPLES/p" page >section
}

# rows WORD...: each is in the left column of the section.
rows() {
	local word

	cut -c 1-75 section >left
	for word in "$@"; do
		grep -qE -- "(^|[ ,])$word([ ,]|\$)" left || {
			echo "$word is not in the manual"
			return 1
		}
	done
}

# examples_of WHOSE: the commands of that part of EXAMPLES, one a line.
examples_of() {
	sed -n "/^\\.Sh EXAMPLES/,/^\\.Sh SEE/{/^$1/,/^\\.Ed/s/^\\\$ //p}" "$TOP/man/stint-spooler.7"
}

# in_folder NAME COMMAND: in a folder with what the examples want; leaves NAME.out, without the
# numbers of jobs, and NAME.files.
in_folder() {
	mkdir "$1"
	(
		cd "$1"
		printf 'gamma\nalpha\n' >a.txt
		printf 'delta\nbeta\n' >'b c.txt'
		E2E_MARK=$mark TS_SOCKET=$BATS_TEST_TMPDIR/ts TMPDIR=$BATS_TEST_TMPDIR timeout 240 \
			bash -c "$2" </dev/null 2>../"$1".err 3>&- 4>&- | grep -v '^[0-9]*$' >../"$1".out || :
		{
			find . -name '*.gz' # which have the time in them
			find . -type f ! -name '*.gz' -exec sha1sum {} +
		} | sort >../"$1".files
	)
}

@test "stint-spooler(7): all that tsp -h has is in the table" {
	command -v tsp >/dev/null || skip 'task-spooler is not installed'
	page 'From task-spooler'
	tsp -h >help
	mapfile -t options < <(sed -n 's/^  \(-[A-Za-z]\) .*/\1/p; s/^  \(T[A-Z_]*\) .*/\1/p' help)
	[ "${#options[@]}" -ge 30 ]
	rows "${options[@]}"
}

@test "stint-spooler(7): all subcommands and settings of pueue are in the table" {
	page 'From pueue'
	rows add remove switch stash enqueue start restart pause kill send edit 'env set' 'env unset' \
		group status format-status log follow wait clean reset shutdown parallel completions \
		callback callback_log_lines default_parallel_tasks pause_group_on_failure \
		pause_all_on_failure env_vars shell_command pueue_directory runtime_directory alias_file \
		use_unix_socket unix_socket_path unix_socket_permissions host port daemon_cert daemon_key \
		shared_secret_path pid_path restart_in_place read_local_logs compress_state_file \
		show_confirmation_questions edit_mode dark_mode max_status_lines status_time_format profiles
}

@test "stint-spooler(7): options of stint that it names are there" {
	page 'From'
	for command in submit jobs status wait output cancel retry; do
		"$STINT" "$command" -h
	done >help
	for option in --after --after-any --env --hold --name --priority --wait --state --last --json \
		--timeout --follow --kill --failed --socket; do
		has help "$option"
		has page "$option"
	done
	for key in cores waiting memory keep keep_jobs clients socket socket_group state_directory \
		runtime_directory pidfile http; do
		grep -q "^KEY($key," "$TOP/supervisor/daemon_keys.def"
		has page "$key"
	done
}

@test "stint-spooler(7): each pair for task-spooler does the same" {
	command -v tsp >/dev/null || skip 'task-spooler is not installed'
	examples_of 'From task-spooler' >examples
	lines_in examples 16
	while read -r theirs && read -r ours; do
		rm -rf theirs ours
		echo "$theirs"
		in_folder theirs "$theirs"
		echo "$ours"
		in_folder ours "$ours"
		diff theirs.out ours.out
		diff theirs.files ours.files
	done <examples
	TS_SOCKET=$BATS_TEST_TMPDIR/ts tsp -K
}

@test "stint-spooler(7): what is there for pueue's commands runs" {
	examples_of 'From pueue' >examples
	lines_in examples 12
	printf 'gamma\nalpha\n' >a.txt
	while read -r _ && read -r ours; do
		echo "$ours"
		E2E_MARK=$mark timeout 240 bash -e -c "$ours" </dev/null >>out 2>err 3>&- 4>&-
	done <examples
	cat out
	same a.sorted alpha gamma
	has out '2 a.txt'
	has out '"name":"last","state":"queued"'
	stint jobs --json
	same out '[]'
}

@test "stint-spooler(7): a word when it is over, and a task that begins later" {
	examples_of 'Without a counterpart' >examples
	lines_in examples 2
	while read -r ours; do
		echo "$ours"
		E2E_MARK=$mark timeout 240 bash -e -c "$ours" </dev/null >>out 2>err 3>&- 4>&-
	done <examples
	until_true 20 test -s over
	has over failed
	stint output later
	same out now
}

@test "stint-spooler(7): what is said to differ from task-spooler and pueue does" {
	# Not one after the other: each waits for a file that the other makes.
	stint submit -- sh -c 'touch one; while [ ! -e two ]; do sleep 0.02; done'
	stint submit -- sh -c 'touch two; while [ ! -e one ]; do sleep 0.02; done'
	stint wait 1 2
	[ "$status" -eq 0 ]
	# The environment is that of stintd.
	VARIABLE=here stint submit --wait -- sh -c '[ -z "$VARIABLE" ] && [ "$PWD" = "'"$PWD"'" ]'
	[ "$status" -eq 0 ]
	# Pause lets what runs go on.
	stint submit -- sh -c 'touch begun; while [ ! -e go ]; do sleep 0.02; done; touch ended'
	until_true 20 test -e begun
	stint pause
	touch go
	until_true 20 test -e ended
}
