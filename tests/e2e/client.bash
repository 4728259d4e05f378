# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # variables of helpers.bash and daemon.bash
# What the tests of the commands that talk to stintd share; loaded behind daemon.bash.

# by_hand WHAT ARG...: see control.py.
by_hand() {
	local what=$1

	shift
	E2E_MARK=$mark timeout -k 5 240 python3 "$TOP/tests/e2e/control.py" "$what" "$socket" "$@" 3>&- 4>&-
}

# submit ARG...: leaves the job's number in $job.
submit() {
	stint submit "$@"
	[ "$status" -eq 0 ]
	job=$(cat out)
	[[ "$job" =~ ^[0-9]+$ ]]
	[ ! -s err ]
}

# ok COMMAND ARG...: it ends with 0.
ok() {
	stint "$@"
	[ "$status" -eq 0 ]
}

# fails STATUS TEXT COMMAND ARG...: nothing on stdout, one line that says TEXT.
fails() {
	local expected=$1 text=$2

	shift 2
	stint "$@" </dev/null
	[ "$status" -eq "$expected" ]
	[ ! -s out ]
	terse
	has err "$text"
}

# of_job JOB EXPRESSION...: of its status, `v`.
of_job() {
	local which=$1

	shift
	ok status --json "$which"
	json out "$@"
}

# is_job JOB EXPRESSION: without a word.
is_job() {
	of_job "$@" >/dev/null 2>&1
}

# job_until NAME: a job that goes on until there is a file NAME; it has begun.
job_until() {
	submit --name "$1" -- sh -c "echo begun; echo >$1.began; while [ ! -e $1 ]; do sleep 0.02; done; echo ended"
	until_true 20 test -e "$1.began"
}
