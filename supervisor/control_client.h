/* SPDX-License-Identifier: ISC */
/*
 * control_client: the client's end of the control socket: asks, and reads answers, one after the
 * other, blocking. What goes wrong with the daemon is said on stderr and ends the process with
 * status 3. In the client.
 */
#ifndef SUPERVISOR_CONTROL_CLIENT_H
#define SUPERVISOR_CONTROL_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/frame.h"
#include "supervisor/client_options.h"

struct control_client {
	int fd;
	struct frame frame; /* what has come */
	struct text out;    /* the request that is being made */
	uint64_t last;      /* number of the last request */
	const char *socket; /* the one that was given, or NULL; the caller's */
};

/*
 * Connects, and both say hello. `starts`: a daemon is started if there is none and it may be; that is
 * for what has no effect without one, for a daemon runs what is queued.
 */
void control_client_open(struct control_client *, const struct client_options *, bool starts);
void control_client_close(struct control_client *);

/* ---- asking ----------------------------------------------------------------------------------- */

/* Begin, members, send. Returns the number that answers will carry. */
uint64_t control_client_begin(struct control_client *, const char *type);
void control_client_uint(struct control_client *, const char *key, uint64_t);
void control_client_int(struct control_client *, const char *key, int64_t);
void control_client_true(struct control_client *, const char *key);
void control_client_string(struct control_client *, const char *key, struct span utf8);
void control_client_raw(struct control_client *, const char *key, struct span numbers); /* [1,2] */
void control_client_send(struct control_client *);

/* A message with that number, of a request that was begun, or of one whose number the caller keeps. */
void control_client_again(struct control_client *, const char *type, uint64_t number);

/* ---- answers ---------------------------------------------------------------------------------- */

struct control_answer {
	enum { ANSWER_DATA, ANSWER_DONE, ANSWER_ERROR } kind;
	struct span type; /* without quotes */
	struct span line; /* all of it; until the next call */
};

/* The next answer, whatever it is. An error is said on stderr, with the exit status that it has. */
void control_client_receive(struct control_client *, struct control_answer *, int *status);
/* Waits until the daemon, which is about to end, has closed the connection. */
void control_client_wait_gone(struct control_client *);
/* Waits up to `us` (-1: for ever) until there may be one. */
bool control_client_wait(struct control_client *, int64_t us);

/* ---- where the daemon may go, and come back ----------------------------------------------------- */

/* As control_client_send and control_client_receive, but false: it has gone. */
bool control_client_try_send(struct control_client *);
bool control_client_try_receive(struct control_client *, struct control_answer *, int *status);
/*
 * Connects anew, to one that may not be there yet, for at most `us`; whatever was asked is to be
 * asked again. False: `error`, terminated, says why there is none.
 */
bool control_client_reopen(struct control_client *, int64_t us, struct text *error);

/* ---- what is in an answer ------------------------------------------------------------------------ */

/* Members of an answer; false: it has none of that name and kind. */
bool control_answer_member(const struct control_answer *, const char *key, struct span *value);
bool control_answer_uint(const struct control_answer *, const char *key, uint64_t *value);
/* Appends what a string says. */
bool control_answer_string(const struct control_answer *, const char *key, struct text *);
/* Appends the bytes in "text" or "base64". */
bool control_answer_bytes(const struct control_answer *, struct text *);

/* ---- what most commands do -------------------------------------------------------------------- */

/* Sends, and reads up to the last answer. 0, or the exit status; what was wrong was said. */
int control_client_ask(struct control_client *);

/* The job that an operand names, by number or by name; NULL: the last one. Ends the process: none. */
uint64_t control_client_job(struct control_client *, const char *operand);
/* Likewise JOB or JOB/TASK; *task is NULL, or a part of the operand. */
uint64_t control_client_task(struct control_client *, const char *operand, const char **task);

/* True: it is JOB as a number. */
bool control_client_number(struct span operand, uint64_t *number);

/* Ends a command: 3 if stdout could not be written. */
int control_client_finish(struct control_client *, int status);

#endif
