/* SPDX-License-Identifier: ISC */
/*
 * channel: lines both ways over two non-blocking file descriptors, on an event loop. It always
 * reads while it writes, so that two ends that both have much to say never wait for each other.
 * The supervisor has one a worker, a worker one to its supervisor. One thread.
 *
 * channel_new() takes the descriptors over; channel_free() closes them. It may be called from
 * within `closed`, not from within the others: return false from `line` to be closed instead.
 */
#ifndef IPC_CHANNEL_H
#define IPC_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/text.h"

struct channel;
struct event_base;

struct channel_events {
	/* A line without its newline; it lives until the return. False: no more is read. */
	bool (*line)(void *context, struct span line);
	/* All lines that had come were handed over. May be NULL. */
	void (*batch)(void *context);
	/*
	 * Nothing more will be read: end of file (why is NULL), or an error. Once; not after
	 * `line` returned false.
	 */
	void (*closed)(void *context, const char *why);
};

/* NULL with errno if the loop cannot watch them; they are then still the caller's. */
struct channel *channel_new(struct event_base *, int in, int out, size_t longest_line,
			    const struct channel_events *, void *context);
void channel_free(struct channel *);

/* Append messages to this, then call channel_flush(): many messages, one write. */
struct text *channel_out(struct channel *);
void channel_flush(struct channel *); /* what cannot be written now follows from the loop */
size_t channel_unsent(const struct channel *); /* bytes */
/* The errno by which a write failed for good; 0: none did. What is unsent then is dropped. */
int channel_failed(const struct channel *);

/*
 * Calls `room` from the loop whenever some of what channel_flush() had to leave was written since,
 * for those who wait for channel_unsent() to fall. It may append and flush.
 */
void channel_on_room(struct channel *, void (*room)(void *context));

/* While it is paused nothing is read: the other end has to wait, its death is not noticed. */
void channel_pause(struct channel *, bool paused);

/*
 * Calls `read` after each read, when the lines that were whole were handed over: for those who set
 * a time to a line that has begun. Not after `closed`, nor after `line` returned false.
 */
void channel_on_read(struct channel *, void (*read)(void *context));
size_t channel_half(const struct channel *); /* bytes of the line that has begun */

/* When it is closed: the other end was in the middle of a line, there may have been more. */
bool channel_torn(const struct channel *);

void channel_poll(struct channel *);  /* reads what is there now; for code that holds up the loop */
bool channel_drain(struct channel *); /* writes all, blocking; false on an error */

#endif
