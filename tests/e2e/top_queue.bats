#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The live view of the daemon's queue, on a real terminal, that of tmux(1): jobs, running tasks and
# failures as they come, keys, a daemon that goes away, and the terminal afterwards.
# shellcheck disable=SC2016 # `stint ...` is meant for people

load helpers
load daemon
load view

# Of what a test submits, `go` lets the tasks end.
held='while [ ! -e go ]; do sleep 0.02; done'

setup() {
	helpers_setup
	prepare_daemon
	configure '"cores": 2'
}

teardown() {
	touch go
	tm kill-server 2>/dev/null || :
	end_daemons
	helpers_teardown
}

# night: three jobs, one that runs, with a task that has failed, one that waits for it, one held.
night() {
	cat >night.jsonl <<-END
		{"id": "fails", "shell": "echo no such thing >&2; exit 7"}
		{"id": "ok", "sleep": 0.01}
		{"id": "shell-held", "class": "wait", "shell": "$held"}
		{"id": "née", "class": "wait", "tag": "a.txt", "shell": "$held"}
	END
	stint submit --priority 5 night.jsonl
	stint submit --name after --after 1 -- true
	stint submit --name held --hold -- true
}

top() {
	on_terminal "$1" "$2" "${@:4}" "$STINT" top "$3"
}

@test "top: 80x24: the queue: its jobs with progress and priority, running tasks, failures" {
	night
	top 80 24 ''
	shows '^ The queue of stintd' '^ Jobs +1 running  1 queued  1 held  0 ended' '^ Cores +[0-9.]+ of 2' \
		'^ Tasks +2 ' '^ 1 failed  2 running' '^ Jobs 3 +state +done' \
		'^ 1 +night +running +2/[4?] +1 +2 +5 ' '^ 2 +after +queued .* 0 +0 +0 ' '^ 3 +held +held ' \
		'^ Running 2' '^ 1/shell-held .*waits .* [0-9.]+s$' '^ 1/née \(a.txt\) .*waits' '^ Failed 1' \
		'^ 1/fails .*failed .* exit status 7: no' '^ q quit'
	[ "$(tm display -p '#{alternate_on} #{cursor_flag}')" = '1 0' ]
	touch go
	shows '^ Jobs +0 running  0 queued  1 held  2 ended  2 of them not ok' '^ 1 +night +failed +4/4 ' \
		'^ 2 +after +cancelled ' '^ Running 0'
	keys q
	restored 0
}

@test "top: 200x50: the queue, with both measures as they were" {
	night
	top 200 50 ''
	shows '^ 1 +night +running .* [0-9]+/[0-9?]+ ' '^ 1/fails .* exit status 7: no such thing$' \
		'^ Tasks +2 .*[▁▂▃▄▅▆▇█]+$'
	keys q
	restored 0
}

@test "top: the queue in the C locale is all ASCII, without colours by NO_COLOR" {
	night
	top 80 24 '' -e LC_ALL=C -e NO_COLOR=1
	shows '^ 1/n\?e \(a.txt\) .*waits' '^ Tasks .*#+$' '^ Failed 1'
	[ "$(LC_ALL=C grep -c '[^ -~]' shown)" -eq 0 ]
	tm capture-pane -p -e >shown
	[ "$(grep -cE $'\033\\[([0-9]+;)*[349][0-7]m' shown)" -eq 0 ]
	keys C-c
	restored 130
}

@test "top: what is submitted, fails, is retried and removed while the queue is watched" {
	stint resume
	top 80 24 ''
	shows '^ Jobs +0 running  0 queued  0 ended' '^ none; stint submit makes one'
	stint submit --name first -- sh -c '[ -e right ] || exit 3'
	shows '^ 1 +first +failed +1/1 ' '^ 1/1 .*failed .* exit status 3' '^ Failed 1'
	touch right
	stint retry --failed 1
	shows '^ 1 +first +ok +1/1 +0 '
	hides '^ 1/1 .*failed'
	stint rm 1
	hides '^ 1 +first'
	keys q
	restored 0
}

@test "top: failures of before, of jobs that have ended, are there from the beginning" {
	stint submit --name first -- false
	stint submit --name second -- sh -c 'echo why >&2; exit 4'
	stint wait 1 2
	[ "$status" -eq 1 ]
	top 80 24 ''
	shows '^ 2 +second +failed' '^ 1 +first +failed' '^ 2/1 .*failed .*exit status 4: why' '^ 1/1 .*failed .*exit status 1'
	keys q
	restored 0
}

@test "top: a job by its number, and what it refuses" {
	night
	stint submit --name other -- sh -c "$held"
	top 80 24 1
	shows '^ Job 1 ' '^ Jobs 1 ' '^ 1 +night ' '^ Running 2' '^ 1/shell-held ' '^ Failed 1' '^ 1/fails '
	not_looks '^ 4/1 '
	keys q
	restored 0
	rm status
	tm kill-server
	top 80 24 '1 4'
	shows '^ Jobs 1, 4 ' '^ Jobs 2 ' '^ 4 +other ' '^ Running 3' '^ 4/1 .*waits'
	keys q
	restored 0
	rm status
	tm kill-server
	top 80 24 99
	restored 2
	shows '^stint: there is no job 99; `stint jobs` lists those there are'
	stint top 1 night.jsonl
	[ "$status" -eq 2 ]
	has err 'which of the two?'
	terse
	stint top -j 2 1
	[ "$status" -eq 2 ]
	has err 'is for a results file'
	terse
}

@test "top: keys sort, filter and change the list of the queue" {
	for i in $(seq 30); do
		echo '{"id": "task-'"$i"'", "sleep": 60}'
	done >job.jsonl
	stint submit --name many job.jsonl
	stint submit --name other --hold -- true
	top 80 24 ''
	shows '^ Jobs 2 ' '^ Running 30'
	keys s
	shows '^ Running 30, by task' '^ 1/task-1 ' '^ 1/task-2 ' '^ 1/task-3 '
	keys r
	shows '^ Running 30, by task backwards' '^ 1/task-30 '
	keys /
	keys -l OTHER
	shows '^ Jobs 1 with "OTHER"' '^ 2 +other' '^ Running 0 with'
	keys Enter
	keys Escape
	shows '^ Jobs 2 ' '^ Running 30'
	keys Tab
	keys End
	shows '^ 1/task-1 '
	keys Tab
	shows '^ Failed 0'
	keys '?'
	shows 'quit; the jobs go on'
	keys x
	shows '^ Running 30'
	keys q
	restored 0
}

@test "top: pause and drain are said" {
	night
	top 80 24 ''
	shows '^ Running 2'
	stint pause
	shows 'paused: nothing is started before `stint resume`'
	stint resume
	hides 'paused: nothing'
	stint drain
	shows 'drains: takes no more jobs'
	keys q
	restored 0
}

@test "top: a daemon that does not answer, that is gone, and that is there again" {
	night
	top 80 24 ''
	shows '^ Running 2' '^ Failed 1'
	daemon=$(cat "$pidfile")
	kill -STOP "$daemon"
	shows 'stintd does not answer: stopped, or very busy'
	kill -CONT "$daemon"
	hides 'does not answer'
	kill -KILL "$daemon"
	shows 'no stintd since [0-9:]+; it is looked for' '^ Running 0'
	stint resume
	shows '^ 1/shell-held .*waits' '^ 1/fails '
	hides 'no stintd since'
	touch go
	shows '^ 1 +night +failed'
	keys q
	restored 0
}

@test "top: TERM ends the view of the queue, the guard restores the terminal of one that is killed" {
	night
	top 80 24 ''
	shows '^ Running 2'
	kill -TERM "$(pgrep -f "^$STINT top" -P "$(tm display -p '#{pane_pid}')")"
	restored 143
	rm status
	tm kill-server
	top 80 24 ''
	shows '^ Running 2'
	kill -KILL "$(pgrep -f "^$STINT top" -P "$(tm display -p '#{pane_pid}')")"
	until_true 20 test -e status
	shows '^before the view' 'after the view'
	restored_soon() {
		stty -g -F "$(tm display -p '#{pane_tty}')" >after
		cmp -s before after
	}
	until_true 20 restored_soon
	[ "$(tm display -p '#{alternate_on} #{cursor_flag}')" = '0 1' ]
}

@test "top: Ctrl-Z gives the terminal back, fg goes on with the queue as it is then" {
	night
	on_terminal 80 24 bash --norc -i
	keys "$STINT top" Enter
	shows '^ Running 2'
	keys C-z
	shows 'Stopped .* top'
	stint submit --name meanwhile --hold -- true
	keys 'fg; echo status $?' Enter
	shows '^ 4 +meanwhile +held' '^ Running 2'
	keys q
	shows '^status 0'
	[ "$(tm display -p '#{alternate_on} #{cursor_flag}')" = '0 1' ]
}

@test "top: any size, while the queue is watched" {
	night
	top 80 24 ''
	shows '^ Failed 1'
	for size in '20 5' '1 1' '1 24' '200 1' '3 2' '17 9' '40 12' '300 80'; do
		tm resize-window -x "${size% *}" -y "${size#* }"
		keys Down
	done
	shows '^ Failed 1' '^ 1/fails .* exit status 7: no such thing'
	tm resize-window -x 80 -y 24
	shows '^ Running 2' '^ Failed 1'
	keys q
	restored 0
}

@test "top: nothing of a job is an escape sequence to the terminal" {
	cat >job.jsonl <<-END
		{"id": "a", "tag": "\\u001b]0;owned\\u0007\\u009b31mtag", "class": "wait", "shell": "$held"}
		{"id": "b", "shell": "printf '\\\\033]0;owned\\\\007why\\\\n' >&2; exit 1"}
	END
	stint submit --name $'\033]0;owned\007name' job.jsonl
	[ "$status" -eq 0 ]
	top 80 24 ''
	tm select-pane -T mine
	shows '^ 1 +\?\]0;owned\?name ' '^ 1/a \(.*tag\)' '^ 1/b .*failed'
	[ "$(tm display -p '#{pane_title}')" = mine ]
	keys q
	restored 0
}

@test "top: without a terminal, or a daemon, it says so" {
	status=0
	E2E_MARK=$mark setsid -w "$STINT" top >out 2>err || status=$?
	[ "$status" -eq 2 ]
	has err 'there is no terminal; `stint status` needs none'
	terse
	[ ! -e "$socket" ] # and none was started
	top 80 24
	restored 3
	shows 'no stintd runs here'
	[ ! -e "$socket" ]
}
