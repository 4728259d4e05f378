/* SPDX-License-Identifier: ISC */
/*
 * control_parts: what the files control*.c share: sessions, one a connection, and what each of them
 * has asked for and was not yet answered. For nobody else. In the supervisor, of stintd.
 *
 * Queue, loop and clients call back in any order, so that nothing is freed where it is used: a
 * session that is to end is only marked, a request that is done only taken out, and both go when
 * the loop comes to control_tidy().
 */
#ifndef SUPERVISOR_CONTROL_PARTS_H
#define SUPERVISOR_CONTROL_PARTS_H

#include <bsd/sys/queue.h>
#include <event2/event.h>

#include "ipc/channel.h"
#include "supervisor/control.h"
#include "supervisor/control_message.h"
#include "supervisor/queue.h"

#define CONTROL_AHEAD   ((size_t)1 << 20) /* unread bytes up to which more is read for a client */
#define CONTROL_SUBMITS 16                /* that a session may have begun and not ended */
#define CONTROL_LASTING 64                /* waits, watches and the like that it may have */

struct control_session;

/* One that is under way. Made by control_request_new(), gone by control_done() or control_fail(). */
struct control_request {
	LIST_ENTRY(control_request) link; /* of the session's, or of those to be freed */
	struct control *control;
	struct control_session *session; /* NULL: its client has gone */
	uint64_t number;                 /* the client's */
	enum control_request_type type;
	uint64_t job;

	/* What it has, given back when it ends; each may be missing. */
	struct queue_watch *watch;
	int fd;                                  /* -1: none */
	void *state;                             /* of its family */
	void (*clear)(struct control_request *); /* frees that */

	/* More of an answer, for a client that has read some; true: that was all. */
	bool (*more)(struct control_request *);
	bool awaited; /* the queue will call back with it */
	bool lasting;
	bool final; /* of each task only what is last */
	bool ended; /* it is answered, or its client has gone */
};

/* What is submitted, until its last piece has come. */
struct control_submit {
	LIST_ENTRY(control_submit) link;
	uint64_t request;
	uint64_t job; /* 0: it was refused, what still comes of it is passed over */
	struct control_request *answer; /* that is due; NULL: it was given */
};

struct control_session {
	TAILQ_ENTRY(control_session)
	link; /* of those that have said hello, or of those that have not */
	STAILQ_ENTRY(control_session) unsent; /* of those with something to be sent */
	struct control *control;
	struct channel *channel;
	int fd; /* the channel's */
	struct event *timer;
	uint64_t id; /* for the log */
	uid_t uid;
	pid_t pid;
	bool greeted;
	bool dirty; /* in the list of those with something to be sent */
	bool dead;
	bool closing; /* it sends nothing more; what it asked for is answered */
	bool paused;
	unsigned brief;   /* requests that are answered when the store has synced */
	unsigned lasting; /* those that take longer */
	unsigned submits;
	size_t half; /* bytes of a line that is not whole */
	int64_t hello_due_us, line_due_us, write_due_us, close_due_us; /* 0: not waited for */
	LIST_HEAD(, control_request) requests;
	LIST_HEAD(, control_submit) open;
};

TAILQ_HEAD(control_sessions, control_session);

struct control {
	struct event_base *base;
	struct queue *queue;
	struct control_limits limits;
	const struct control_owner_ops *ops;
	void *context;
	int listen_fd;
	int spare_fd; /* given up for a moment when there are no more descriptors */
	struct event *listener;
	struct event *again; /* listen again */
	struct event *tidy;
	struct event *later;       /* tidy, after others had their turn */
	struct queue_watch *store; /* tells when it has caught up; NULL: it never was behind */
	struct control_sessions strangers; /* who have not said hello, the oldest first */
	struct control_sessions sessions;
	struct control_sessions dead;
	unsigned count; /* of those that are not dead */
	uint64_t last_id;
	size_t half; /* sum */
	bool ends;   /* the daemon is about to */
	bool stopped;
	bool tidying;
	bool full;    /* the store has much to do; sessions that submit are paused */
	bool refuses; /* has said so in the log */
	STAILQ_HEAD(, control_session) unsent;
	LIST_HEAD(, control_request) ended;
	LIST_HEAD(, control_request) orphans; /* awaited, without a session */
};

/* ---- control.c -------------------------------------------------------------------------------- */

void control_tidy_soon(struct control *);
void control_watch_store(struct control *); /* after something large was given to it */

/* ---- control_session.c ------------------------------------------------------------------------ */

/* Takes over the descriptor. NULL with errno; it is closed then. */
struct control_session *control_session_new(struct control *, int fd, uid_t, pid_t);
/* It ends now: `why` (NULL: the client has gone) is logged, and told to the client. */
void control_session_drop(struct control_session *, const char *why);
void control_session_free(struct control_session *); /* one that is dead */
void control_session_send(struct control_session *); /* what is unsent; from control_tidy() alone */
void control_session_pause(struct control_session *); /* or goes on, as its state asks for */
void control_session_dirty(struct control_session *); /* there is something to be sent */

/* ---- control_request.c ------------------------------------------------------------------------ */

struct control_request *control_request_new(struct control_session *,
					    const struct control_message *, bool lasting);
void control_request_orphan(struct control_request *); /* its client has gone */
void control_request_free(struct control_request *);   /* one that has ended */

/* Answers: {"type":"<type>","request":N, then members are appended, then the end. */
struct text *control_answer(struct control_request *, const char *type);
void control_answer_end(struct control_request *);
bool control_may_send(const struct control_request *); /* its client reads what it gets */

/* After the last answer, which was appended. */
void control_request_end(struct control_request *);
/* The last answer; the request must not be used any more. */
void control_done(struct control_request *);
void control_done_job(struct control_request *); /* with the number of its job */
void control_fail(struct control_request *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Likewise, where nothing is wrong but that the job, or its task, is not so that it can be done. */
void control_decline(struct control_request *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The queue has called back with an awaited request; false: nobody waits for it any more. */
bool control_called_back(struct control_request *);
/* It waits for the end of its job, which will not come, as the queue is broken: true, it was told. */
bool control_is_in_vain(struct control_request *);
queue_done control_changed; /* for the queue: context is the request, which was `awaited` */

/* An answer to what did not become a request. */
void control_refuse(struct control_session *, uint64_t number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The job that the message names; NULL: there is none, and that was said. */
const struct queue_job *control_job(struct control_session *, const struct control_message *);

/* Priority and weight, as far as they are there. False: they cannot be, and that was said. */
bool control_check_numbers(struct control_session *, const struct control_message *);

/* What a string says, malloc'd. False: it cannot be used, and that was said. Not there: NULL. */
bool control_string(struct control_session *, const struct control_message *, enum control_field,
		    struct span string, char **out);

/* ---- the families ----------------------------------------------------------------------------- */

#define REQUEST(name, required, optional) \
	void control_take_##name(struct control_session *, const struct control_message *);
#include "supervisor/requests.def"
#undef REQUEST

void control_put_job(struct text *, const struct queue_job *); /* a JSON object */
void control_put_text(struct text *, struct span); /* ,"text":"..." or ,"base64":"..." */
int control_exit_of(const struct store_job *); /* one that has ended: as `stint run` would exit */

#endif
