/* SPDX-License-Identifier: ISC */
/* begun: see begun.h. In the supervisor, of stintd. */
#include "supervisor/begun.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/id_table.h"
#include "supervisor/ids.h"

#define LARGE_BYTES ((off_t)32 << 20)

struct note {
	uint64_t job;
	uint64_t task;
	uint32_t attempt;
	uint32_t zero;
};

struct begun {
	int fd;
	off_t size;
	off_t kept;            /* of it: what was there after the last look through it */
	struct text fresh;     /* notes that are to be written */
	struct id_table tasks; /* attempts that were there at the last look through the file */
};

static uint64_t
key_of(uint64_t job, uint64_t task)
{
	const uint64_t both[] = {job, task};

	return ids_hash((const char *)both, sizeof(both));
}

static void
take_note(struct id_table *tasks, const struct note *note)
{
	uint64_t key = key_of(note->job, note->task);

	if (note->attempt > id_table_get(tasks, key)) {
		id_table_set(tasks, key, note->attempt);
	}
}

static bool
keep_all(void *context, uint64_t job, uint64_t task, bool late)
{
	(void)context;
	(void)job;
	(void)task;
	(void)late;
	return true;
}

/*
 * Moves those that count to the front, in their order, so that none is overwritten before it has
 * its new place. A note that was not written to its end is none.
 */
static bool
look_through(struct begun *begun, off_t since, begun_counts *counts, void *context)
{
	struct id_table tasks = {.value_words = 1};
	struct note notes[512];
	off_t at = 0, kept = 0;
	ssize_t got;

	while ((got = pread(begun->fd, notes, sizeof(notes), at)) >= (ssize_t)sizeof(notes[0])) {
		size_t count = (size_t)got / sizeof(notes[0]), len = 0;

		for (size_t i = 0; i < count; i++, at += (off_t)sizeof(notes[0])) {
			if (counts(context, notes[i].job, notes[i].task, at >= since)) {
				take_note(&tasks, &notes[i]);
				notes[len++] = notes[i];
			}
		}
		len *= sizeof(notes[0]);
		if (kept + (off_t)len != at &&
		    pwrite(begun->fd, notes, len, kept) != (ssize_t)len) {
			got = -1;
			break;
		}
		kept += (off_t)len;
	}
	if (got < 0) {
		id_table_free(&tasks);
		return false;
	}
	id_table_free(&begun->tasks);
	begun->tasks = tasks;
	begun->size = begun->kept = kept;
	return ftruncate(begun->fd, kept) == 0;
}

struct begun *
begun_open(const char *directory, struct text *error)
{
	int at = open(directory, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	struct begun *begun = calloc(1, sizeof(*begun));
	struct stat info;

	if (begun == NULL) {
		err(3, "begun");
	}
	begun->tasks.value_words = 1;
	begun->fd = at < 0 ? -1
			   : openat(at, "begun",
				    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	fds_close(&at);
	if (begun->fd < 0 || fstat(begun->fd, &info) != 0 || !S_ISREG(info.st_mode) ||
	    info.st_nlink != 1 || info.st_uid != geteuid()) {
		text_printf(error, "%s/begun: %s", directory,
			    begun->fd < 0 ? strerror(errno)
					  : "is no file of ours; move it out of the way");
		begun_close(begun);
		return NULL;
	}
	if (!look_through(begun, 0, keep_all, NULL)) {
		text_printf(error, "%s/begun: %s", directory, strerror(errno));
		begun_close(begun);
		return NULL;
	}
	return begun;
}

void
begun_close(struct begun *begun)
{
	if (begun != NULL) {
		fds_close(&begun->fd);
		text_free(&begun->fresh);
		id_table_free(&begun->tasks);
		free(begun);
	}
}

unsigned
begun_attempts(const struct begun *begun, uint64_t job, uint64_t task)
{
	return id_table_get(&begun->tasks, key_of(job, task));
}

void
begun_note(struct begun *begun, uint64_t job, uint64_t task, unsigned attempt)
{
	const struct note note = {.job = job, .task = task, .attempt = attempt};

	text_bytes(&begun->fresh, &note, sizeof(note));
}

bool
begun_write(struct begun *begun)
{
	size_t done = 0;

	while (done < begun->fresh.len) {
		ssize_t put = pwrite(begun->fd, begun->fresh.data + done, begun->fresh.len - done,
				     begun->size);

		if (put < 0 && errno != EINTR) {
			return false;
		}
		done += put > 0 ? (size_t)put : 0;
		begun->size += put > 0 ? put : 0;
	}
	text_clear(&begun->fresh);
	return true;
}

bool
begun_keep(struct begun *begun, int64_t size, begun_counts *counts, void *context)
{
	if (begun->size == 0) {
		return true;
	}
	return look_through(begun, size, counts, context);
}

int64_t
begun_size(const struct begun *begun)
{
	return begun->size;
}

bool
begun_has_grown(const struct begun *begun)
{
	return begun->size > 2 * begun->kept;
}

bool
begun_is_large(const struct begun *begun)
{
	return begun->size > LARGE_BYTES + 2 * begun->kept;
}
