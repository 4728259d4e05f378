/* SPDX-License-Identifier: ISC */
/* pids: see pids.h. Any process. */
#include "ipc/pids.h"

#include <bsd/string.h>
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST 100000 /* descendants that are looked for */

void
pids_add(struct pids *pids, pid_t pid)
{
	if (pids->count == pids->room) {
		size_t room = pids->room == 0 ? 16 : pids->room * 2;
		pid_t *more = realloc(pids->at, room * sizeof(*more));

		if (more == NULL) {
			return; /* those that are not seen now are seen when they are looked for again */
		}
		pids->at = more;
		pids->room = room;
	}
	pids->at[pids->count++] = pid;
}

void
pids_free(struct pids *pids)
{
	free(pids->at);
	*pids = (struct pids){.at = NULL};
}

/* Appends the numbers, each with a blank behind it, that a file has. */
static void
read_children(const char *path, struct pids *pids)
{
	char bytes[4096];
	pid_t pid = 0;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		return;
	}
	while ((got = read(fd, bytes, sizeof(bytes))) > 0) {
		for (ssize_t i = 0; i < got; i++) {
			if (isdigit((unsigned char)bytes[i])) {
				pid = pid * 10 + (bytes[i] - '0');
			} else if (pid > 0) {
				pids_add(pids, pid);
				pid = 0;
			}
		}
	}
	close(fd);
}

/* Calls for the numbers among the names in a folder. */
static void
list_numbers(const char *path, struct pids *pids)
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	if (folder == NULL) {
		return;
	}
	while ((entry = readdir(folder)) != NULL) {
		if (isdigit((unsigned char)entry->d_name[0])) {
			pids_add(pids, (pid_t)strtol(entry->d_name, NULL, 10));
		}
	}
	closedir(folder);
}

void
pids_add_children(struct pids *pids, pid_t pid)
{
	struct pids threads = {.at = NULL};
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	list_numbers(path, &threads);
	for (size_t i = 0; i < threads.count; i++) {
		snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid,
			 (int)threads.at[i]);
		read_children(path, pids);
	}
	pids_free(&threads);
}

void
pids_add_own(struct pids *pids)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	read_children(path, pids);
}

void
pids_add_descendants(struct pids *pids)
{
	for (size_t i = 0; i < pids->count && i < MOST; i++) {
		pids_add_children(pids, pids->at[i]);
	}
}

void
pids_add_all(struct pids *pids)
{
	list_numbers("/proc", pids);
}

/* The environment, its variables terminated. NULL: it is not to be had. */
static char *
read_environment(pid_t pid, size_t *len)
{
	size_t room = 8192;
	char path[64], *text = malloc(room);
	ssize_t got = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	*len = 0;
	while (text != NULL && fd >= 0 && (got = read(fd, text + *len, room - *len - 1)) > 0) {
		*len += (size_t)got;
		if (room - *len < 2) {
			char *more = realloc(text, room *= 2);

			if (more == NULL) {
				free(text);
			}
			text = more;
		}
	}
	if (fd >= 0) {
		close(fd);
	}
	if (text != NULL) {
		text[*len] = '\0';
	}
	return text;
}

bool
pids_variable(pid_t pid, const char *name, char *value, size_t size)
{
	size_t len, name_len = strlen(name);
	char *text = read_environment(pid, &len);
	bool found = false;

	for (const char *at = text; at != NULL && at < text + len && !found; at += strlen(at) + 1) {
		found = strncmp(at, name, name_len) == 0 && at[name_len] == '=';
		if (found) {
			strlcpy(value, at + name_len + 1, size);
		}
	}
	free(text);
	return found;
}
