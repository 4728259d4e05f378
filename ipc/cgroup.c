/* SPDX-License-Identifier: ISC */
/* cgroup: see cgroup.h. Supervisor and worker. */
#include "ipc/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "ipc/fds.h"

#define PREFIX "stint-"

/* Reads a small file below a folder. */
static bool
read_file(int folder, const char *path, char *text, size_t size)
{
	int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);

	fds_close(&fd);
	text[got < 0 ? 0 : got] = '\0';
	return got >= 0;
}

static bool
write_file(int folder, const char *name, const char *file, const char *text)
{
	char path[512];
	bool good;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", name, file);
	fd = openat(folder, path, O_WRONLY | O_CLOEXEC);
	good = fd >= 0 && fds_write_all(fd, text, strlen(text));
	fds_close(&fd);
	return good;
}

/*
 * Root may divide any group, but those that systemd manages are not to be divided by others,
 * unless they say so.
 */
static bool
is_ours(const char *path, const char *folder)
{
	char value[8];

	return geteuid() != 0 || strcmp(path, "/") == 0 ||
	       getxattr(folder, "trusted.delegate", value, sizeof(value)) > 0 ||
	       getxattr(folder, "user.delegate", value, sizeof(value)) > 0;
}

static int
open_own(void)
{
	static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	char text[8192], folder[4096], *path;
	struct statfs info;

	if (!read_file(AT_FDCWD, "/proc/self/cgroup", text, sizeof(text))) {
		return -1;
	}
	path = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
	if (path == NULL || strstr(path, "/..") != NULL) {
		return -1;
	}
	path = strchr(path, '/');
	if (path == NULL) {
		return -1;
	}
	path[strcspn(path, "\n")] = '\0';
	for (int i = 0; i < 2; i++) {
		if (statfs(mounts[i], &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC &&
		    snprintf(folder, sizeof(folder), "%s%s", mounts[i], path) <
			(int)sizeof(folder) &&
		    is_ours(path, folder)) {
			return open(folder, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
		}
	}
	return -1;
}

/* The folder of our own group, looked for once; -1: none that we may divide. */
static int
own(void)
{
	static bool looked;
	static int folder = -1;

	if (!looked) {
		looked = true;
		folder = open_own();
	}
	return folder;
}

/* The last part of a mark is enough: our own group is that of the run. */
static char *
name_of(const char *mark)
{
	const char *last = strrchr(mark, '/');
	char *name;

	return asprintf(&name, PREFIX "%s", last == NULL ? mark : last + 1) < 0 ? NULL : name;
}

static void
limit_memory(const char *name, uint64_t memory)
{
	char bytes[32];

	snprintf(bytes, sizeof(bytes), "%ju", (uintmax_t)memory);
	if (memory > 0 && write_file(own(), name, "memory.max", bytes)) {
		write_file(own(), name, "memory.swap.max", "0");
		write_file(own(), name, "memory.oom.group", "1");
	}
}

bool
cgroup_make(struct cgroup *group, const char *mark, uint64_t memory)
{
	char path[512];

	*group = (struct cgroup){.procs = -1};
	if (own() < 0 || (group->name = name_of(mark)) == NULL) {
		return false;
	}
	snprintf(path, sizeof(path), "%s/cgroup.kill", group->name);
	if (mkdirat(own(), group->name, 0755) != 0 || faccessat(own(), path, W_OK, 0) != 0) {
		cgroup_remove(group);
		return false;
	}
	limit_memory(group->name, memory);
	snprintf(path, sizeof(path), "%s/cgroup.procs", group->name);
	group->procs = openat(own(), path, O_WRONLY | O_CLOEXEC);
	return true;
}

void
cgroup_close(struct cgroup *group)
{
	if (group->name != NULL) {
		fds_close(&group->procs);
	}
}

void
cgroup_kill(const struct cgroup *group)
{
	if (group->name != NULL) {
		write_file(own(), group->name, "cgroup.kill", "1");
	}
}

bool
cgroup_ran_out(const struct cgroup *group)
{
	char path[512], text[1024];
	const char *count;

	if (group->name == NULL) {
		return false;
	}
	snprintf(path, sizeof(path), "%s/memory.events", group->name);
	if (!read_file(own(), path, text, sizeof(text))) {
		return false;
	}
	count = strstr(text, "oom_kill ");
	return count != NULL && strtoull(count + strlen("oom_kill "), NULL, 10) > 0;
}

/* A group and those in it, that a stint in it could not remove. */
static void
remove_group(int folder, const char *name)
{
	int below = openat(folder, name, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	DIR *inside = below < 0 ? NULL : fdopendir(below);
	struct dirent *entry;

	while (inside != NULL && (entry = readdir(inside)) != NULL) {
		if (entry->d_type == DT_DIR &&
		    strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0) {
			remove_group(below, entry->d_name);
		}
	}
	if (inside != NULL) {
		closedir(inside);
	}
	unlinkat(folder, name, AT_REMOVEDIR);
}

void
cgroup_remove(struct cgroup *group)
{
	if (group->name != NULL) {
		cgroup_close(group);
		if (unlinkat(own(), group->name, AT_REMOVEDIR) != 0) {
			remove_group(own(), group->name);
		}
		free(group->name);
		group->name = NULL;
	}
}

void
cgroup_remove_left(const char *run)
{
	char *name = run == NULL || own() < 0 ? NULL : name_of(run);
	int again = name == NULL ? -1 : openat(own(), ".", O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	DIR *folder = again < 0 ? NULL : fdopendir(again);
	struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		if (strncmp(entry->d_name, name, strlen(name)) == 0 &&
		    entry->d_name[strlen(name)] == ':') {
			remove_group(own(), entry->d_name);
		}
	}
	if (folder != NULL) {
		closedir(folder);
	}
	free(name);
}
