#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# stint shutdown returns when the daemon is gone, so that another may be started at once.

load helpers
load daemon

@test "after stint shutdown there is no daemon, and a submit starts one" {
	for i in $(seq "$(full 5 50)"); do
		stint submit -- true
		[ "$status" -eq 0 ]
		same out "$i"
		stint shutdown
		[ "$status" -eq 0 ]
		[ ! -e "$socket" ]
		[ ! -e "$pidfile" ]
	done
	stint resume
	stint jobs --json
	json out "len(v) == $i"
}

@test "stint shutdown waits for what runs, and takes no more meanwhile" {
	stint submit -- sh -c 'echo >begun; while [ ! -e go ]; do sleep 0.02; done; echo >ended'
	until_true 20 test -e begun
	start shutdown
	until_true 20 grep -q 'stopping: what runs has' "$log"
	stint submit -- true
	[ "$status" -eq 3 ]
	has err 'about to end'
	kill -0 "$background"
	touch go
	finish
	[ "$status" -eq 0 ]
	[ -e ended ]
	[ ! -e "$socket" ]
}

# wants_lock PID: its child, which is to be the daemon, has opened the lock.
wants_lock() {
	local child

	child=$(pgrep -P "$1") && [ -n "$(find "/proc/$child/fd" -lname '*/lock' 2>/dev/null)" ]
}

# waits_for_hello PID: it is connected, and sleeps.
waits_for_hello() {
	grep -q '^State:[[:space:]]*S' "/proc/$1/status" && [ -n "$(find "/proc/$1/fd" -lname 'socket:*')" ]
}

@test "a stintd that is started while another one is about to end waits for it, not for ever" {
	stint submit -- sh -c 'echo >begun; while [ ! -e go ]; do sleep 0.02; done'
	until_true 20 test -e begun
	old=$(cat "$pidfile")
	kill -TERM "$old"
	until_true 20 grep -q 'stopping: what runs has' "$log"
	E2E_MARK=$mark "$stintd" 2>second.err 3>&- 4>&- 9>&- &
	second=$!
	until_true 20 wants_lock "$second"
	kill -0 "$old"
	touch go
	wait "$second"
	[ "$(cat "$pidfile")" -ne "$old" ]
	until_true 20 gone "$old"
	stint ping
	[ "$status" -eq 0 ]
}

@test "a client that comes to a stintd which ends before it says hello finds the next one" {
	daemon
	stint ping
	kill -STOP "$daemon"
	start submit -- true
	until_true 20 waits_for_hello "$background"
	kill -KILL "$daemon"
	finish
	[ "$status" -eq 0 ]
	same out 1
}

