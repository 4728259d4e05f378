/* SPDX-License-Identifier: ISC */
/*
 * spill: sequences of bytes that may be larger than memory: the newest bytes of each are in
 * memory, the older ones in one temporary file that all of a process share. The file has no name,
 * so that nothing is left behind however the process ends; it lies in TMPDIR, or where that cannot
 * be, in /tmp, /var/tmp or /dev/shm. Supervisor and worker; one thread of a process.
 */
#ifndef IPC_SPILL_H
#define IPC_SPILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ipc/text.h"

#define SPILL_MEMORY ((size_t)64 << 10) /* bytes that one sequence has in memory */

struct spill_extent {
	uint64_t at;  /* in the file */
	uint64_t end; /* in the sequence */
};

/* Zero-initialise; spill_free() when it is done with. */
struct spill {
	struct text memory; /* the newest bytes */
	struct spill_extent *extents;
	uint32_t count;
	uint32_t cap;
	uint64_t len; /* of all of it */
};

/*
 * All sequences together take up to `all` bytes of memory; when that is used up, each goes to the
 * file with what is more than `least` bytes. Unless this is called, 64 MiB and 4 KiB.
 */
void spill_limits(size_t all, size_t least);

/*
 * False with errno if the bytes can be kept neither in the file nor in memory: none of them is, what
 * was there before stays.
 */
bool spill_append(struct spill *, const void *, size_t);

/* Up to `size` bytes from `offset`; 0 at the end, -1 with errno if the file cannot be read. */
ssize_t spill_read(const struct spill *, uint64_t offset, void *buffer, size_t size);

void spill_free(struct spill *); /* and it is empty, ready for use again */

/* Another file like that, for the caller alone, who closes it. -1 with errno. */
int spill_file(void);

const char *spill_place(void); /* the folder of the file, or the one that was tried first */

#endif
