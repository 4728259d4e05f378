/* SPDX-License-Identifier: ISC */
/*
 * spill: see spill.h. The file is only appended to; what is freed of it is given back by a hole,
 * and all of it when nothing in it is in use. In the supervisor and in stint-worker.
 */
#include "ipc/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOLE_LEAST 4096 /* no file system gives back less */

/* What the sequences of this process share. */
static struct {
	size_t all;
	size_t least;
	size_t held; /* bytes of memory in use */
	int fd;      /* -1: there is no file yet */
	uint64_t end;
	uint64_t used; /* bytes of the file that belong to a sequence */
	const char *place;
} store = {.all = (size_t)64 << 20, .least = 4096, .fd = -1};

void
spill_limits(size_t all, size_t least)
{
	store.all = all;
	store.least = least;
}

static int
open_unnamed(const char *folder)
{
	char path[4096];
	int fd = open(folder, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) {
		return fd;
	}
	if (snprintf(path, sizeof(path), "%s/stint-XXXXXX", folder) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0) {
		unlink(path);
	}
	return fd;
}

static const char *
first_folder(void)
{
	const char *folder = getenv("TMPDIR");

	return folder == NULL || folder[0] == '\0' ? "/tmp" : folder;
}

/* In the first folder where it can be; which one that is. */
static int
open_somewhere(const char **place)
{
	const char *const folders[] = {first_folder(), "/tmp", "/var/tmp", "/dev/shm"};
	int error = 0, fd = -1;

	for (size_t i = 0; fd < 0 && i < sizeof(folders) / sizeof(folders[0]); i++) {
		fd = open_unnamed(folders[i]);
		*place = folders[i];
		error = error == 0 ? errno : error;
	}
	if (fd < 0) {
		*place = NULL;
		errno = error;
	}
	return fd;
}

static bool
open_file(void)
{
	if (store.fd < 0) {
		store.fd = open_somewhere(&store.place);
	}
	return store.fd >= 0;
}

int
spill_file(void)
{
	const char *place;

	return open_somewhere(&place);
}

const char *
spill_place(void)
{
	return store.place == NULL ? first_folder() : store.place;
}

static bool
write_at(const char *bytes, size_t len, uint64_t at)
{
	while (len > 0) {
		ssize_t wrote = pwrite(store.fd, bytes, len, (off_t)at);

		if (wrote < 0 && errno != EINTR) {
			return false;
		}
		if (wrote > 0) {
			bytes += wrote;
			len -= (size_t)wrote;
			at += (uint64_t)wrote;
		}
	}
	return true;
}

/* Where the bytes of the sequence that are in memory begin. */
static uint64_t
in_file(const struct spill *spill)
{
	return spill->len - spill->memory.len;
}

static bool
add_extent(struct spill *spill, uint64_t len, uint64_t begin)
{
	struct spill_extent *last;

	if (spill->count == spill->cap) {
		uint32_t cap = spill->cap == 0 ? 1 : spill->cap * 2;
		struct spill_extent *extents = reallocarray(spill->extents, cap, sizeof(*extents));

		if (extents == NULL) {
			return false;
		}
		spill->extents = extents;
		spill->cap = cap;
	}
	last = &spill->extents[spill->count++];
	*last = (struct spill_extent){.at = store.end, .end = begin + len};
	return true;
}

/* The bytes go to the end of the file; in the sequence they follow what is there already. */
static bool
put_in_file(struct spill *spill, const char *bytes, size_t len, uint64_t begin)
{
	if ((store.fd < 0 && !open_file()) || !write_at(bytes, len, store.end) ||
	    !add_extent(spill, len, begin)) {
		return false;
	}
	store.end += len;
	store.used += len;
	return true;
}

static void
keep(struct spill *spill, const void *bytes, size_t len)
{
	store.held -= spill->memory.cap;
	text_bytes(&spill->memory, bytes, len);
	store.held += spill->memory.cap;
	spill->len += len;
}

static void
free_memory(struct spill *spill)
{
	store.held -= spill->memory.cap;
	text_free(&spill->memory);
}

static bool
move_out(struct spill *spill)
{
	struct text *memory = &spill->memory;

	if (memory->len > 0 && !put_in_file(spill, memory->data, memory->len, in_file(spill))) {
		return false;
	}
	free_memory(spill);
	return true;
}

static bool
fits(const struct spill *spill, size_t len)
{
	size_t most = store.held + len <= store.all ? SPILL_MEMORY : store.least;

	return spill->memory.len + len <= most;
}

bool
spill_append(struct spill *spill, const void *bytes, size_t len)
{
	if (len == 0) {
		return true;
	}
	if (fits(spill, len) || (move_out(spill) && fits(spill, len))) {
		keep(spill, bytes, len);
		return true;
	}
	if (spill->memory.len == 0 && put_in_file(spill, bytes, len, spill->len)) {
		spill->len += len;
		return true;
	}
	if (store.held + len > store.all) {
		return false;
	}
	keep(spill, bytes,
	     len); /* no file to be had: as long as there is memory, nothing is lost */
	return true;
}

/* The number of the extent that holds this byte of the sequence. */
static uint32_t
find_extent(const struct spill *spill, uint64_t offset)
{
	uint32_t low = 0, high = spill->count - 1;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (offset < spill->extents[middle].end) {
			high = middle;
		} else {
			low = middle + 1;
		}
	}
	return low;
}

static ssize_t
read_file(const struct spill *spill, uint64_t offset, void *buffer, size_t size)
{
	uint32_t i = find_extent(spill, offset);
	const struct spill_extent *extent = &spill->extents[i];
	uint64_t begin = i == 0 ? 0 : extent[-1].end;
	uint64_t there = extent->end - offset;
	ssize_t got;

	do {
		got = pread(store.fd, buffer, there < size ? there : size,
			    (off_t)(extent->at + offset - begin));
	} while (got < 0 && errno == EINTR);
	if (got == 0) {
		errno = EIO; /* somebody has cut the file */
		return -1;
	}
	return got;
}

ssize_t
spill_read(const struct spill *spill, uint64_t offset, void *buffer, size_t size)
{
	char *to = buffer;
	size_t got = 0;

	while (got < size && offset < in_file(spill)) {
		ssize_t more = read_file(spill, offset, to + got, size - got);

		if (more < 0) {
			return -1;
		}
		got += (size_t)more;
		offset += (uint64_t)more;
	}
	if (got < size && offset < spill->len) {
		size_t from = (size_t)(offset - in_file(spill));
		size_t there = spill->memory.len - from;

		there = there < size - got ? there : size - got;
		memcpy(to + got, spill->memory.data + from, there);
		got += there;
	}
	return (ssize_t)got;
}

/* Gives the space in the file back. */
static void
release(const struct spill *spill)
{
	uint64_t begin = 0;

	store.used -= in_file(spill);
	if (store.used == 0) {
		store.end = ftruncate(store.fd, 0) == 0 ? 0 : store.end;
		return;
	}
	for (uint32_t i = 0; i < spill->count; i++) {
		const struct spill_extent *extent = &spill->extents[i];

		if (extent->end - begin >= HOLE_LEAST) {
			fallocate(store.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				  (off_t)extent->at, (off_t)(extent->end - begin));
		}
		begin = extent->end;
	}
}

void
spill_free(struct spill *spill)
{
	if (spill->count > 0) {
		release(spill);
	}
	free_memory(spill);
	free(spill->extents);
	*spill = (struct spill){.extents = NULL};
}
