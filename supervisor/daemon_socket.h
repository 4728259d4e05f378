/* SPDX-License-Identifier: ISC */
/*
 * daemon_socket: the control socket as a file: made in a directory of ours, mode 0600, and gone when
 * the daemon has gone; one that a dead daemon left is taken away, one that answers is not. In the
 * supervisor: of stintd, and of clients, which connect to it.
 */
#ifndef SUPERVISOR_DAEMON_SOCKET_H
#define SUPERVISOR_DAEMON_SOCKET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "ipc/text.h"

struct daemon_config;

struct daemon_socket {
	int fd; /* listens; -1: closed, or given away */
	char path[108];
	/* The file that we have made, by which it is known again; made false: it is not ours. */
	bool made;
	struct stat file;
};

/* Only with the lock of daemon_lock.h held: what is stale is judged by it. False: `error` says why. */
bool daemon_socket_listen(struct daemon_socket *, const struct daemon_config *, struct text *error);
/* Likewise with a socket that somebody else has made (activation.h), whose file stays. */
void daemon_socket_given(struct daemon_socket *, int fd, const char *path);
/* Closes it and removes the file, if it still is the one that we have made. */
void daemon_socket_close(struct daemon_socket *);

/* A connection to whoever listens there; -1 with errno. Does not wait, but for a full backlog. */
int daemon_socket_connect(const char *path);
/*
 * Whether a daemon is there: it says hello within a moment. That somebody listens is not enough: a
 * process that a dead daemon had forked may have the socket, until it has closed what is not its own.
 */
enum daemon_answer { DAEMON_SILENT, DAEMON_ENDING, DAEMON_ANSWERS };
enum daemon_answer daemon_socket_ask(const char *path);

/*
 * For those who want what another daemon still has. daemon_patience(), again and again, waits a
 * moment; false: `answer` shows a daemon that stays, or it was waited for long enough: 5 seconds for
 * one that does not answer, 15 for one that says that it ends. Zero-initialise.
 */
struct daemon_patience {
	int64_t until_us, last_us;
};
bool daemon_patience(struct daemon_patience *, enum daemon_answer answer);

#endif
