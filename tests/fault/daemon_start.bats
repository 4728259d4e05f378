#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# stintd: two at once, where the last one was killed a moment ago; and one that has nothing to do.

load ../e2e/helpers
load ../e2e/daemon

# wakings: of the daemon and the processes that it keeps, the sum of times that each began to wait.
wakings() {
	local pid

	for pid in "$daemon" $(pgrep -P "$daemon"); do
		sed -n 's/^voluntary_ctxt_switches:[[:space:]]*//p' "/proc/$pid/status"
	done | awk "{ sum += \$1 } END { print sum }"
}

@test "two daemons are started at once, again and again: one lives, and its socket works" {
	run -0 python3 "$TOP/tests/fault/two_daemons.py" "$stintd" "$PWD" "$(full 40 1000)"
	echo "$output" >&3
}

# Nothing happens for a while, which is what is looked at.
at_rest() {
	local before

	before=$(wakings)
	sleep "$(full 3 20)"
	[ "$(wakings)" = "$before" ]
}

@test "a daemon with nothing to do is not woken up" {
	daemon
	stint submit --wait -- true
	[ "$status" -eq 0 ]
	until_true 60 at_rest # what it still had to do is done some time
	stop_daemon
}
