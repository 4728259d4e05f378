/* SPDX-License-Identifier: ISC */
/* memory: see memory.h. In stint-worker, the loop thread. */
#include "worker/memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/clock.h"

#define FIRST_US 10000
#define EVERY_US 50000
#define SHARE    20 /* looking may take this part of the time */

/* The numbers behind `names` in a file of /proc, in bytes; 0 for one that is not there. */
static bool
read_lines(const char *path, const char *const *names, uint64_t *values, size_t count)
{
	char text[4096], *line;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		return false;
	}
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[got < 0 ? 0 : got] = '\0';
	for (size_t i = 0; i < count; i++) {
		line = strstr(text, names[i]);
		values[i] = line == NULL ? 0 : strtoull(line + strlen(names[i]), NULL, 10) * 1024;
	}
	return got > 0;
}

/* What a process has for itself or shares with others, which then counts for each of them. */
static uint64_t
resident(struct memory *memory, pid_t pid)
{
	static const char *const names[] = {"\nRssAnon:", "\nRssShmem:", "\nRssFile:"};
	uint64_t values[3] = {0, 0, 0};
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	read_lines(path, names, values, 3);
	if (values[2] > memory->file) {
		memory->file = values[2];
	}
	return values[0] + values[1];
}

/* Likewise, with what is shared counted in parts; costs a walk through its page tables. */
static uint64_t
proportional(struct memory *memory, pid_t pid)
{
	static const char *const names[] = {"\nPss_Anon:", "\nPss_Shmem:"};
	uint64_t values[2];
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	return read_lines(path, names, values, 2) ? values[0] + values[1] : resident(memory, pid);
}

static uint64_t
sum(struct memory *memory, const struct pids *members, uint64_t (*one)(struct memory *, pid_t))
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < members->count; i++) {
		bytes += one(memory, members->at[i]);
	}
	return bytes;
}

void
memory_begin(struct memory *memory, uint64_t most, int64_t now_us)
{
	*memory = (struct memory){.most = most, .at_us = now_us + FIRST_US};
}

bool
memory_look(struct memory *memory, const struct tree *tree)
{
	int64_t began_us = clock_us(), took_us;
	struct pids members = {.at = NULL};
	uint64_t bytes;

	tree_members(tree, &members);
	bytes = sum(memory, &members, resident);
	if (bytes > memory->most && members.count > 1) {
		bytes = sum(memory, &members, proportional);
	}
	pids_free(&members);
	if (bytes > memory->most) {
		memory->over = bytes;
	}
	took_us = clock_us() - began_us;
	memory->at_us = began_us + (took_us * SHARE > EVERY_US ? took_us * SHARE : EVERY_US);
	return memory->over != 0;
}

void
memory_end(struct memory *memory, uint64_t maxrss)
{
	if (memory->most != 0 && memory->over == 0 && maxrss > memory->most + memory->file) {
		memory->over = maxrss - memory->file;
	}
}

void
memory_size(uint64_t bytes, char *text, size_t size)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1024;
		unit++;
	}
	snprintf(text, size, "%.4g %s", value, units[unit]);
}
