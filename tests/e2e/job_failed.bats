#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What people are told of a job of stintd that did not end ok: which tasks, and why.
# shellcheck disable=SC2016 # `stint ...` is meant for people

load helpers
load daemon

# failed: the part of out that tells what failed, blanks squeezed.
failed() {
	sed -n '/^not ok/,$p' out | tr -s ' ' >failed
}

@test "status of a job says which tasks failed and why, wait says where to look" {
	cat >job.jsonl <<-'END'
		{"id": "good", "print": "x"}
		{"id": "bad", "shell": "[ -e right ] || { echo no such thing >&2; exit 7; }"}
		{"id": "after", "needs": ["bad"], "print": "y"}
	END
	stint submit job.jsonl
	stint wait 1
	[ "$status" -eq 1 ]
	has err 'job 1 did not end ok; `stint status 1` says what failed, `stint retry --failed 1` runs it again'
	terse
	stint status 1
	failed
	same failed 'not ok status why' 'bad failed exit status 7: no such thing' 'after skipped needs "bad", which failed'
	touch right
	stint retry --failed 1
	stint wait 1
	[ "$status" -eq 0 ]
	[ ! -s err ]
	stint status 1
	hasnt out 'not ok'
	stint status 1 --json
	json out 'v["by_status"] == {"ok": 3}'
}

@test "of many that failed the first are told, and how many more there are" {
	seq 30 | sed 's/.*/{"id": "f&", "shell": "printf \\"\\\\\\\\033[31m\\" >\&2; exit 3"}/' | E2E_MARK=$mark "$STINT" submit -
	stint wait 1
	stint status 1
	failed
	[ "$(grep -c '^f[0-9]* failed exit status 3: ?\[31m$' failed)" -eq 10 ]
	has failed 'and 20 more: stint results 1'
}

@test "what runs of a job is counted as it is now" {
	stint submit -- sh -c 'echo >begun; while [ ! -e go ]; do sleep 0.02; done'
	until_true 20 test -e begun
	stint status 1
	has out 'running      1, '
	has out 'running task'
	stint jobs --json
	json out 'v[0]["running"] == 1'
	touch go
	stint wait 1
	stint jobs --json
	json out 'v[0]["running"] == 0 and v[0]["computing"] == 0'
}
