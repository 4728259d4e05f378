#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# stint shutdown returns when the daemon is gone, so that another may be started at once.

load helpers
load daemon

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
