/* SPDX-License-Identifier: ISC */
/*
 * control: the control socket of the daemon: takes connections, and answers what clients ask of the
 * queue, in JSON lines, as stint-protocol(7) has it. Whatever a client sends, or does not, ends no
 * more than its own connection. In the supervisor, of stintd.
 *
 * SIGPIPE must be ignored.
 */
#ifndef SUPERVISOR_CONTROL_H
#define SUPERVISOR_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct control;
struct event_base;
struct queue;

#define CONTROL_NO_GROUP ((gid_t)-1)

/* Each that is 0 is as the constant beside it; `group` must be set. */
struct control_limits {
	unsigned sessions; /* at once: 256 */
	int64_t hello_us;  /* for a client to say who it is: 10 s */
	int64_t line_us;   /* for the rest of a line that has begun: 30 s */
	int64_t write_us;  /* in which nothing of an answer is read: 10 min */
	size_t unsent;     /* bytes of answers that a client may leave unread: 16 MiB */
	size_t
	    half_lines; /* bytes of lines that are not whole yet, all clients together: 128 MiB */
	gid_t group;    /* whose members are let in, beside our own user and root; or none */
};

struct control_owner_ops {
	/* Somebody wants the daemon to end: `now`: without waiting for what runs. Returns at once. */
	void (*shutdown)(void *context, bool now);
};

/*
 * `listen_fd` listens, and does not block; it stays the caller's, and open until control_free().
 * NULL with errno.
 */
struct control *control_new(struct event_base *, struct queue *, int listen_fd,
			    const struct control_limits *, const struct control_owner_ops *,
			    void *context);
void control_limit(struct control *, const struct control_limits *); /* from now on */
void control_ends(struct control *); /* whoever comes is told that the daemon is about to end */
void control_stop(struct control *); /* takes no more connections; those there are go on */
void
control_free(struct control *); /* before the queue is freed and the process ends; may be NULL */

unsigned control_sessions(const struct control *); /* clients that are connected */

#endif
