/* SPDX-License-Identifier: ISC */
/* daemon_parts: what the files daemon*.c share of a running daemon. In the supervisor, of stintd. */
#ifndef SUPERVISOR_DAEMON_PARTS_H
#define SUPERVISOR_DAEMON_PARTS_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "ipc/text.h"
#include "supervisor/daemon_socket.h"

#define DAEMON_SIGNALS 4

struct daemon {
	struct event_base *base;
	struct daemon_config *config;
	const struct daemon_options *options;
	int background; /* the handle; -1: foreground, or ready */
	mode_t mask;    /* of tasks */
	struct daemon_lock *lock;
	struct daemon_socket socket;
	struct queue *queue;
	struct control *control;
	struct dashboard *dashboard;
	struct queue_watch *watch;
	struct event *signals[DAEMON_SIGNALS];
	struct event *watchdog; /* NULL: nobody watches */
	struct event *show;     /* pending: what is shown of us is not what is */
	bool ready;
	bool stopping;
	bool hurried; /* a second signal: it does not wait for what runs */
	int status;   /* to exit with */
};

/* What `ps` and systemd show: follows the queue, and costs nothing while nothing happens. */
bool daemon_status_start(struct daemon *);
void daemon_status_stop(struct daemon *);
void daemon_status_show(struct daemon *); /* now */
void daemon_status_log(struct daemon *);  /* SIGUSR1: all that there is to say */

/* SIGHUP: reads the configuration again, and takes over what can change. */
void daemon_reload(struct daemon *);
bool daemon_open_log(const struct daemon *, struct text *error);

void daemon_limit_clients(const struct daemon *, unsigned clients);

/* From now on it ends; `now`: without waiting for what runs. Again: sooner. */
void daemon_stop(struct daemon *, bool now);

#endif
