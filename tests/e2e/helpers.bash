# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# What the tests of whole programs share; loaded by each .bats file.
# Needs STINT, the program, and TOP, the source folder. FULL=1 makes the fault tests whole.

bats_require_minimum_version 1.5.0

# Settings of whoever runs the tests are not what is tested.
unset NO_COLOR COLUMNS STINT_WORKER OMP_NUM_THREADS E2E_MARK

# Every test has a folder of its own, and a mark in the environment of all that it starts.
setup() {
	cd "$BATS_TEST_TMPDIR"
	mark=$BATS_TEST_NUMBER-$$-$RANDOM$RANDOM
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state # what is learned of tasks
}

teardown() {
	local pid

	for pid in $(marked); do
		kill -KILL "$pid" 2>/dev/null || :
	done
}

# full NORMAL WHOLE: the count for this run of the fault tests.
full() {
	if [ -n "${FULL:-}" ]; then echo "$2"; else echo "$1"; fi
}

# until_true SECONDS COMMAND...: looks again and again; fails when the time is over, of which there is
# four times as much: the machine may be busy with other things, and waits only for what goes wrong.
until_true() {
	local end=$((SECONDS + 4 * $1))

	shift
	until "$@"; do
		if [ "$SECONDS" -ge "$end" ]; then
			echo "not in time: $*"
			return 1
		fi
		sleep 0.02
	done
}

# stint ARG...: runs it to its end; leaves $status, and the files out and err.
stint() {
	status=0
	E2E_MARK=$mark timeout -k 5 240 "$STINT" "$@" >out 2>err 3>&- 4>&- || status=$?
	{ echo "stint $*: exit status $status" && head -n 5 err; } | cut -c 1-300
}

# start ARG...: starts it in the background, in a process group of its own: $background, files out, err.
start() {
	set -m # so that it does not ignore SIGINT
	E2E_MARK=$mark "$STINT" "$@" >out 2>err 3>&- 4>&- 9>&- &
	background=$!
	set +m
}

ended() {
	! kill -0 "$1" 2>/dev/null
}

# finish [SECONDS]: waits for what was started; leaves $status.
finish() {
	until_true "${1:-30}" ended "$background"
	status=0
	wait "$background" || status=$?
	{ echo "exit status $status" && head -n 5 err; } | cut -c 1-300
}

# marked: the processes that this test started, workers and tasks and what these left behind.
marked() {
	# shellcheck disable=SC2046 # one word a file
	grep -lszFx "E2E_MARK=$mark" /proc/[0-9]*/environ | tr -dc '0-9\n'
}

none_marked() {
	[ -z "$(marked)" ]
}

nothing_left() {
	until_true 10 none_marked || {
		for pid in $(marked); do
			echo "survivor $pid: $(tr '\0' ' ' <"/proc/$pid/cmdline")"
		done
		return 1
	}
}

# workers: the pids of the workers of what was started.
workers() {
	local pid

	for pid in $(pgrep -P "$background"); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = stint-guard ] || echo "$pid"
	done
}

has_workers() {
	[ "$(workers | wc -l)" -ge "$1" ]
}

# lines_in FILE COUNT: has it that many?
lines_in() {
	[ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]
}

# records FILE EXPRESSION...: each must be true. Python, with `all`, the list of records, and
# `r`, the same by id.
records() {
	python3 "$TOP/tests/e2e/expect.py" records "$@"
}

# json FILE EXPRESSION...: the file is one JSON value, `v`.
json() {
	python3 "$TOP/tests/e2e/expect.py" json "$@"
}

# has FILE TEXT: or says what is there instead.
has() {
	grep -qF -- "$2" "$1" || {
		echo "no \"$2\" in $1, which is:"
		head -n 20 "$1" | cut -c 1-300
		return 1
	}
}

hasnt() {
	if grep -F -- "$2" "$1"; then
		echo "there is \"$2\" in $1"
		return 1
	fi
}

# same FILE TEXT...: the file has exactly these lines.
same() {
	local file=$1

	shift
	diff <(printf '%s\n' "$@") "$file"
}

# terse: fails unless err is one line, begins with "stint: " and is not overlong.
terse() {
	if [ "$(wc -l <err)" -ne 1 ] || [ "$(wc -c <err)" -ge 1500 ] || ! grep -q '^stint: ' err; then
		echo "not one line of stint's:"
		head -n 5 err | cut -c 1-300
		return 1
	fi
}

# poor COMMAND...: runs it as a user that has no other process, whose limits are not those of root.
poor_user=$((100000 + BATS_ROOT_PID))
as_poor=(setpriv --reuid="$poor_user" --regid="$poor_user" --clear-groups)

poor() {
	"${as_poor[@]}" "$@"
}

# needs_poor: the test is for those who can be another user, whom our folder is open to.
needs_poor() {
	if [ "$(id -u)" -ne 0 ] || ! poor test -x "$STINT"; then
		skip 'needs root, and a build that others can read'
	fi
	chmod 777 .
	poor test -w . || skip 'needs a folder that others can write to'
}
