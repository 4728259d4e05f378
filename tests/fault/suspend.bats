#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What is stopped and goes on: the whole run by Ctrl-Z, a worker by somebody else.

load ../e2e/helpers

state() {
	ps -o stat= -p "$1"
}

# Or it waits for a child that is, which it has vforked.
is_stopped() {
	[[ "$(state "$1")" == [TD]* ]]
}

# Nothing that carries the mark runs, but for the guard.
all_stopped() {
	local pid

	for pid in $(marked); do
		is_stopped "$pid" || [ "$(ps -o args= -p "$pid")" = "stint: guard" ] || return 1
	done
}

@test "33: Ctrl-Z stops all that runs, and does not count" {
	cat >job.jsonl <<-'END'
		{"id": "shell", "timeout": 6, "shell": "while :; do echo >>ticks; sleep 0.01; [ ! -e go ] || exit 0; done"}
		{"id": "session", "timeout": 6, "shell": "setsid sh -c 'while [ ! -e go ]; do sleep 0.01; done'"}
		{"id": "cpu", "timeout": 6, "cpu": {"spin": 0.5}}
		{"id": "sleep", "timeout": 6, "sleep": 0.5}
	END
	start run -o results job.jsonl
	until_true 20 test -s ticks
	kill -TSTP "$background"
	until_true 20 all_stopped
	before=$(wc -l <ticks)
	sleep 6.5 # longer than any timeout
	[ "$(wc -l <ticks)" -eq "$before" ]
	kill -CONT "$background"
	touch go
	finish
	[ "$status" -eq 0 ]
	records results '{e["status"] for e in all} == {"ok"}' 'len(all) == 4' 'max(e["wall"] for e in all) < 6'
	nothing_left
}

@test "33: Ctrl-Z where nobody could continue it does nothing" {
	echo '{"shell": "touch begun; while [ ! -e go ]; do sleep 0.01; done"}' >job.jsonl
	E2E_MARK=$mark setsid "$STINT" run -o results job.jsonl >out 2>err 3>&- 4>&- 9>&- &
	background=$!
	until_true 20 test -e begun
	kill -TSTP "$background"
	touch go
	finish
	[ "$status" -eq 0 ]
}

@test "3: a worker that is stopped for long is replaced, its tasks run again, without blame" {
	cat >job.jsonl <<-'END'
		{"id": "one", "crash_limit": 1, "shell": "echo $PPID >>begun; [ -e go ] || { touch go; sleep 600; }"}
	END
	start run -j 1 -o results job.jsonl
	until_true 20 test -s begun
	kill -STOP "$(head -n 1 begun)"
	finish
	[ "$status" -eq 0 ]
	has err 'was stopped for 5 seconds'
	records results 'len(all) == 1' 'r["one"]["status"] == "ok"'
	[ "$(sort -u begun | wc -l)" -eq 2 ]
	nothing_left
}

@test "33: stty tostop, in every way of output, and tasks that read stdin: no hang" {
	cat >job.jsonl <<-'END'
		{"id": "reads", "shell": "cat; read line </dev/tty; echo done reading"}
		{"id": "writes", "shell": "echo one; echo two >&2; echo three >/dev/tty; echo four"}
	END
	for how in group line raw none; do
		rm -f results status
		timeout 240 python3 "$TOP/tests/e2e/on_terminal.py" -i 'typed
' seen sh -c "stty tostop; exec '$STINT' run --output $how -o results job.jsonl"
		[ "$(cat status)" -eq 0 ]
		records results 'len(all) == 2' '{e["status"] for e in all} == {"ok"}'
		[ "$how" = none ] || grep -q 'done reading' seen
	done
	nothing_left
}
