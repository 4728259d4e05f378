/* SPDX-License-Identifier: ISC */
/* machine: see machine.h. In the supervisor. */
#include "supervisor/machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define FILES_OWN     24 /* that a worker has open beside those of commands; some in reserve */
#define FILES_EACH    2  /* pipes of a command */
#define PIDS_OWN      3  /* processes and threads a worker is, or has; and as many of ours */
#define SHARE_OF_PIDS 2  /* half of them is left to what the commands start, and to others */
#define SHORT_PART    20
#define WAITS_MOST    1000000 /* whatever memory there is */
#define WAIT_SIZE     800     /* bytes that a waiting task takes, on both sides together */
#define JOB_SIZE      16384   /* bytes of an open job and its task, about */
#define WAITS_SHARE   64      /* they may take this part of the machine's memory */

static uint64_t
read_number(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned long number = 0;

	if (file != NULL) {
		if (fscanf(file, "%lu", &number) != 1) {
			number = 0;
		}
		fclose(file);
	}
	return number;
}

static uint64_t
lesser(uint64_t a, uint64_t b)
{
	return b != 0 && b < a ? b : a;
}

unsigned
machine_commands_most(unsigned workers)
{
	struct rlimit files, processes;
	uint64_t most = 1000000, pids, own;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max != RLIM_INFINITY) {
		uint64_t each = files.rlim_max > FILES_OWN + FILES_EACH
				    ? (files.rlim_max - FILES_OWN) / FILES_EACH
				    : 1;

		most = lesser(most, each * workers);
	}
	pids = lesser(read_number("/proc/sys/kernel/pid_max"),
		      read_number("/proc/sys/kernel/threads-max"));
	if (getuid() != 0 && getrlimit(RLIMIT_NPROC, &processes) == 0 &&
	    processes.rlim_cur != RLIM_INFINITY) {
		pids = lesser(pids, processes.rlim_cur);
	}
	pids = lesser(pids, read_number("/sys/fs/cgroup/pids.max"));
	own = PIDS_OWN * (workers + UINT64_C(1));
	most = lesser(most, pids > own + SHARE_OF_PIDS ? (pids - own) / SHARE_OF_PIDS : 1);
	return (unsigned)most;
}

/* What so much of the machine's memory has room for. */
static unsigned
room_for(long size)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	long most = pages / WAITS_SHARE * page / size;

	return most < 1000 ? 1000 : most > WAITS_MOST ? WAITS_MOST : (unsigned)most;
}

unsigned
machine_waits_most(void)
{
	return room_for(WAIT_SIZE);
}

unsigned
machine_jobs_most(void)
{
	return room_for(JOB_SIZE);
}

/* A line of /proc/meminfo, in bytes. */
static uint64_t
meminfo(const char *key)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long kib = 0, found = 0;
	char line[128], name[64];

	while (file != NULL && found == 0 && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "%63[^:]: %lu", name, &kib) == 2 && strcmp(name, key) == 0) {
			found = kib;
		}
	}
	if (file != NULL) {
		fclose(file);
	}
	return (uint64_t)found * 1024;
}

uint64_t
machine_memory(void)
{
	uint64_t all = meminfo("MemTotal");

	all = lesser(all, read_number("/sys/fs/cgroup/memory.max"));
	return lesser(all, read_number("/sys/fs/cgroup/memory/memory.limit_in_bytes"));
}

bool
machine_short_of_memory(void)
{
	uint64_t available = meminfo("MemAvailable");

	return available != 0 && available < meminfo("MemTotal") / SHORT_PART;
}
