/* SPDX-License-Identifier: ISC */
/*
 * store_link: the socket to the store's process, from its fork to its end: see store_parts.h. In
 * stintd.
 */
#include <err.h>
#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/store_parts.h"
#include "supervisor/store_process.h"

#define BY_PIDFD ((idtype_t)3) /* P_PIDFD, which headers before glibc 2.36 have not */

/* ---- what the loop calls ---------------------------------------------------------------------- */

static void
on_failing(evutil_socket_t fd, short what, void *arg)
{
	struct store *store = arg;

	(void)fd;
	(void)what;
	store_fail_all(store, &store->failed);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct store *store = arg;

	(void)fd;
	(void)what;
	if (!store_receive(store) && store->broken == NULL) {
		store_break_down(store, "the store's process has ended");
	}
}

void
store_flush(struct store *store)
{
	ssize_t sent = 0;

	while (store->sent < store->out.len && sent >= 0) {
		sent = send(store->socket, store->out.data + store->sent,
			    store->out.len - store->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		store->sent += sent > 0 ? (size_t)sent : 0;
	}
	if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) {
		store->sent = store->out.len;
	}
	if (store->sent * 2 >= store->out.len) {
		text_drop_front(&store->out, store->sent);
		store->sent = 0;
	}
	if (store->out.len > 0) {
		event_add(store->writable, NULL);
	} else if (store->out.cap >= STORE_KEPT) {
		text_free(&store->out);
	}
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct store *store = arg;

	(void)fd;
	(void)what;
	if (store->broken == NULL) {
		store_flush(store);
	}
}

/* ---- from its beginning to its end ------------------------------------------------------------ */

static bool
start_process(struct store *store, const char *directory, struct text *error)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		text_printf(error, "the store's socket: %s", strerror(errno));
		return false;
	}
	store->pid = fork();
	if (store->pid == 0) {
		store_process_run(ends[1], directory);
	}
	close(ends[1]);
	store->socket = ends[0];
	if (store->pid < 0) {
		text_printf(error, "the store's process: %s", strerror(errno));
		return false;
	}
	store->pidfd = (int)syscall(SYS_pidfd_open, store->pid, 0);
	return true;
}

/* The first answer; waits for it. */
static bool
hear(struct store *store, struct text *error)
{
	enum store_received received = STORE_NOTHING;
	struct store_head head;
	struct span bytes;
	bool bad = false;
	int fd;

	while (!store_wire_next(&store->inbox, &head, &bytes, &fd, &bad)) {
		if (bad || received == STORE_ENDED) {
			text_string(error, "the store's process ended before it had opened it");
			return false;
		}
		poll(&(struct pollfd){.fd = store->socket, .events = POLLIN}, 1, -1);
		received = store_wire_receive(store->socket, &store->inbox, STORE_KEPT);
	}
	if (head.message == STORE_OPENED) {
		store->next_number = head.number;
		return true;
	}
	text_span(error, bytes);
	return false;
}

/* Others may have reaped it by now; that it has ended is seen all the same. */
static void
await_process(struct store *store)
{
	struct pollfd ended = {.fd = store->pidfd, .events = POLLIN};
	siginfo_t info;

	if (store->pid > 0 && store->pidfd >= 0) {
		while (poll(&ended, 1, -1) < 0 && errno == EINTR) {
		}
		waitid(BY_PIDFD, (id_t)store->pidfd, &info, WEXITED);
	} else if (store->pid > 0) {
		waitpid(store->pid, NULL, 0);
	}
}

static void
store_free(struct store *store)
{
	struct submission *submission;

	while ((submission = TAILQ_FIRST(&store->submissions)) != NULL) {
		TAILQ_REMOVE(&store->submissions, submission, link);
		free(submission);
	}
	for (size_t i = 0; i < 4; i++) {
		struct event *event = (struct event *[]){store->readable, store->writable,
							 store->flushing, store->failing}[i];

		if (event != NULL) {
			event_free(event);
		}
	}
	fds_close(&store->socket);
	await_process(store);
	fds_close(&store->pidfd);
	store_wire_free(&store->inbox);
	text_free(&store->out);
	free(store->broken);
	free(store);
}

static bool
watch(struct store *store, struct event_base *base)
{
	store->readable = event_new(base, store->socket, EV_READ | EV_PERSIST, on_readable, store);
	store->writable = event_new(base, store->socket, EV_WRITE, on_writable, store);
	store->flushing = event_new(base, -1, 0, on_writable, store);
	store->failing = event_new(base, -1, 0, on_failing, store);
	if (store->readable == NULL || store->writable == NULL || store->flushing == NULL ||
	    store->failing == NULL || event_add(store->readable, NULL) != 0) {
		return false;
	}
	event_active(store->readable, EV_READ, 0); /* some may have come with the first answer */
	return true;
}

struct store *
store_open(struct event_base *base, const char *directory, const struct store_events *events,
	   void *context, struct text *error)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL) {
		err(3, "store");
	}
	*store = (struct store){.events = events, .context = context, .socket = -1, .pidfd = -1};
	STAILQ_INIT(&store->writes);
	STAILQ_INIT(&store->reads);
	STAILQ_INIT(&store->failed);
	TAILQ_INIT(&store->submissions);
	if (!start_process(store, directory, error) || !hear(store, error)) {
		store_free(store);
		return NULL;
	}
	if (!watch(store, base)) {
		text_string(error, "the event loop does not watch the store's socket");
		store_free(store);
		return NULL;
	}
	return store;
}

/* Sends and receives until all is answered, or it is broken. */
static void
drain(struct store *store)
{
	struct pollfd ready = {.fd = store->socket};
	bool open = true;

	while (
	    open && store->broken == NULL &&
	    !(store->out.len == 0 && STAILQ_EMPTY(&store->writes) && STAILQ_EMPTY(&store->reads))) {
		store_flush(store);
		ready.events = (short)(POLLIN | (store->out.len > 0 ? POLLOUT : 0));
		poll(&ready, 1, -1);
		open = store_receive(store);
	}
	if (!open && store->broken == NULL) {
		store_break_down(store, "the store's process has ended");
	}
}

void
store_close(struct store *store)
{
	if (store == NULL) {
		return;
	}
	drain(store);
	if (store->broken == NULL) {
		store_hang_up(store, "the store is being closed");
	}
	store_fail_all(store, &store->failed);
	store_free(store);
}
