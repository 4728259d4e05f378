/* SPDX-License-Identifier: ISC */
/*
 * control: see control.h; who is let in, and what is done once for all sessions. In the supervisor,
 * of stintd.
 */
#include "supervisor/control.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/fds.h"
#include "supervisor/control_parts.h"
#include "supervisor/daemon_log.h"

#define ACCEPTS     64     /* connections in a turn, so that hellos are read between */
#define AGAIN_US    100000 /* until the listener tries again, without descriptors */
#define GROUPS_MOST 65536  /* of a user: what the kernel allows */

/* ---- who is let in ---------------------------------------------------------------------------- */

/* Whether the group is one of the client's. */
static bool
is_member(int fd, const struct ucred *peer, gid_t group)
{
	socklen_t size = 0;
	gid_t *groups;
	bool is = peer->gid == group;

	if (is || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) == 0 || errno != ERANGE ||
	    size > GROUPS_MOST * sizeof(*groups) || (groups = malloc(size)) == NULL) {
		return is;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) == 0) {
		for (size_t i = 0; i < size / sizeof(*groups); i++) {
			is = is || groups[i] == group;
		}
	}
	free(groups);
	return is;
}

static bool
may_enter(const struct control *control, int fd, struct ucred *peer)
{
	socklen_t size = sizeof(*peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &size) != 0) {
		*peer = (struct ucred){.uid = (uid_t)-1, .gid = (gid_t)-1};
		return false;
	}
	return peer->uid == geteuid() || peer->uid == 0 ||
	       (control->limits.group != CONTROL_NO_GROUP &&
		is_member(fd, peer, control->limits.group));
}

/* One sentence, as far as it goes, and the end. */
static void
turn_away(int fd, const char *why)
{
	char line[256];
	int len = snprintf(line, sizeof(line), "{\"type\":\"error\",\"error\":\"%s\"}\n", why);

	if (send(fd, line, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		errno = 0; /* it was told as well as it could be */
	}
	fds_close(&fd);
}

static void
refuse(struct control *control, int fd, const char *why)
{
	if (!control->refuses) {
		daemon_log(DAEMON_WARNING, "clients are turned away: %s", why);
	}
	control->refuses = true;
	turn_away(fd, why);
}

/* Room for one more: one who has not said hello goes before one who has. */
static bool
make_room(struct control *control)
{
	struct control_session *stranger = TAILQ_FIRST(&control->strangers);

	if (control->count < control->limits.sessions) {
		control->refuses = false;
		return true;
	}
	if (stranger == NULL) {
		return false;
	}
	control_session_drop(stranger, "it did not say hello, and others want to come in");
	return true;
}

static void
let_in(struct control *control, int fd)
{
	struct ucred peer;

	if (!may_enter(control, fd, &peer)) {
		daemon_log(DAEMON_WARNING,
			   "user %u (process %d) may not use this socket: it is refused",
			   (unsigned)peer.uid, (int)peer.pid);
		turn_away(fd, "this stintd takes requests of its own user and of root only");
		return;
	}
	if (!make_room(control)) {
		refuse(
		    control, fd,
		    "this stintd has as many clients as it takes; try again when some have gone");
		return;
	}
	if (control_session_new(control, fd, peer.uid, peer.pid) == NULL) {
		daemon_log(DAEMON_ERROR, "a client cannot be let in: %s", strerror(errno));
		return;
	}
	daemon_log(DAEMON_DEBUG, "client %" PRIu64 " is user %u, process %d", control->last_id,
		   (unsigned)peer.uid, (int)peer.pid);
}

/* ---- the listener ----------------------------------------------------------------------------- */

static void
listen_later(struct control *control)
{
	static const struct timeval wait = {.tv_usec = AGAIN_US};

	event_del(control->listener);
	event_add(control->again, &wait);
}

/*
 * There are no descriptors: one that was kept for this lets the client hear so. The others stay
 * where they are until there may be some; the loop does not spin meanwhile.
 */
static void
out_of_descriptors(struct control *control, int error)
{
	int fd;

	refuse(control, -1, "this stintd has no descriptors left; try again later");
	fds_close(&control->spare_fd);
	fd = accept4(control->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0) {
		turn_away(fd, "this stintd has no descriptors left; try again later");
	}
	control->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	daemon_log(DAEMON_DEBUG, "accept: %s", strerror(error));
	listen_later(control);
}

static void
on_connection(evutil_socket_t listen_fd, short what, void *arg)
{
	struct control *control = arg;

	(void)what;
	for (int i = 0; i < ACCEPTS; i++) {
		int fd = accept4((int)listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			let_in(control, fd);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			   errno == ENOMEM) {
			out_of_descriptors(control, errno);
			return;
		} else if (errno != EINTR && errno != ECONNABORTED) {
			return; /* EAGAIN: those were all */
		}
	}
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	struct control *control = arg;

	(void)fd;
	(void)what;
	if (!control->stopped) {
		event_add(control->listener, NULL);
	}
}

/* ---- once for all sessions -------------------------------------------------------------------- */

void
control_tidy_soon(struct control *control)
{
	if (!control->tidying) {
		event_active(control->tidy, EV_TIMEOUT, 0);
	}
}

/* Many answers, one write: what was said since the last turn goes out here. */
static void
on_tidy(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval now = {.tv_sec = 0};
	struct control *control = arg;
	struct control_session *session;
	struct control_request *request;
	unsigned left;

	(void)fd;
	(void)what;
	control->tidying = true;
	left = control->count;
	while (left-- > 0 && (session = STAILQ_FIRST(&control->unsent)) != NULL) {
		STAILQ_REMOVE_HEAD(&control->unsent, unsent);
		session->dirty = false;
		control_session_send(session);
	}
	while ((request = LIST_FIRST(&control->ended)) != NULL) {
		control_request_free(request);
	}
	while ((session = TAILQ_FIRST(&control->dead)) != NULL) {
		TAILQ_REMOVE(&control->dead, session, link);
		control_session_free(session);
	}
	control->tidying = false;
	if (!STAILQ_EMPTY(&control->unsent)) {
		event_add(control->later, &now); /* when others had their turn */
	}
}

static void
pause_all(struct control *control)
{
	struct control_session *session;

	TAILQ_FOREACH(session, &control->sessions, link)
	{
		control_session_pause(session);
	}
}

static void
on_store_room(void *context)
{
	struct control *control = context;

	control->full = false;
	pause_all(control);
}

void
control_watch_store(struct control *control)
{
	static const struct queue_watch_ops ops = {.room = on_store_room};

	if (control->full || queue_backlog(control->queue) <= QUEUE_BACKLOG) {
		return;
	}
	if (control->store == NULL) {
		control->store = queue_watch(control->queue, 0, &ops, control);
	}
	control->full = true;
	pause_all(control);
}

/* ---- beginning and end ------------------------------------------------------------------------ */

void
control_limit(struct control *control, const struct control_limits *limits)
{
	struct control_limits *ours = &control->limits;

	*ours = *limits;
	ours->sessions = ours->sessions == 0 ? 256 : ours->sessions;
	ours->hello_us = ours->hello_us == 0 ? 10 * US_PER_SECOND : ours->hello_us;
	ours->line_us = ours->line_us == 0 ? 30 * US_PER_SECOND : ours->line_us;
	ours->write_us = ours->write_us == 0 ? 600 * US_PER_SECOND : ours->write_us;
	ours->unsent = ours->unsent == 0 ? (size_t)16 << 20 : ours->unsent;
	ours->half_lines = ours->half_lines == 0 ? (size_t)128 << 20 : ours->half_lines;
}

struct control *
control_new(struct event_base *base, struct queue *queue, int listen_fd,
	    const struct control_limits *limits, const struct control_owner_ops *ops, void *context)
{
	struct control *control = calloc(1, sizeof(*control));

	if (control == NULL) {
		return NULL;
	}
	*control = (struct control){.base = base,
				    .queue = queue,
				    .ops = ops,
				    .context = context,
				    .listen_fd = listen_fd,
				    .spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC)};
	control_limit(control, limits);
	TAILQ_INIT(&control->strangers);
	TAILQ_INIT(&control->sessions);
	TAILQ_INIT(&control->dead);
	STAILQ_INIT(&control->unsent);
	LIST_INIT(&control->ended);
	LIST_INIT(&control->orphans);
	control->listener =
	    event_new(base, listen_fd, EV_READ | EV_PERSIST, on_connection, control);
	control->again = evtimer_new(base, on_again, control);
	control->tidy = event_new(base, -1, 0, on_tidy, control);
	control->later = evtimer_new(base, on_tidy, control);
	if (control->spare_fd < 0 || control->listener == NULL || control->again == NULL ||
	    control->tidy == NULL || control->later == NULL ||
	    event_add(control->listener, NULL) != 0) {
		control_free(control);
		return NULL;
	}
	return control;
}

void
control_ends(struct control *control)
{
	control->ends = true;
}

void
control_stop(struct control *control)
{
	control->stopped = true;
	event_del(control->listener);
	event_del(control->again);
}

unsigned
control_sessions(const struct control *control)
{
	return control->count;
}

static void
drop_all(struct control_sessions *sessions)
{
	struct control_session *session;

	while ((session = TAILQ_FIRST(sessions)) != NULL) {
		channel_flush(session->channel);
		control_session_drop(session, NULL);
	}
}

/*
 * Clients see the end of their connection with that of the process: who waits for it may start a
 * daemon at once, for then the lock is free and the store is closed.
 */
static void
hold_sessions(const struct control *control)
{
	const struct control_session *session;

	TAILQ_FOREACH(session, &control->sessions, link)
	{
		fcntl(session->fd, F_DUPFD_CLOEXEC,
		      0); /* if there is none left, it just ends now */
	}
}

void
control_free(struct control *control)
{
	struct event **events;
	struct control_request *request;

	if (control == NULL) {
		return;
	}
	hold_sessions(control);
	drop_all(&control->strangers);
	drop_all(&control->sessions);
	if (control->tidy != NULL) {
		on_tidy(-1, 0, control);
	}
	while ((request = LIST_FIRST(&control->orphans)) != NULL) {
		LIST_REMOVE(request, link);
		request->control = NULL; /* the queue still has it */
	}
	events =
	    (struct event *[]){control->listener, control->again, control->tidy, control->later};
	for (int i = 0; i < 4; i++) {
		if (events[i] != NULL) {
			event_free(events[i]);
		}
	}
	queue_unwatch(control->store);
	fds_close(&control->spare_fd);
	free(control);
}
