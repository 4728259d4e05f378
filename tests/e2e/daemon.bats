#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# stintd as a process: how it starts, what it refuses, how it is stopped. What it does with jobs has
# tests of its own.

# shellcheck disable=SC2016 # what is in single quotes is for the shells of jobs

load helpers
load daemon

teardown() {
	end_daemons
	cd /
	[ -z "${other:-}" ] || rm -rf "$other"
	helpers_teardown
}

# job NAME: a job that goes on until there is a file NAME.go, then leaves NAME.done; started.
job() {
	stint submit --name "$1" -- sh -c "echo >>$1.began; while [ ! -e $1.go ]; do sleep 0.02; done; echo >$1.done"
	[ "$status" -eq 0 ]
	until_true 20 test -e "$1.began"
}

# refuses STATUS TEXT ARG...: stintd does not start, and says so.
refuses() {
	local expected=$1 text=$2

	shift 2
	daemon "$@"
	[ "$status" -eq "$expected" ]
	has err "$text"
	[ "$(grep -c '^stintd: ' err)" -eq "$(wc -l <err)" ]
}

# ---- start and end ---------------------------------------------------------------------------------

@test "stintd goes into the background when it is ready, and leaves nothing when it ends" {
	daemon
	[ "$status" -eq 0 ]
	[ ! -s out ]
	[ ! -s err ]
	answers
	[ "$(stat -c %a "$socket")" = 600 ]
	[ "$(stat -c %a "${socket%/*}")" = 700 ]
	[ "$(stat -c %a "$queue")" = 700 ]
	[ "$(readlink "/proc/$daemon/cwd")" = / ]
	[ "$(ps -o sid= -p "$daemon" | tr -d ' ')" = "$daemon" ]
	[ "$(readlink "/proc/$daemon/fd/0")" = /dev/null ]
	[ "$(readlink "/proc/$daemon/fd/1")" = "$log" ]
	[ "$(of_daemon Umask)" = 0022 ]
	has "$log" "ready: stintd"
	stop_daemon
	[ ! -e "$socket" ]
	[ ! -e "$pidfile" ]
	has "$log" ended
	nothing_left
}

@test "stintd && stint ping works at once" {
	for i in 1 2 3; do
		daemon
		[ "$status" -eq 0 ]
		stint ping
		[ "$status" -eq 0 ]
		stop_daemon
	done
}

@test "whatever whoever starts it has set, it is as documented" {
	(
		umask 0777
		trap '' HUP TERM INT QUIT CHLD PIPE USR1 USR2 WINCH
		exec 7</etc/passwd 8>kept
		daemon
		[ "$status" -eq 0 ]
	)
	daemon=$(cat "$pidfile")
	[ "$(of_daemon Umask)" = 0022 ]
	[ "$(of_daemon SigBlk)" = 0000000000000000 ]
	ignored=$((0x$(of_daemon SigIgn)))
	for number in 1 2 3 10 12 15 17 28; do
		[ $((ignored >> (number - 1) & 1)) -eq 0 ]
	done
	run -1 grep -l -e passwd -e kept <(ls -l "/proc/$daemon/fd")
	stop_daemon
}

@test "in the foreground it logs to stderr, and keeps umask and folder" {
	configure '"log": "stderr"'
	sed -i 's/"log": "[^"]*stintd.log", //' "$config"
	(umask 027 && daemon_here && echo "$daemon" >pid)
	daemon=$(cat pid)
	[ "$(of_daemon Umask)" = 0027 ]
	[ "$(readlink "/proc/$daemon/cwd")" = "$PWD" ]
	has daemon.err 'stintd: ready: '
	kill -TERM "$daemon"
	until_true 20 gone "$daemon"
	has daemon.err 'stintd: ended'
}

@test "errors of the start are seen, with a status" {
	refuses 2 'is no option' --nonsense
	refuses 2 'stintd takes options only' start
	refuses 2 'is to be KEY=VALUE' -o cores
	refuses 2 'did you mean "cores"?' -o core=2
	refuses 2 'No such file' -c nothing.json
	echo '{"drain": "long", "kores": 1}' >bad.json
	refuses 2 "$PWD/bad.json:1: drain: is to be a time" -c bad.json
	has err 'kores: unknown key, did you mean "cores"?'
	refuses 3 'socket_group: there is no group "no-such-group"' -o socket_group=no-such-group
	[ ! -e "$socket" ]
	refuses 2 'NOTIFY_SOCKET' <<<'' || true
}

@test "a second one is refused, and says who is there" {
	daemon
	refuses 3 "process $daemon, which listens at $socket"
	answers
	daemon=$(cat "$pidfile")
	stop_daemon
}

@test "a daemon with another queue does not take the socket of one that lives" {
	daemon
	refuses 3 'is held by another process' --state-directory "$PWD/other"
	refuses 3 'another process listens there' --state-directory "$PWD/other" -o pidfile="$PWD/run/other.pid"
	answers
	daemon=$(cat "$pidfile")
	stop_daemon
}

@test "it does not run as root unless told" {
	[ "$(id -u)" -eq 0 ] || skip 'is not root'
	echo '{}' >"$config"
	refuses 2 'does not run as root: whoever submits a job would be root'
	daemon --allow-root
	[ "$status" -eq 0 ]
	stop_daemon
}

@test "another user runs it without being told anything" {
	needs_poor
	other=$(mktemp -d) # the path to ours is not open to others
	chown "$poor_user" "$other"
	export XDG_RUNTIME_DIR=$other/run XDG_STATE_HOME=$other/state XDG_CONFIG_HOME=$other/config
	cd "$other"
	poor "$stintd" 3>&- 4>&-
	daemon=$(cat "$XDG_RUNTIME_DIR/stint/stintd.pid")
	[ "$(stat -c %u "/proc/$daemon")" = "$poor_user" ]
	poor "$STINT" submit --wait -- sh -c 'id -u >id'
	same id "$poor_user"
	stop_daemon
}

# ---- what it finds -----------------------------------------------------------------------------------

@test "a stale socket, and a pid in the pidfile that is another's by now: starts, and signals nobody" {
	private "${socket%/*}"
	python3 "$TOP/tests/e2e/daemon.py" stale "$socket"
	E2E_MARK=$mark sleep 1000 3>&- &
	bystander=$!
	echo "$bystander" >"$pidfile"
	daemon
	[ "$status" -eq 0 ]
	[ "$daemon" -ne "$bystander" ]
	answers
	stop_daemon
	kill -0 "$bystander"
	kill "$bystander"
}

@test "one that was killed leaves a queue that the next one takes, at once" {
	daemon
	stop_daemon -KILL
	[ -e "$socket" ]
	daemon
	[ "$status" -eq 0 ]
	answers
	stop_daemon
}

@test "a link, a hard link or a FIFO at any path is refused, and what it leads to is as it was" {
	echo '{"allow_root": true}' >target.json
	echo kept >target
	private "${socket%/*}" "$queue"
	for path in "$queue/lock" "$pidfile" "$socket" "$log"; do
		ln -s "$PWD/target" "$path"
		refuses 3 "$path: is "
		rm "$path"
		ln "$PWD/target" "$path"
		refuses 3 "$path: "
		rm "$path"
		mkfifo "$path"
		refuses 3 "$path: is "
		rm "$path"
		same target kept
	done
	ln -s target.json link.json
	refuses 2 'link.json: is a symbolic link' -c link.json
	ln target.json hard.json
	refuses 2 'hard.json: has another name, a hard link' -c hard.json
	mkfifo fifo.json
	refuses 2 'fifo.json: is no regular file' -c fifo.json
	rmdir "${socket%/*}"
	ln -s "$PWD/elsewhere" "${socket%/*}"
	mkdir -m 700 elsewhere
	refuses 3 'or a symbolic link to one'
	rm "${socket%/*}"
	mv "$queue" aside
	ln -s "$PWD/aside" "$queue"
	refuses 3 'or a symbolic link to one'
}

@test "directories that are open to others are refused" {
	mkdir -p "$queue"
	chmod 755 "$queue"
	refuses 3 "$queue: is open to others, mode 0755"
	chmod 700 "$queue"
	private "${socket%/*}"
	chmod 770 "${socket%/*}"
	refuses 3 "${socket%/*}: is open to others"
	chmod 700 "${socket%/*}"
	refuses 3 'is open to others' --socket /tmp/stintd-test.sock
	daemon
	[ "$status" -eq 0 ]
	stop_daemon
}

@test "it removes only its own socket" {
	daemon
	mv "$socket" "$socket.old"
	echo other >"$socket"
	stop_daemon
	same "$socket" other
}

# ---- signals -----------------------------------------------------------------------------------------

@test "SIGHUP takes over what can change, and says what cannot" {
	configure '"cores": 1'
	daemon
	configure '"cores": 2, "http": "127.0.0.1:1", "log_json": true'
	kill -HUP "$daemon"
	until_true 20 grep -q 'reloaded' "$log"
	has "$log" 'needs a new start, and is as it was: http'
	[[ $(tail -n 1 "$log") == '{"time":"'*'","level":"notice",'* ]]
	configure '"cores": "all"'
	kill -HUP "$daemon"
	until_true 20 grep -q 'the configuration is as it was' "$log"
	has "$log" 'stintd.json:1: cores: is to be a whole number'
	mv "$log" "$log.moved"
	configure ''
	kill -HUP "$daemon"
	until_true 20 grep -q 'reloaded' "$log" # a new file
	stop_daemon
}

@test "SIGHUP does not touch what runs" {
	configure '"cores": 1'
	daemon
	job a
	configure '"cores": 2'
	kill -HUP "$daemon"
	until_true 20 grep -q 'reloaded' "$log"
	kill -USR1 "$daemon"
	until_true 20 grep -q 'state: 2 cores' "$log"
	touch a.go
	stint wait 1
	[ "$status" -eq 0 ]
	lines_in a.began 1
	run -1 lines_in a.began 2
	stop_daemon
}

@test "SIGTERM waits for what runs, starts nothing more, and keeps what is queued" {
	configure '"cores": 1, "drain": "60s"'
	daemon
	job a
	stint submit -- sh -c 'touch b.done'
	kill -TERM "$daemon"
	until_true 20 grep -q 'stopping: ' "$log"
	touch a.go
	until_true 30 gone "$daemon"
	[ -e a.done ]
	nothing_left
	daemon
	stint wait 1
	[ "$status" -eq 0 ]
	stint wait 2
	[ "$status" -eq 0 ]
	[ -e b.done ]
	[ "$(wc -l <a.began)" -eq 1 ]
	stop_daemon
}

@test "when its time is over, what runs is interrupted, and run again after the next start" {
	configure '"drain": "100ms"'
	daemon
	job a
	stop_daemon
	nothing_left
	[ ! -e a.done ]
	touch a.go
	daemon
	stint wait 1
	[ "$status" -eq 0 ]
	[ "$(wc -l <a.began)" -eq 2 ]
	stop_daemon
}

@test "a second signal stops it at once" {
	configure '"drain": "1h"'
	daemon
	job a
	kill -INT "$daemon"
	until_true 20 grep -q 'stopping: ' "$log"
	kill -0 "$daemon"
	stop_daemon -TERM
	has "$log" 'stopping at once'
	[ ! -e "$socket" ]
	nothing_left
}

@test "SIGUSR1 puts the state into the log" {
	daemon
	job a
	kill -USR1 "$daemon"
	until_true 20 grep -q 'job 1, task ' "$log"
	has "$log" ' 1 running, 0 ended'
	touch a.go
	stop_daemon
}

# parts: the titles of its two processes beside the workers are there, whole.
parts() {
	ps -o args= --ppid "$daemon" | sort | tr '\n' ' ' | grep -q '^stint: guard *stintd: store *$'
}

@test "ps shows how it stands" {
	PATH=${stintd%/*}:$PATH
	stintd=stintd
	daemon # the name alone has no room for them
	until_true 20 parts
	until_true 20 grep -qa '^stintd: 0 jobs, 0 running' "/proc/$daemon/cmdline"
	job a
	until_true 20 grep -qa '^stintd: 1 job, 1 running' "/proc/$daemon/cmdline"
	[[ $(ps -o args= -p "$(pgrep -P "$daemon" -x stint-worker)") == 'stint-worker: '[0-9] ]]
	touch a.go
	until_true 20 grep -qa '^stintd: 0 jobs, 0 running' "/proc/$daemon/cmdline"
	stop_daemon
}

# ---- systemd -----------------------------------------------------------------------------------------

@test "systemd is told how far it is" {
	export WATCHDOG_USEC=200000
	E2E_MARK=$mark python3 "$TOP/tests/e2e/daemon.py" notified "$PWD/notify" "$stintd" -f >told 2>err 3>&- 4>&- &
	systemd=$!
	until_true 20 grep -q READY=1 told
	daemon=$(cat "$pidfile")
	has told "READY=1 MAINPID=$daemon"
	has told 'STATUS=0 jobs, 0 tasks running'
	until_true 20 grep -q WATCHDOG=1 told
	job a
	until_true 20 grep -q 'STATUS=1 job, 1 task running' told
	run -1 grep -z -e NOTIFY_SOCKET -e WATCHDOG "/proc/$(pgrep -P "$daemon" -x stint-worker | head -n 1)/environ"
	kill -HUP "$daemon"
	until_true 20 grep -qE '^RELOADING=1 MONOTONIC_USEC=[0-9]+$' told
	until_true 20 sh -c '[ "$(grep -c READY=1 told)" -eq 2 ]'
	touch a.go
	stint wait 1
	kill -TERM "$daemon"
	until_true 20 grep -q STOPPING=1 told
	wait "$systemd"
}

@test "a socket that systemd has made is used, and stays" {
	private "${socket%/*}"
	E2E_MARK=$mark python3 "$TOP/tests/e2e/daemon.py" activated "$socket" "$stintd" -f >out 2>err 3>&- 4>&- &
	daemon=$!
	until_true 20 answers
	stint submit --wait --name env -- sh -c 'env | grep -e LISTEN_ -e STINT_SOCKET >vars'
	same vars "STINT_SOCKET=$socket"
	stop_daemon
	[ -S "$socket" ]
}

@test "a service of systemd finds its directories again when it is reloaded, and tasks do not see them" {
	private var run
	mkdir etc
	config=$PWD/etc/stintd.json log=$PWD/log socket=$PWD/run/stintd.sock
	configure ''
	export CONFIGURATION_DIRECTORY=$PWD/etc STATE_DIRECTORY=$PWD/var RUNTIME_DIRECTORY=$PWD/run
	daemon_here
	export STINT_SOCKET=$socket
	stint submit --wait --name env -- sh -c 'env | grep _DIRECTORY= >vars'
	[ ! -s vars ]
	configure '"drain": "1s"'
	kill -HUP "$daemon"
	until_true 20 grep -q "reloaded $config" "$log"
	hasnt "$log" 'needs a new start'
	stop_daemon
}

@test "the units are as systemd wants them" {
	command -v systemd-analyze >/dev/null || skip 'there is no systemd-analyze'
	mkdir system user
	sed "s|@BINDIR@/stintd|$stintd|" "$TOP/conf/stintd.service" >system/stintd.service
	sed "s|@BINDIR@/stintd|$stintd|" "$TOP/conf/stintd-user.service" >user/stintd.service
	cp "$TOP/conf/stintd-user.socket" user/stintd.socket
	private "$XDG_RUNTIME_DIR"
	run -0 systemd-analyze verify --man=no system/stintd.service
	[ -z "$output" ]
	run -0 systemd-analyze --user verify --man=no user/stintd.service user/stintd.socket
	[ -z "$output" ]
}

# ---- configuration -----------------------------------------------------------------------------------

@test "stintd --check: each file of the corpus, as its name says" {
	count=0
	for file in "$TOP"/tests/daemon_config/*valid/*.json "$TOP/conf/examples/stintd.json"; do
		run --separate-stderr "$stintd" --check -c "$file" --state-directory "$PWD/none"
		if [ -e "$file.expect" ]; then
			[ "$status" -eq 2 ] || { echo "$file: $status"; return 1; }
			[[ $stderr == *"$(cat "$file.expect")"* ]] || { echo "$file: $stderr"; return 1; }
			[ -z "$output" ]
		else
			[ "$status" -eq 0 ] || { echo "$file: $status, $stderr"; return 1; }
		fi
		count=$((count + 1))
	done
	[ "$count" -ge 55 ]
	[ ! -e none ]
}

@test "the schema has the same verdicts, and the same keys" {
	run -0 python3 "$TOP/tests/daemon_config/verdicts.py"
	[ -z "$output" ]
}

@test "stintd --check looks at the queue, unless that is in use" {
	run -0 "$stintd" --check
	[[ $output == *"queue: none yet in $queue" ]]
	[ ! -e "$queue" ]
	daemon
	run -3 "$stintd" --check
	[[ $output == *"a running stintd has it (process $daemon)"* ]]
	stop_daemon
	run -0 "$stintd" --check
	dd if=/dev/urandom of="$queue/stintd.db" bs=512 seek=2 count=8 conv=notrunc status=none
	run -3 --separate-stderr "$stintd" --check
	[[ $stderr == *'queue: '* ]]
}

# ---- the client starts it ----------------------------------------------------------------------------

@test "stint submit starts it, and it has nothing of the client but the environment" {
	(
		umask 077
		exec 7<"$config"
		export FROM_CLIENT=1
		stint submit --wait -- sh -c 'umask >umask; echo "$FROM_CLIENT" >variable'
		[ "$status" -eq 0 ]
	)
	same variable 1
	same umask 0022
	daemon=$(cat "$pidfile")
	[ "$(readlink "/proc/$daemon/cwd")" = / ]
	[ "$(ps -o sid= -p "$daemon" | tr -d ' ')" = "$daemon" ]
	run -1 grep stintd.json <(ls -l "/proc/$daemon/fd")
	stop_daemon
}

@test "of ten clients at once one starts it, and all are served" {
	clients=()
	for i in 1 2 3 4 5 6 7 8 9 10; do
		E2E_MARK=$mark "$STINT" submit -- sh -c "touch done.$i" >"number.$i" 2>"err.$i" 3>&- 4>&- &
		clients+=($!)
	done
	wait "${clients[@]}"
	daemon=$(cat "$pidfile")
	cat err.*
	[ "$(cat number.* | sort -n | tr '\n' ' ')" = '1 2 3 4 5 6 7 8 9 10 ' ]
	[ "$(grep -c 'ready: ' "$log")" -eq 1 ]
	for i in 1 2 3 4 5 6 7 8 9 10; do
		stint wait "$i"
		[ "$status" -eq 0 ]
	done
	stop_daemon
}

@test "what stops the start is said by the client" {
	echo '{"cores": -1}' >"$config"
	stint submit -- true
	[ "$status" -eq 3 ]
	terse
	has err 'stintd.json:1: cores: is to be a whole number'
	configure ''
	mkdir -p "$queue"
	chmod 777 "$queue"
	stint submit -- true
	[ "$status" -eq 3 ]
	terse
	has err 'stintd could not be started: stintd: '
	has err 'is open to others'
	chmod 700 "$queue"
	XDG_STATE_HOME=/proc/none stint submit -- true
	[ "$status" -eq 3 ]
	terse
	has err '/proc/none: cannot make the directory: '
	STINTD=/nonexistent/stintd stint submit -- true
	[ "$status" -eq 3 ]
	has err '/nonexistent/stintd: No such file'
}

@test "it is not started where that is not wanted" {
	stint submit --no-autostart -- true
	[ "$status" -eq 3 ]
	has err "nothing listens at $socket"
	configure '"autostart": false'
	stint submit -- true
	[ "$status" -eq 3 ]
	configure ''
	STINT_SOCKET=$socket stint submit -- true
	[ "$status" -eq 3 ]
	STINT_TASK_ID=1 stint submit -- true
	[ "$status" -eq 3 ]
	has err 'one that a task starts would end with it'
	[ ! -e "$socket" ]
}

@test "looking starts none, and says what does; what is queued stays so" {
	stint submit --hold -- touch ran
	[ "$status" -eq 0 ]
	stint resume --no-autostart 1
	[ "$status" -eq 0 ]
	stint wait 1
	stint submit --hold -- touch ran.too
	stint shutdown
	for command in jobs status 'status 1' wait 'wait 1' 'results 1' 'output 1' ping shutdown \
		'cancel 1' pause 'pause 1' drain 'priority 1 5' 'rm 1' 'resume --no-autostart 2'; do
		# shellcheck disable=SC2086 # words
		stint $command
		[ "$status" -eq 3 ]
		[ ! -s out ]
		terse
		has err "no stintd runs here, nothing listens at $socket; \`stintd\` starts one"
		[ ! -e "$socket" ]
	done
	STINT_SOCKET=$socket stint jobs
	has err 'which STINT_SOCKET names'
	stint jobs --socket other
	has err 'no stintd listens at other; `stintd --socket FILE` starts one there'
	run -0 "$stintd" --check
	[[ $output == *'2 jobs, 1 of them not ended'* ]]
	stint resume 2
	[ "$status" -eq 0 ]
	stint wait 2
	[ "$status" -eq 0 ]
	[ -e ran.too ]
	stint shutdown
	stint retry 1
	[ "$status" -eq 0 ]
	stint wait 1
	[ "$status" -eq 0 ]
}

@test "a task may submit a job to the daemon that runs it" {
	daemon --socket "$PWD/own/s.sock"
	[ "$status" -eq 0 ]
	stint submit --wait --socket own/s.sock -- "$STINT" submit -- touch inner.done
	[ "$status" -eq 0 ]
	until_true 20 test -e inner.done
	daemon=$(cat "$pidfile")
	stop_daemon
}

# ---- the manual --------------------------------------------------------------------------------------

@test "stintd(8) and stintd.json(5) explain every option and every key" {
	"$stintd" -h | grep -oE -- '(-., )?--[a-z-]+' | while read -r option; do
		grep -qE -- "^\.It Fl (. , )?-${option##*--}( |\$)" "$TOP/man/stintd.8" || {
			echo "$option is not in the manual"
			exit 1
		}
	done
	sed -n 's/^KEY(\([a-z_]*\), .*, \(LIVE\|START\),.*/\1 \2/p' "$TOP/supervisor/daemon_keys.def" >keys
	[ "$(wc -l <keys)" -gt 20 ]
	while read -r key when; do
		grep -qx ".It Cm $key$([ "$when" = START ] || echo ' No \*')" "$TOP/man/stintd.json.5" || {
			echo "$key, $when, is not in the manual"
			exit 1
		}
	done <keys
}

@test "the examples of stintd(8) and stintd.json(5) do what they say" {
	mkdir bin
	printf '#!/bin/sh\nexec "%s" "$@"\n' "$STINT" >bin/stint
	printf '#!/bin/sh\nexec "%s" "$@"\n' "$stintd" >bin/stintd
	chmod +x bin/*
	export PATH=$PWD/bin:$PATH E2E_MARK=$mark
	unset STINT_SOCKET
	python3 "$TOP/tests/e2e/examples.py" "$TOP/man/stintd.8" 6 3>&- 4>&-
	python3 "$TOP/tests/e2e/examples.py" "$TOP/man/stintd.json.5" 1 3>&- 4>&-
	if [ -e "$pidfile" ]; then
		daemon=$(cat "$pidfile")
		until_true 20 gone "$daemon"
	fi
}

# is_stopped PID, by a signal.
is_stopped() {
	grep -q '^State:[[:space:]]*T' "/proc/$1/status"
}

@test "Ctrl-Z stops stintd -f, not what runs nor the store, and it goes on" {
	daemon_here
	job slow
	store=$(pgrep -P "$daemon" -f '^stintd: store')
	kill -TSTP "$daemon" "$store"
	until_true 20 is_stopped "$daemon"
	run -1 is_stopped "$store"
	touch slow.go
	until_true 20 test -e slow.done
	kill -CONT "$daemon"
	stint wait slow
	[ "$status" -eq 0 ]
	stop_daemon
}
