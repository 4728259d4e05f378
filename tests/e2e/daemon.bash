# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# What the tests with a stintd share; loaded behind helpers.bash.

unset STINT_SOCKET STINTD NOTIFY_SOCKET WATCHDOG_USEC LISTEN_FDS LISTEN_PID JOURNAL_STREAM

# prepare_daemon: directories of the test's own, and a configuration by which root may run it.
prepare_daemon() {
	stintd=${STINT}d
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	socket=$XDG_RUNTIME_DIR/stint/stintd.sock
	pidfile=$XDG_RUNTIME_DIR/stint/stintd.pid
	queue=$XDG_STATE_HOME/stint/queue
	log=$queue/stintd.log
	config=$XDG_CONFIG_HOME/stint/stintd.json
	[ "${#socket}" -le 107 ] || skip 'the path of the test folder is too long for a socket'
	mkdir -p "${config%/*}"
	configure ''
}

# configure MEMBERS: of the configuration, beside those that every test needs.
configure() {
	printf '{"allow_root": true, "log": "%s"%s}\n' "$log" "${1:+, $1}" >"$config"
}

# private FOLDER...: as stintd wants them.
private() {
	mkdir -p "$@"
	chmod 700 "$@"
}

# daemon ARG...: starts it in the background by itself; $daemon is its process.
daemon() {
	status=0
	E2E_MARK=$mark timeout 240 "$stintd" "$@" >out 2>err 3>&- 4>&- || status=$?
	{ echo "stintd $*: exit status $status" && head -n 5 err; } | cut -c 1-300
	[ "$status" -ne 0 ] || daemon=$(cat "$pidfile")
}

# daemon_here ARG...: starts it in the foreground, as a job of ours, and waits until it answers.
daemon_here() {
	E2E_MARK=$mark "$stintd" -f "$@" >daemon.out 2>daemon.err 3>&- 4>&- 9>&- &
	daemon=$!
	until_true 20 answers || {
		cat daemon.err
		return 1
	}
}

answers() {
	python3 "$TOP/tests/e2e/daemon.py" answers "${1:-$socket}" 2>/dev/null
}

# gone PID: it has ended, though whoever inherited it may not have noticed.
gone() {
	! grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status" 2>/dev/null
}

# stop_daemon [SIGNAL]: and waits for its end.
stop_daemon() {
	kill "${1:--TERM}" "$daemon"
	until_true 30 gone "$daemon"
}

# end_daemons: for teardown; the title has overwritten the mark in their environment.
end_daemons() {
	local pid file

	for file in "$BATS_TEST_TMPDIR"/*/stint/stintd.pid "$BATS_TEST_TMPDIR"/*.pid; do
		pid=$(cat "$file" 2>/dev/null) || continue
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != stintd ] || kill -KILL "$pid"
	done
	[ -z "${daemon:-}" ] || kill -KILL "$daemon" 2>/dev/null || :
}

# of_daemon FIELD: of /proc/PID/status.
of_daemon() {
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$daemon/status"
}

# What a test file has that loads this behind helpers.bash, unless it has its own.
eval "helpers_$(declare -f setup)"
eval "helpers_$(declare -f teardown)"

setup() {
	helpers_setup
	prepare_daemon
}

teardown() {
	end_daemons
	helpers_teardown
}
