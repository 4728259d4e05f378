#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The units with a real systemd: the machine's, started again in namespaces, with what `make install`
# installs. Where there is none, or nobody may do that, these tests are skipped.

load ../e2e/helpers
load ../e2e/daemon

# ---- a systemd of our own ----------------------------------------------------------------------------

# lacking: what there is not that is needed; nothing: all is there.
lacking() {
	local tool

	[ "$(id -u)" -eq 0 ] || { echo 'needs root' && return; }
	[ -z "${SANITIZE:-}" ] || { echo 'a sanitizer takes too long for it' && return; }
	for tool in systemctl journalctl systemd-sysusers systemd-tmpfiles unshare nsenter setpriv pivot_root; do
		command -v "$tool" >/dev/null || { echo "there is no $tool" && return; }
	done
	[ -n "$systemd" ] || { echo 'there is no systemd' && return; }
	[ -n "$cgroups" ] || { echo 'there is no cgroup2 file system' && return; }
	mkdir "$cgroup" 2>/dev/null || echo "cannot make a control group in $cgroups"
}

# begin_box: systemd, as a child of ours that ends with us.
begin_box() {
	mkdir "$BATS_FILE_TMPDIR/box"
	# Only what is in there may be in its group: a group with processes of its own is not divided.
	# shellcheck disable=SC2016 # for the shell there
	setpriv --pdeathsig KILL unshare --fork --kill-child --pid --mount --ipc --uts --net \
	    sh -c 'echo 0 >"$0/cgroup.procs" && exec unshare --cgroup sh "$@"' "$cgroup" \
	    "$TOP/tests/fault/systemd_box.sh" "$systemd" "$BATS_FILE_TMPDIR/installed" \
	    "$BATS_FILE_TMPDIR/box" "${units%/system/*}" </dev/null >"$BATS_FILE_TMPDIR/said" 2>&1 3>&- 4>&- &
	export box=$!
	if ! until_true 30 box_runs >/dev/null || gone "$box"; then
		echo "systemd does not start here: $(head -n 1 "$BATS_FILE_TMPDIR/said")"
	fi
}

box_runs() {
	gone "$box" || [ "$(box systemctl is-system-running 2>/dev/null)" = running ]
}

# box COMMAND...: runs it there, as root.
box() {
	nsenter -t "$(pgrep -P "$box")" --mount --pid --cgroup --ipc --uts --net "$@"
}

# installed PATTERN: the path of a file.
installed() {
	find "$BATS_FILE_TMPDIR/installed" -path "$1" -printf '/%P\n'
}

setup_file() {
	local place

	systemd='' cgroups=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)
	for place in /usr/lib/systemd/systemd /lib/systemd/systemd; do
		[ ! -x "$place" ] || systemd=$place
	done
	export cgroup=$cgroups/stint-test-$$ mark=none box=
	lacking >"$BATS_FILE_TMPDIR/lacking"
	[ ! -s "$BATS_FILE_TMPDIR/lacking" ] || return 0
	make -C "$TOP" -s -j1 -o all BUILD="${STINT%/*}" DESTDIR="$BATS_FILE_TMPDIR/installed" install \
	    >"$BATS_FILE_TMPDIR/make" 2>&1
	units=$(installed '*/system/stintd.service') program=$(installed '*/bin/stint')
	export PATH=${program%/*}:$PATH
	begin_box >"$BATS_FILE_TMPDIR/lacking"
	[ -s "$BATS_FILE_TMPDIR/lacking" ] || box systemd-sysusers >"$BATS_FILE_TMPDIR/sysusers" 2>&1
}

teardown_file() {
	[ -z "$box" ] || kill -KILL "$box" 2>/dev/null || :
	[ ! -d "$cgroup" ] || until_true 20 no_cgroup
}

# The groups of a systemd that is gone can be removed when the kernel has ended all that was in them.
no_cgroup() {
	find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null
	[ ! -d "$cgroup" ]
}

# ---- a service in it ---------------------------------------------------------------------------------

setup() {
	helpers_setup
	[ ! -s "$BATS_FILE_TMPDIR/lacking" ] || skip "$(cat "$BATS_FILE_TMPDIR/lacking")"
}

teardown() {
	[ ! -s "$BATS_FILE_TMPDIR/lacking" ] || return 0
	box journalctl -q -n 30 --no-pager # seen when the test has failed
	box systemctl stop stintd.service ada.service
	box sh -c 'rm -rf /etc/stint /etc/systemd/system/stintd.service.d /var/lib/stint /srv/jobs /home/ada/* /home/ada/.[!.]*'
}

# the_system KEY=VALUE...: the service of the whole machine, with those settings; as_it and ctl
# are about that one; its tasks work in $work.
the_system() {
	work=/srv/jobs settings=/etc/systemd/system/stintd.service.d configuration=/etc/stint/stintd.json
	socket=/run/stint/stintd.sock
	as_it() {
		box env STINT_SOCKET=$socket "$@"
	}
	ctl() {
		box systemctl "$@"
	}
	box systemd-tmpfiles --create stintd.conf
	box install -d -o stint "$work"
	set_up "ReadWritePaths=$work" "$@"
}

# one_user KEY=VALUE...: the same for the service of a user.
one_user() {
	work=/home/ada/work settings=/home/ada/.config/systemd/user/stintd.service.d
	configuration=/home/ada/.config/stint/stintd.json socket=/run/user/60123/stint/stintd.sock
	as_it() {
		box setpriv --reuid=60123 --regid=60123 --clear-groups \
		    env -i HOME=/home/ada XDG_RUNTIME_DIR=/run/user/60123 PATH="$PATH" "$@"
	}
	ctl() {
		as_it systemctl --user "$@"
	}
	as_it mkdir -p "$work" /home/ada/.config/stint
	box systemctl start ada.service
	set_up "$@"
}

# set_up KEY=VALUE...: and a configuration.
set_up() {
	as_it mkdir -p "$settings"
	{ echo '[Service]' && printf '%s\n' "$@"; } | as_it tee "$settings/test.conf" >/dev/null
	configure '"drain": 0'
	ctl daemon-reload
}

configure() {
	echo "{$1}" | as_it tee "$configuration" >/dev/null
}

# in_work SHELL: in the folder that tasks work in.
in_work() {
	as_it sh -c "cd $work && $1"
}

process() {
	ctl show -P MainPID stintd.service
}

# began COUNT: the task of `long` has begun so often.
began() {
	in_work "[ \$(wc -l <began) -eq $1 ]" 2>/dev/null
}

# told TEXT: the journal has that.
told() {
	box journalctl -q -o cat --no-pager | grep -qF -- "$1"
}

active() {
	[ "$(ctl is-active stintd.service)" = active ]
}

# no_task: none of `long` is there.
no_task() {
	! box pgrep -fx 'sleep 4321'
}

one_task() {
	[ "$(box pgrep -fxc 'sleep 4321')" -eq 1 ]
}

# long: a task that ends when it is ended, as a job.
long() {
	in_work 'stint submit -- sh -c "echo >>began; exec sleep 4321"'
	until_true 20 began 1
}

# ---- what both go through ----------------------------------------------------------------------------

reloads() {
	local before

	ctl start stintd.service
	before=$(process)
	long
	configure '"drain": "7s"'
	ctl reload stintd.service
	until_true 20 told "reloaded $configuration"
	configure '"drain": "soon"'
	ctl reload stintd.service
	until_true 20 told 'reload: the configuration is as it was'
	ctl start stintd.service # it is still there
	[ "$(process)" = "$before" ]
	began 1
	one_task
}

drains() {
	ctl start stintd.service
	long
	configure '"drain": "3s"'
	ctl reload stintd.service
	until_true 20 told "reloaded $configuration"
	SECONDS=0
	ctl stop stintd.service # TimeoutStopSec is shorter: it asks for more
	[ "$SECONDS" -ge 2 ]
	told 'stopping: what runs has 3 s'
	[ "$(ctl show -P Result stintd.service)" = success ]
	no_task
	began 1
	ctl start stintd.service
	until_true 20 began 2
}

# comes_back SIGNAL RESULT: after that signal another one has the queue, and nothing is left of the first.
comes_back() {
	local before

	ctl start stintd.service
	before=$(process)
	long
	as_it kill "$1" "$before"
	until_true 60 began 2
	until_true 20 active
	[ "$(process)" != "$before" ]
	told "Failed with result '$2'"
	until_true 20 one_task
	[ "$(box pgrep -xc stintd)" -eq 1 ]
}

outlives_tasks() {
	local before

	ctl start stintd.service
	before=$(process)
	# shellcheck disable=SC2016 # for the shell of the task
	for how in 'kill -9 $$' 'kill -9 0' 'kill -9 $PPID'; do
		run -1 in_work "stint submit --wait -- sh -c '$how'"
	done
	[ "$(process)" = "$before" ]
	in_work 'stint submit --wait -- true'
}

# ---- the service of the whole machine ----------------------------------------------------------------

@test "the system's: it is ready when the start returns, is its own user, and its directories are closed" {
	the_system
	ctl enable --now stintd.service
	as_it stint ping
	run -0 ctl status --no-pager stintd.service
	[[ $output == *'Status: "0 jobs, 0 tasks running"'* ]]
	run -0 box stat -c '%U:%G %a %n' /etc/stint /run/stint $socket /var/lib/stint /var/lib/stint/stintd.db
	same <(echo "$output") 'root:root 755 /etc/stint' 'stint:stint 710 /run/stint' "stint:stint 600 $socket" \
	    'stint:stint 700 /var/lib/stint' 'stint:stint 600 /var/lib/stint/stintd.db'
	in_work 'stint submit --wait -- sh -c "id -un >user"'
	[ "$(in_work 'cat user')" = stint ]
	ctl disable stintd.service
}

@test "the system's: tasks write where the manual says, and nowhere else" {
	the_system
	ctl start stintd.service
	in_work 'stint submit --wait -- touch here /var/lib/stint/mine /tmp/mine /var/tmp/mine'
	for place in tmp var/tmp; do
		box test ! -e "/$place/mine"
	done
	box test -e /srv/jobs/here
	for place in /srv /home /root /etc/stint /usr/bin; do
		run -1 in_work "stint submit --wait -- touch $place/mine"
	done
	box mkdir -m 777 -p /home/shared
	run -1 as_it sh -c 'cd /home/shared && stint submit --wait -- touch mine'
	set_up ProtectHome=tmpfs BindPaths=/home/shared
	ctl restart stintd.service
	as_it sh -c 'cd /home/shared && stint submit --wait -- touch mine'
	box [ -e /home/shared/mine ]
}

@test "the system's: who is in socket_group may submit, others may not" {
	the_system
	configure '"socket_group": "stint"'
	ctl start stintd.service
	as_ada=(setpriv --reuid=60123 --regid=60123)
	run -0 box "${as_ada[@]}" --groups="$(box id -g stint)" env "STINT_SOCKET=$socket" stint ping
	run -3 box "${as_ada[@]}" --clear-groups env "STINT_SOCKET=$socket" stint ping
}

@test "the system's: messages have levels, and what stops the start is said once" {
	the_system
	ctl start stintd.service
	in_work 'stint submit --wait -- true'
	until_true 20 told 'job 1 has ended: ok'
	run -0 box journalctl -q -u stintd -p notice -o cat --no-pager
	[[ $output == *'ready: stintd '* ]]
	[[ $output != *'job 1 begins'* ]]
	configure '"drain": "later"'
	run -1 ctl restart stintd.service
	until_true 20 told 'drain: is to be a time'
	run -0 box journalctl -q -u stintd -p err -o cat --no-pager
	[ "$(grep -c 'drain: is to be a time' <<<"$output")" -eq 1 ]
	[ "$(ctl show -P NRestarts stintd.service)" -eq 0 ]
}

@test "the system's: a reload takes the configuration, and does not touch what runs" {
	the_system
	reloads
}

@test "the system's: a stop waits for what runs as long as drain says; the rest runs again" {
	the_system TimeoutStopSec=1
	drains
}

@test "the system's: one that hangs is started again by the watchdog" {
	the_system WatchdogSec=5
	comes_back -STOP watchdog
}

@test "the system's: one that was killed is started again, and leaves nothing" {
	the_system
	comes_back -KILL signal
}

@test "the system's: tasks that are killed are not its end" {
	the_system
	outlives_tasks
}

@test "the system's: nor are those that take too much memory" {
	the_system MemoryMax=100M MemorySwapMax=0
	box grep -qw memory /sys/fs/cgroup/cgroup.controllers || skip 'there is no memory controller in cgroup2'
	ctl start stintd.service
	before=$(process)
	run -1 in_work 'stint submit --wait -- tail /dev/zero'
	until_true 20 told 'has been killed by the OOM killer'
	[ "$(process)" = "$before" ]
	in_work 'stint submit --wait -- true'
}

# ---- that of a user ----------------------------------------------------------------------------------

@test "a user's: the first client starts it by the socket, again after a stop" {
	one_user
	ctl enable --now stintd.socket
	run -3 ctl is-active stintd.service
	as_it stint ping
	active
	[ "$(as_it stat -c '%U %a' /run/user/60123/stint $socket | tr '\n' ' ')" = 'ada 700 ada 600 ' ]
	ctl stop stintd.service
	in_work 'stint submit --wait -- sh -c "id -un >user"'
	[ "$(in_work 'cat user')" = ada ]
	as_it stint shutdown
	until_true 20 no_daemon
	as_it stint ping
	active
	ctl disable --now stintd.socket stintd.service
}

no_daemon() {
	! box pgrep -x stintd
}

@test "a user's: a reload takes the configuration, and does not touch what runs" {
	one_user
	reloads
}

@test "a user's: a stop waits for what runs as long as drain says; the rest runs again" {
	one_user TimeoutStopSec=1
	drains
}

@test "a user's: one that hangs is started again by the watchdog" {
	one_user WatchdogSec=5
	comes_back -STOP watchdog
}

@test "a user's: one that was killed is started again, and leaves nothing" {
	one_user
	comes_back -KILL signal
}

@test "a user's: tasks that are killed are not its end" {
	one_user
	outlives_tasks
}
