/* SPDX-License-Identifier: ISC */
/* proc: see proc.h. In stint-worker, the loop thread. */
#include "worker/proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE 64

/* The beginning of a file, terminated; false if nothing is to be had. */
static bool
read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0) {
		return false;
	}
	got = read(fd, text, size - 1);
	close(fd);
	if (got <= 0) {
		return false;
	}
	text[got] = '\0';
	return true;
}

/* Field `wanted` of stat(5), counted as in proc(5); `at` stands on field 3. */
static uint64_t
field(const char *at, int wanted)
{
	for (int i = 3; i < wanted && at != NULL; i++) {
		at = strchr(at, ' ');
		at = at == NULL ? NULL : at + 1;
	}
	return at == NULL ? 0 : strtoull(at, NULL, 10);
}

/* Field 3 on: what is before it has the program's name, which may hold anything. */
static const char *
read_stat(const char *path, char *text, size_t size)
{
	const char *name_end;

	if (!read_file(path, text, size)) {
		return NULL;
	}
	name_end = strrchr(text, ')');
	return name_end == NULL || name_end[1] != ' ' ? NULL : name_end + 2;
}

bool
proc_stat(pid_t pid, struct proc_stat *stat)
{
	char path[PATH_SIZE], text[1024];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	at = read_stat(path, text, sizeof(text));
	if (at == NULL) {
		return false;
	}
	stat->state = *at;
	stat->parent = (pid_t)field(at, 4);
	stat->session = (pid_t)field(at, 6);
	stat->reaped_ticks = field(at, 16) + field(at, 17);
	stat->threads = (unsigned)field(at, 20);
	stat->began = field(at, 22);
	return true;
}

bool
proc_thread_state(pid_t pid, pid_t thread, char *state)
{
	char path[PATH_SIZE], text[1024];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)pid, (int)thread);
	at = read_stat(path, text, sizeof(text));
	if (at == NULL) {
		return false;
	}
	*state = *at;
	return true;
}

bool
proc_queued(pid_t pid, pid_t thread, uint64_t *ns)
{
	char path[PATH_SIZE], text[128], *end;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", (int)pid, (int)thread);
	if (!read_file(path, text, sizeof(text))) {
		return false;
	}
	strtoull(text, &end, 10);
	*ns = strtoull(end, NULL, 10);
	return true;
}

bool
proc_children(pid_t pid, pid_t thread, void (*found)(void *, pid_t), void *arg)
{
	char path[PATH_SIZE], text[4096];
	pid_t number = 0;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)thread);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return false;
	}
	while ((got = read(fd, text, sizeof(text))) > 0) {
		for (ssize_t i = 0; i < got; i++) { /* each number ends with a space */
			if (text[i] >= '0' && text[i] <= '9') {
				number = number * 10 + (text[i] - '0');
			} else if (number != 0) {
				found(arg, number);
				number = 0;
			}
		}
	}
	close(fd);
	return true;
}

bool
proc_has_children(void)
{
	return access("/proc/thread-self/children", F_OK) == 0;
}

/* Each number that is a name in the folder, `most` at most. */
static unsigned
numbers_in(const char *path, unsigned most, void (*found)(void *, pid_t), void *arg)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	unsigned count = 0;

	if (folder == NULL) {
		return 0;
	}
	while (count < most && (entry = readdir(folder)) != NULL) {
		pid_t number = (pid_t)strtol(entry->d_name, NULL, 10);

		if (number > 0) {
			count++;
			found(arg, number);
		}
	}
	closedir(folder);
	return count;
}

unsigned
proc_threads(pid_t pid, unsigned most, void (*found)(void *, pid_t), void *arg)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	return numbers_in(path, most, found, arg);
}

void
proc_all(void (*found)(void *, pid_t), void *arg)
{
	numbers_in("/proc", UINT32_MAX, found, arg);
}
