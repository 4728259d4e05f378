/* SPDX-License-Identifier: ISC */
/*
 * store_wire: what goes between the daemon and the store's process over their socket: frames, a head
 * and then bytes, in the layout of the machine, since both ends are of the same program. Both.
 *
 * Requests go down, numbered by the daemon; answers come up. Writes are answered in their order, by
 * one STORE_DONE for many; what is read comes when it is ready, as a file descriptor.
 */
#ifndef SUPERVISOR_STORE_WIRE_H
#define SUPERVISOR_STORE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ipc/text.h"
#include "supervisor/store.h"

enum store_message {
	/* down: writes */
	STORE_SUBMIT,  /* the job, then the first piece of what it is made of */
	STORE_MORE,    /* another piece */
	STORE_ABANDON, /* if it is not whole */
	STORE_UPDATE,  /* the job */
	STORE_RESULTS, /* the job, or nothing, then `count` records */
	STORE_REMOVE,  /* numbers of jobs */
	/* down: reads */
	STORE_GET_SOURCE,
	STORE_GET_RESULTS,
	STORE_GET_RECORD, /* the task's id */
	/* up */
	STORE_OPENED,  /* `number` comes next */
	STORE_REFUSED, /* why it could not be opened */
	STORE_LOADED,  /* `count` jobs, more to follow; 0: that were all */
	STORE_DONE,    /* all writes up to `request` are synced */
	STORE_FAILED,  /* this request alone is not done, and why */
	STORE_GOT,     /* with a file descriptor */
	STORE_BROKEN   /* what was not answered by now will not be, and why */
};

enum store_flags {
	STORE_LAST = 1,   /* SUBMIT, MORE: it is whole with this piece */
	STORE_PART = 2,   /* RESULTS: more of the same follows, all of it is one transaction */
	STORE_WITH_FD = 4 /* GOT: a descriptor comes with the first byte */
};

struct store_head {
	uint32_t length; /* of what follows; then come up to 7 bytes, so that heads are aligned */
	uint16_t message;
	uint16_t flags;
	uint64_t request;
	uint64_t number; /* of the job */
	uint32_t job;    /* bytes of `length` that are a job, the first */
	uint32_t count;
};

#define STORE_PIECE   ((size_t)1 << 20)  /* what jobs are made of, results: more is cut */
#define STORE_LONGEST ((size_t)17 << 20) /* a line of 16 MiB, and what belongs to it */

/* Appends; `head->length` is set. With a job, `head->job` too. */
void store_wire_put(struct text *, struct store_head *, const struct store_job *,
		    struct span bytes);

/* The bytes of a job alone, a multiple of 8. */
void store_wire_put_job(struct text *, const struct store_job *);
/*
 * Takes one from the front; its strings lie in there. False: it is none. `bytes` are aligned to 8.
 */
bool store_wire_take_job(struct span *bytes, struct store_job *);

/* Bytes and descriptors that have come and were not taken yet. Zero-initialise. */
struct store_inbox {
	struct text bytes;
	size_t begin;
	int *fds;
	size_t fd_count;
};

enum store_received { STORE_CAME, STORE_NOTHING, STORE_ENDED };

/* Reads once, without waiting; up to `most` bytes. STORE_ENDED: end of file, or an error. */
enum store_received store_wire_receive(int fd, struct store_inbox *, size_t most);
/*
 * The next frame; its bytes live until the next receive. `fd`: the caller's to close; -1: none has
 * come. False: no whole one is there; *bad: what has come is no frame.
 */
bool store_wire_next(struct store_inbox *, struct store_head *, struct span *bytes, int *fd,
		     bool *bad);
void store_wire_free(struct store_inbox *);

/* Sends all, waiting; with `fd` >= 0 that goes along. False: the other end is gone. */
bool store_wire_send(int socket, struct span bytes, int fd);

#endif
