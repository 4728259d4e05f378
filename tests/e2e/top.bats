#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The live view on a real terminal, that of tmux(1): what it shows, what keys do, and that the
# terminal is what it was, however the view ends.

load helpers
load daemon
load view

# Of what a test types into its shell, `go` lets the tasks end.
held='while [ ! -e go ]; do sleep 0.02; done'

teardown() {
	touch go
	tm kill-server 2>/dev/null || :
	end_daemons
	for pid in $(marked); do
		kill -KILL "$pid" 2>/dev/null || :
	done
}

pid_of_stint() {
	pgrep -f "^$STINT (run|top)" -P "$(tm display -p '#{pane_pid}')"
}

job() {
	cat >job.jsonl <<-END
		{"id": "fails", "shell": "echo to be seen; echo no such thing >&2; exit 7"}
		{"id": "ok", "sleep": 0.01}
		{"id": "shell-held", "class": "wait", "shell": "$held"}
		{"id": "cpu-held", "class": "wait", "shell": "$held; echo last"}
		{"id": "née", "class": "wait", "shell": "$held"}
	END
}

# statuses FILE: what tasks came to, without what differs from run to run.
statuses() {
	python3 -c 'import json, sys
for line in sorted(open(sys.argv[1])):
    r = json.loads(line)
    print(r["id"], r["status"], r.get("exit"), r.get("stdout"), r.get("stderr"), r["hash"])' "$1"
}

@test "top: 80x24: how the run stands, workers, running tasks, failures with their errors" {
	job
	on_terminal 80 24 "$STINT" run --top -j 2 -o results job.jsonl
	shows '^ job|^ .*hybrid' '^ Done +2 of 5 .*40 %' '^ Cores +[0-9.]+ of 2' '^ Tasks +3 ' '1 failed  3 running' \
		'^ Workers' '^ 0 ' '^ Running 3' '^ shell-held .*waits' '^ née .*waits .* [0-9.]+s$' '^ Failed 1' \
		'^ fails .*failed .* exit status 7: no such thing' '^ Output' '^ to be seen' '^ q leave'
	touch go
	restored 1
	shows '^to be seen' '^no such thing' '^last' '5 tasks'
	statuses results >with
	"$STINT" run -j 2 -o plain job.jsonl >/dev/null 2>&1 && status=0 || status=$?
	[ "$status" -eq 1 ]
	statuses plain >without
	diff without with
}

@test "top: 200x50: all lists at once" {
	job
	on_terminal 200 50 "$STINT" run --top -j 2 job.jsonl
	shows '^ Done +2 of 5 .*40 %' '^ Running 3' '^ Failed 1' '^ Output' '^ fails .* exit status 7: no such thing$'
	[ "$(tm display -p '#{alternate_on} #{cursor_flag}')" = '1 0' ]
	touch go
	restored 1
}

@test "top: map, with arguments as they are" {
	on_terminal 80 24 "$STINT" map --top -j 2 --class wait --shell "'$held; echo {}'" ::: one two
	shows '^ Running 2' '^ 1 \(one\) .*waits' '^ 2 \(two\) .*waits'
	touch go
	restored 0
	shows '^one' '^two'
}

@test "top: in the C locale all of it is ASCII" {
	job
	on_terminal 80 24 -e LC_ALL=C "$STINT" run --top -j 2 job.jsonl
	shows '^ Done +2 of 5 +#+x+\.+' '^ n\?e .*waits' '^ Tasks .*#$'
	[ "$(LC_ALL=C grep -c '[^ -~]' shown)" -eq 0 ]
	touch go
	restored 1
}

@test "top: NO_COLOR" {
	job
	on_terminal 80 24 -e NO_COLOR=1 "$STINT" run --top -j 2 job.jsonl
	shows '^ Failed 1'
	tm capture-pane -p -e >shown
	[ "$(grep -cE $'\033\\[([0-9]+;)*[349][0-7]m' shown)" -eq 0 ]
	tm kill-server
	on_terminal 80 24 "$STINT" run --top -j 2 job.jsonl
	shows '^ Failed 1'
	tm capture-pane -p -e >shown
	[ "$(grep -cE $'\033\\[([0-9]+;)*[349][0-7]m' shown)" -gt 0 ]
}

@test "top: keys sort, filter, scroll, change the list and explain themselves" {
	for i in $(seq 30); do
		echo '{"id": "task-'"$i"'", "sleep": 60}'
	done >job.jsonl
	on_terminal 80 24 "$STINT" run --top -j 1 job.jsonl
	shows '^ Running 30' '^ task-'
	keys s
	shows '^ Running 30, by task' '^ task-1 '
	[ "$(grep -o '^ task-[0-9]*' shown | head -n 3 | tr -d '\n')" = ' task-1 task-2 task-3' ]
	keys End
	shows '^ task-30 '
	keys PPage
	hides '^ task-30 '
	keys r
	shows '^ Running 30, by task backwards'
	keys /
	shows '^ Filter: '
	keys -l TASK-2x
	keys BSpace
	shows '^ Running 11 with "TASK-2", by'
	keys Enter
	shows '^ q leave'
	keys Escape
	shows '^ Running 30, by task backwards *state'
	keys Tab
	shows '^ Failed 0'
	keys '?'
	shows 'filter|show only what has a text' 'Ctrl-C +start no more tasks'
	keys x
	shows '^ Running 30'
	keys C-c
	shows 'stopping: no more are started'
	keys C-c
	restored 130
}

@test "top: q leaves the view, and the run goes on with plain progress" {
	job
	on_terminal 80 24 "$STINT" run --top -j 2 -o results job.jsonl
	shows '^ Failed 1'
	keys q
	shows '^before the view' '^to be seen' '^no such thing' '^2/5 done \(40 %\), 3 running'
	[ "$(tm display -p '#{alternate_on}')" = 0 ]
	[ ! -e status ]
	touch go
	restored 1
	shows '^last'
	records results 'len(all) == 5'
}

@test "top: Ctrl-C keeps its steps" {
	printf '%s\n' '{"id": "stays", "grace": "60s", "shell": "trap \"\" TERM; touch begun; while :; do sleep 0.02; done"}' \
		'{"id": "next", "needs": ["stays"], "print": "no"}' >job.jsonl
	on_terminal 80 24 "$STINT" run --top -j 1 -o results job.jsonl
	shows '^ stays '
	until_true 20 test -e begun
	keys C-c
	shows 'stopping: no more are started' '^ stint: stopping: .*again to end them'
	keys C-c
	shows 'stopping: terminated' '^ stint: stopping: ending them, 1 still running; again to kill them'
	keys C-c
	restored 130
	records results 'r["stays"]["status"] == "cancelled"'
}

@test "top: TERM and HUP end the run and restore the terminal" {
	job
	for signal in TERM HUP; do
		rm -f status go
		on_terminal 80 24 "$STINT" run --top -j 2 -o results job.jsonl
		shows '^ Failed 1'
		kill "-$signal" "$(pid_of_stint)"
		restored $((128 + $(kill -l $signal)))
		tm kill-server
	done
}

@test "top: the guard restores the terminal of one that is killed" {
	job
	on_terminal 80 24 "$STINT" run --top -j 2 -o results job.jsonl
	shows '^ Failed 1'
	kill -KILL "$(pid_of_stint)"
	until_true 20 test -e status
	shows '^before the view' # what the shell says at once may still have been on the view's screen
	restored_soon() {
		stty -g -F "$(tm display -p '#{pane_tty}')" >after
		cmp -s before after
	}
	until_true 20 restored_soon
	[ "$(tm display -p '#{alternate_on} #{cursor_flag}')" = '0 1' ]
}

@test "top: results that cannot be written end it with 3" {
	job
	on_terminal 80 24 "$STINT" run --top -j 2 -o /dev/full job.jsonl
	restored 3
	shows '^stint: /dev/full: No space left'
}

@test "top: any size, while it runs" {
	job
	on_terminal 80 24 "$STINT" run --top -j 2 job.jsonl
	shows '^ Failed 1'
	for size in '20 5' '1 1' '1 24' '200 1' '3 2' '17 9' '40 12' '300 80'; do
		tm resize-window -x "${size% *}" -y "${size#* }"
		keys Down
	done
	shows '^ Failed 1' '^ fails .* exit status 7: no such thing'
	tm resize-window -x 20 -y 5
	shows '^ 1 failed' '^ née' # what matters most
	tm resize-window -x 80 -y 24
	shows '^ Running 3' '^ Failed 1'
	touch go
	restored 1
}

@test "top: Ctrl-Z gives the terminal back, fg goes on with the view" {
	job
	on_terminal 80 24 bash --norc -i
	keys "$STINT run --top -j 2 job.jsonl; echo status \$?" Enter
	shows '^ Failed 1'
	keys C-z
	shows 'Stopped .* run --top'
	[ "$(tm display -p '#{alternate_on} #{cursor_flag}')" = '0 1' ]
	keys "stty | grep -c icanon; fg" Enter
	shows '^ Failed 1' '^ Running 3'
	touch go
	shows '^last' '^status 1|^0$'
	[ "$(tm display -p '#{alternate_on} #{cursor_flag}')" = '0 1' ]
}

@test "top: a terminal that is stopped holds nothing up" {
	cat >job.jsonl <<-END
		{"id": "many", "shell": "seq 100000; $held", "repeat": 3, "class": "wait"}
		{"id": "more", "shell": "touch went", "needs": ["many"]}
	END
	on_terminal 80 24 "$STINT" run --top -j 2 -o results job.jsonl
	shows '^ Running 3'
	keys C-s
	for _ in $(seq 50); do tm resize-window -x 70 -y 20 && tm resize-window -x 80 -y 24; done
	touch go
	until_true 20 test -e went
	ended_so 0
	[ "$(tm capture-pane -p -S - | grep -cE '^(99999|100000)$')" -eq 2 ] # of the last of the three
}

@test "top: what stdout is not on the terminal for goes there at once" {
	cat >job.jsonl <<-END
		{"id": "first", "shell": "echo for the file; echo for people >&2"}
		{"id": "held", "class": "wait", "shell": "$held"}
	END
	on_terminal 80 24 "$STINT" run --top -j 2 job.jsonl '>' out
	shows '^ Running 1' '^ for people'
	same out 'for the file'
	touch go
	restored 0
	shows '^for people'
	same out 'for the file'
}

@test "top: nothing that tasks bring is an escape sequence to the terminal" {
	cat >job.jsonl <<-'END'
		{"id": "a", "tag": "\u001b]0;owned\u0007\u009b31mtag", "shell": "printf '\\033]0;owned\\007\\033[31mout\\n'; while [ ! -e go ]; do sleep 0.02; done"}
		{"id": "b", "tag": "\u202etag-b", "shell": "printf '\\033]0;owned\\007why\\n' >&2; exit 1"}
	END
	on_terminal 80 24 "$STINT" run --top --output raw -j 2 -o results job.jsonl
	tm select-pane -T mine
	shows '^ Running 1' '^ a \(.*tag\)' '^ b \(tag-b\) .*failed' '^ \?\]0;owned\?\?\[31mout'
	[ "$(tm display -p '#{pane_title}')" = mine ]
	touch go
	restored 1
	rm status
	tm kill-server
	on_terminal 80 24 "$STINT" top results
	tm select-pane -T mine
	shows '^ a \(.*tag\)' '^ b \(tag-b\) .*failed'
	[ "$(tm display -p '#{pane_title}')" = mine ]
	keys q
	restored 0
}

@test "top: without a terminal run goes on without it, and top says so" {
	echo '{"print": "done"}' >job.jsonl
	E2E_MARK=$mark setsid -w "$STINT" run --top job.jsonl >out 2>err
	has err '--top: there is no terminal; the run goes on without the view'
	same out 'done'
	E2E_MARK=$mark setsid -w "$STINT" run -q -o results job.jsonl >out 2>err
	status=0
	E2E_MARK=$mark setsid -w "$STINT" top results >out 2>err || status=$?
	[ "$status" -eq 2 ]
	has err 'there is no terminal'
	terse
	on_terminal 80 24 -e TERM=dumb "TERM=dumb" "$STINT" run --top job.jsonl
	restored 0
	shows 'cannot show a full screen; the run goes on' '^done'
	rm status
	tm kill-server
	on_terminal 80 24 "TERM=dumb" "$STINT" top results
	restored 2
}

@test "top: what it cannot follow is one clear error" {
	stint top one two
	[ "$status" -eq 2 ]
	has err 'one results file at a time'
	stint top none
	[ "$status" -eq 2 ]
	has err 'none: No such file'
	terse
	stint top .
	[ "$status" -eq 2 ]
	has err 'no regular file'
	echo '{"id": 1}' >wrong
	on_terminal 80 24 "$STINT" top wrong
	restored 2
	shows 'wrong:1: not a record of results'
}

@test "top: a results file is followed while it grows, and when its run ends" {
	cat >job.jsonl <<-END
		{"id": "one", "sleep": 0.01}
		{"id": "two", "shell": "exit 4"}
		{"id": "three", "class": "wait", "shell": "$held"}
	END
	start run -j 2 -o results job.jsonl
	until_true 20 lines_in results 2
	on_terminal 80 24 "$STINT" top results
	shows '^ results  running; of its tasks' '^ Done +2$' '^ 1 failed' '^ Ended 2' '^ one .*ok' \
		'^ Failed 1' '^ two .*failed .*exit status 4' '^ q quit'
	touch go
	finish
	shows '^ results  the run has ended' '^ Done +3$' '^ three .*ok'
	keys q
	restored 0
}

@test "top: a results file that is replaced or emptied is read anew; what ends ok later did not fail" {
	cat >job.jsonl <<-END
		{"id": "one", "sleep": 0.01}
		{"id": "two", "shell": "[ -e go ] || exit 4"}
	END
	stint run -j 2 -o results job.jsonl
	on_terminal 80 24 "$STINT" top results
	shows '^ Done +2$' '^ 1 failed' '^ two .*failed'
	touch go
	stint run -j 2 --resume -o results job.jsonl # which takes its place in the end
	[ "$(wc -l <results)" -eq 2 ]
	shows '^ Done +2$' '^ 0 failed' '^ two .*ok'
	head -n 1 results >new
	mv new results
	shows '^ Done +1$' '^ one .*ok'
	: >results
	shows '^ Done +0$'
	rm results
	shows 'the file is gone'
	stint run -j 2 -o results job.jsonl
	shows '^ Done +2$' '^ two .*ok'
	keys C-c
	restored 130
}

# What is displayed behind "$ " is typed in; every view is left by its key.
@test "top: the examples of stint-top(1)" {
	mkdir bin
	printf '#!/bin/sh\nexec "%s" "$@"\n' "$STINT" >bin/stint
	chmod +x bin/stint
	echo text >a.txt
	echo '{"print": "hello"}' >jobs.jsonl
	sed -n 's/^\$ //p' "$TOP/man/stint-top.1" >examples
	lines_in examples 5
	prepare_daemon
	on_terminal 80 24 bash --norc -i
	keys "PATH=$PWD/bin:\$PATH PS1='\\#> '" Enter # the prompt is the number of the command
	count=2
	while read -r line; do
		shows "^$count>"
		[[ "$line" != *' top '* ]] || until_true 20 test -e results.jsonl # people type slower
		keys -l "clear; $line"
		keys Enter
		case $line in
		*' top '*)
			shows '^ Done +1$' 'the run has ended'
			keys q
			;;
		*' top')
			shows '^ The queue of stintd' '^ 1 +night +ok +1/1 '
			keys q
			;;
		esac
		count=$((count + 1))
	done <examples
	shows "^$count>"
	until_true 20 test -e a.txt.gz
	until_true 20 lines_in results.jsonl 1
}
