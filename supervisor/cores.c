/* SPDX-License-Identifier: ISC */
/* cores: see cores.h. In the supervisor. */
#include "supervisor/cores.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CGROUPS "/sys/fs/cgroup"

static unsigned
from_affinity(void)
{
	for (int most = 1024; most <= 1 << 20; most *= 4) {
		cpu_set_t *set = CPU_ALLOC((size_t)most);
		size_t size = CPU_ALLOC_SIZE((size_t)most);
		unsigned count = 0;

		if (set != NULL && sched_getaffinity(0, size, set) == 0) {
			count = (unsigned)CPU_COUNT_S(size, set);
		}
		CPU_FREE(set);
		if (count > 0) {
			return count;
		}
	}
	return 1;
}

/* Reads up to two words of a file. How many there were. */
static int
read_words(const char *path, char first[32], char second[32])
{
	FILE *file = fopen(path, "re");
	int words;

	if (file == NULL) {
		return 0;
	}
	words = fscanf(file, "%31s %31s", first, second);
	fclose(file);
	return words < 0 ? 0 : words;
}

/* quota / period, rounded up; 0: no limit. */
static unsigned
limit(const char *quota, const char *period)
{
	long allowed = strtol(quota, NULL, 10), each = strtol(period, NULL, 10);

	return allowed <= 0 || each <= 0 ? 0 : (unsigned)((allowed + each - 1) / each);
}

static unsigned
quota_of(const char *folder, bool v2)
{
	char path[4200], quota[32], period[32], rest[32];

	if (v2) {
		snprintf(path, sizeof(path), "%s/cpu.max", folder);
		return read_words(path, quota, period) == 2 ? limit(quota, period) : 0;
	}
	snprintf(path, sizeof(path), "%s/cpu.cfs_quota_us", folder);
	if (read_words(path, quota, rest) < 1) {
		return 0;
	}
	snprintf(path, sizeof(path), "%s/cpu.cfs_period_us", folder);
	return read_words(path, period, rest) < 1 ? 0 : limit(quota, period);
}

/* The smallest quota from a group up to the root. */
static unsigned
smallest_quota(const char *root, const char *group, bool v2)
{
	char folder[4100];
	unsigned least = 0;
	char *slash;

	snprintf(folder, sizeof(folder), "%s%s", root, group);
	while (strlen(folder) >= strlen(root)) {
		unsigned here = quota_of(folder, v2);

		if (here > 0 && (least == 0 || here < least)) {
			least = here;
		}
		slash = strrchr(folder, '/');
		if (slash == NULL) {
			break;
		}
		*slash = '\0';
	}
	return least;
}

static bool
names_cpu(const char *controllers)
{
	return strcmp(controllers, "cpu") == 0 || strncmp(controllers, "cpu,", 4) == 0 ||
	       strstr(controllers, ",cpu,") != NULL;
}

/* /proc/self/cgroup: "0::/group" is v2, "3:cpu,cpuacct:/group" v1. 0: no limit. */
static unsigned
from_quota(void)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[4096], *controllers, *group;
	unsigned least = 0;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		unsigned here = 0;

		line[strcspn(line, "\n")] = '\0';
		controllers = strchr(line, ':');
		group = controllers == NULL ? NULL : strchr(controllers + 1, ':');
		if (group == NULL) {
			continue;
		}
		controllers++;
		*group++ = '\0';
		group = strcmp(group, "/") == 0 ? group + 1 : group;
		if (controllers[0] == '\0') {
			here = smallest_quota(CGROUPS, group, true);
		} else if (names_cpu(controllers)) {
			char root[128];

			snprintf(root, sizeof(root), CGROUPS "/%.64s", controllers);
			here = smallest_quota(root, group, false);
			here = here > 0 ? here : smallest_quota(CGROUPS "/cpu", group, false);
		}
		if (here > 0 && (least == 0 || here < least)) {
			least = here;
		}
	}
	if (file != NULL) {
		fclose(file);
	}
	return least;
}

unsigned
cores_available(void)
{
	unsigned mask = from_affinity(), quota = from_quota();

	return quota > 0 && quota < mask ? quota : mask;
}
