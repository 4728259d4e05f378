/* SPDX-License-Identifier: ISC */
/*
 * daemon_log: what stintd tells whoever looks after it: a line a message, to stderr (with the
 * levels that the journal understands, if that is what stderr is), to syslog(3), or to a file; as
 * text or as JSON lines. Before daemon_log_open() it is stderr. One log a process; in the
 * supervisor, of stintd. The processes that it forks may use it as well.
 *
 * A message is one sentence for people, without a newline; it may hold what clients have sent:
 * control characters are made harmless, and what is not UTF-8, and what is long is cut.
 */
#ifndef SUPERVISOR_DAEMON_LOG_H
#define SUPERVISOR_DAEMON_LOG_H

#include <stdbool.h>

#include "ipc/text.h"

/* The numbers of syslog(3). */
enum log_level {
	DAEMON_ERROR = 3,   /* something that was asked for cannot be done */
	DAEMON_WARNING = 4, /* somebody should look: a client dropped, a worker that died */
	DAEMON_NOTICE = 5,  /* start, stop, reload */
	DAEMON_INFO = 6,    /* jobs: submitted, begun, ended; clients that change something */
	DAEMON_DEBUG = 7    /* each connection, each request */
};

/* Where to. Each may be opened anew at any time, for another one or to begin a new file. */
struct daemon_log_target {
	enum { LOG_TO_STDERR, LOG_TO_SYSLOG, LOG_TO_FILE } kind;
	const char *file; /* of LOG_TO_FILE: appended to, made with mode 0600, no link followed */
	enum log_level level; /* what is less important is left out */
	bool json; /* {"time":"2026-11-25T14:00:00.123456Z","level":"info","message":"…"} */
};

/* False: it is as it was, and `error` says why. */
bool daemon_log_open(const struct daemon_log_target *, struct text *error);
void daemon_log_close(void); /* stderr again, as at first */

void daemon_log(enum log_level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Why it does not start, which is told to stderr whatever the log is; to the journal as an error.
 * What would do harm in `message` is changed in place.
 */
void daemon_log_start_error(char *message);

int daemon_log_fd(void);               /* of LOG_TO_FILE, for what else belongs there; else -1 */
bool daemon_log_wants(enum log_level); /* for messages that take time to make */

#endif
