#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Faults around stintd. What is not here is in tests/test_store_*.c (the store by itself),
# tests/e2e/daemon.bats, control.bats and dashboard.bats.

load ../e2e/helpers

# try SCRIPT ARG...: its figures are shown.
try() {
	status=0
	E2E_MARK=$mark timeout -k 5 1700 python3 "$TOP/tests/fault/daemon_$1.py" "${@:2}" >said 2>err 3>&- 4>&- || status=$?
	cat said err
	[ "$status" -eq 0 ] || { tail -n 5 log && return 1; }
	sed 's/^/# /' said >&3
	nothing_left
}

teardown() {
	local pid

	pid=$(cat run/stint/stintd.pid 2>/dev/null) || :
	if [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm")" = stintd ]; then kill -KILL "$pid"; fi
	for pid in $(marked); do
		kill -KILL "$pid" 2>/dev/null || :
	done
	if mountpoint -q state; then umount -l state; fi
}

# small_disk SIZE: the file system of the queue.
small_disk() {
	mkdir -m 700 state
	[ "$(id -u)" -eq 0 ] || skip 'only root can mount'
	mount -t tmpfs -o "size=$1,mode=0700" tmpfs state 2>/dev/null || skip 'cannot mount'
}

needs_strace() {
	strace -o trace -e inject=fsync:error=EIO true 2>/dev/null || skip 'strace cannot inject faults here'
	[ -z "${SANITIZE:-}" ] || skip 'a sanitizer and strace do not go together'
}

@test "11: the queue's disk is full, kill -9, a new start: what was acknowledged is kept, and runs" {
	small_disk "$(full 1m 12m)"
	try store disk
}

@test "11: results have no room: the tasks run again, later" {
	small_disk 1m
	try store results
}

@test "12: no file may grow: nothing is acknowledged, nothing more is taken, and that is said" {
	try store limit
}

@test "12: the database is removed while it is used: nothing is acknowledged any more, and that is said" {
	try store removed
}

@test "12: the end of a job cannot be kept: nobody is told that it has ended" {
	try store end
}

@test "12: a sync fails: nothing is acknowledged, nothing more is taken, and that is said" {
	needs_strace
	try store sync
}

@test "12: a write fails: nothing is acknowledged, nothing more is taken, and that is said" {
	needs_strace
	try store write
}

@test "the store is behind: clients wait without anybody looking again and again, and go on" {
	try store behind
}

@test "13: stintd is killed again and again while clients submit: nothing is lost, nothing runs more often than it says" {
	try kills load "$(full 6 200)"
}

@test "13: stintd is killed in the midst of a job of a thousand tasks: one record each" {
	try kills job "$(full 3 40)"
}

@test "13: whatever is asked, in any order, between kills: what was acknowledged is so" {
	try random "$(full 300 10000)"
}

@test "what runs when stintd ends: done in time, or again; never twice what is not to be" {
	try jobs ends
}

@test "what runs when stintd cannot note what it begins: again, and never twice what is not to be" {
	try jobs trouble
}

@test "what stands in the way is gone after a while: the queue goes on by itself" {
	try jobs again
}

@test "15: two at the same instant: exactly one lives, and its socket works" {
	try kills twins "$(full 10 1000)"
}

@test "31: clients that vanish: stintd lives, and nothing of them is left" {
	try clients "$(full 28 1400)"
}

@test "42: damage anywhere in the database: it is said, and nothing is changed" {
	try start damage "$(full 6 60)"
}

@test "42: a system call fails at the start: a clear error or none, and the queue is whole" {
	needs_strace
	try start calls "$(full 2 40)"
}

@test "42: a system call of stintd or its store fails while they work" {
	needs_strace
	try faults calls "$(full 8 400)"
}

@test "42: an allocation of stintd or its store fails" {
	[ -z "${SANITIZE:-}" ] || skip 'a sanitizer has allocations of its own'
	try faults allocations "$(full 4 200)"
}

@test "38: a link, a hard link or a FIFO in place of any file of the queue" {
	try start links
}

@test "jobs share the cores by weight and priority; one that is paused leaves them to the others" {
	try jobs shares
}

@test "a list of jobs takes no longer for the tasks that run" {
	try jobs listing
}

@test "while a large job is read, others are answered" {
	try jobs large "$(full 200000 1000000)"
}

@test "after any work it takes little memory" {
	[ -z "${SANITIZE:-}" ] || skip 'a sanitizer keeps what is freed'
	try jobs memory "$(full 100000 1000000)"
}

@test "a job of three tasks does not wait for one of a hundred thousand" {
	try jobs starving
}
