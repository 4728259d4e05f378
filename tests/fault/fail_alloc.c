/* SPDX-License-Identifier: ISC */
/*
 * fail_alloc: a library for LD_PRELOAD by which allocations of one process fail, as a plan says that
 * lies in the file FAIL_ALLOC; whoever drives the test writes that, also while the process runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FIRST = -1, FORKED = -2 }; /* whoever is started with it; the first child of that */

struct plan {
	_Atomic int32_t pid; /* of the process; FIRST, FORKED: until there is one; 0: none */
	_Atomic int32_t fails;
	_Atomic int64_t left;  /* allocations that succeed, before so many fail */
	_Atomic int64_t count; /* of them, so far */
};

static struct plan *plan;

/* Ours, in place of the C library's, and those. */
void *our_malloc(size_t size) __asm__("malloc");
void *our_calloc(size_t count, size_t size) __asm__("calloc");
void *our_realloc(void *memory, size_t size) __asm__("realloc");
void *libc_malloc(size_t size) __asm__("__libc_malloc");
void *libc_calloc(size_t count, size_t size) __asm__("__libc_calloc");
void *libc_realloc(void *memory, size_t size) __asm__("__libc_realloc");

static bool
fails(void)
{
	int64_t left;

	if (plan == NULL || plan->pid != getpid()) {
		return false;
	}
	atomic_fetch_add(&plan->count, 1);
	left = atomic_fetch_sub(&plan->left, 1);
	if (left > 0 || left <= -plan->fails) {
		return false;
	}
	errno = ENOMEM;
	return true;
}

void *
our_malloc(size_t size)
{
	return fails() ? NULL : libc_malloc(size);
}

void *
our_calloc(size_t count, size_t size)
{
	return fails() ? NULL : libc_calloc(count, size);
}

void *
our_realloc(void *memory, size_t size)
{
	return fails() ? NULL : libc_realloc(memory, size);
}

static void
on_fork(void)
{
	if (plan->pid == FORKED) {
		plan->pid = getpid();
	}
}

__attribute__((constructor)) static void
start(void)
{
	const char *path = getenv("FAIL_ALLOC");
	int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
	void *file;

	if (fd < 0) {
		return;
	}
	file = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (file == MAP_FAILED) {
		return;
	}
	pthread_atfork(NULL, NULL, on_fork);
	plan = file;
	if (plan->pid == FIRST) {
		plan->pid = getpid();
	}
}
