/* SPDX-License-Identifier: ISC */
/* http_gate: see http_gate.h. In the supervisor, of stintd. */
#include <err.h>
#include <errno.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "supervisor/http_gate_parts.h"
#include "supervisor/supervisor.h"
#include "supervisor/trim.h"

#define INPUT_MOST (HTTP_HEAD_MOST + HTTP_BODY_MOST + 4096) /* bytes that are read ahead */
#define PEERS_MOST (HTTP_CONNECTIONS + 16) /* beyond, connections wait to be accepted */
#define PAUSE_US   500000                  /* when no more descriptors can be had */

struct http_gate {
	const struct http_gate_ops *ops;
	void *context;
	struct event_base *base;
	struct evhttp *http;
	struct evconnlistener *listener;
	struct event *again; /* accepts again */
	TAILQ_HEAD(, http_peer) peers;
	unsigned count;
	uint64_t answers[HTTP_STATUS_CLASSES];
};

static void
or_die(bool good)
{
	if (!good) {
		errx(EXIT_SYSTEM, "out of memory");
	}
}

void
http_peer_deadline(struct http_peer *peer, int64_t us)
{
	const struct timeval time = {us / US_PER_SECOND, us % US_PER_SECOND};

	if (us == 0) {
		event_del(peer->deadline);
	} else {
		event_add(peer->deadline, &time);
	}
}

void
http_peer_counts(struct http_peer *peer, int status)
{
	peer->gate->answers[status / 100 % HTTP_STATUS_CLASSES]++;
}

/* ---- the end of a connection ------------------------------------------------------------------ */

static void
peer_free(struct http_peer *peer)
{
	event_free(peer->adopt);
	event_free(peer->deadline);
	text_free(&peer->head);
	free(peer);
	trim_soon();
}

/* evhttp has ended it: the other side went, the answer is written, or we wanted it so. */
static void
peer_gone(struct evhttp_connection *connection, void *context)
{
	struct http_peer *peer = context;
	struct http_call *call = &peer->call;
	struct http_gate *gate = peer->gate;

	evhttp_connection_set_closecb(connection, NULL, NULL);
	peer->connection = NULL;
	event_del(peer->adopt);
	event_del(peer->deadline);
	TAILQ_REMOVE(&gate->peers, peer, entry);
	gate->count--;
	if (gate->count < HTTP_CONNECTIONS && !evtimer_pending(gate->again, NULL)) {
		evconnlistener_enable(gate->listener);
	}
	if (call->request != NULL && evhttp_request_get_connection(call->request) == NULL) {
		evhttp_request_free(call->request); /* it was left to us; else it goes with all */
	}
	call->request = NULL;
	call->held++;
	if (call->gone != NULL) {
		call->gone(call, call->context);
	}
	http_call_release(call);
}

void
http_call_hold(struct http_call *call)
{
	call->held++;
}

void
http_call_release(struct http_call *call)
{
	call->held--;
	if (call->held == 0 && call->peer->connection == NULL) {
		peer_free(call->peer);
	}
}

void
http_call_drop(struct http_call *call)
{
	if (call->peer->connection != NULL) {
		evhttp_connection_free(call->peer->connection);
	}
}

/* ---- what is refused -------------------------------------------------------------------------- */

static void
refused_read(struct bufferevent *bufferevent, void *context)
{
	struct evbuffer *input = bufferevent_get_input(bufferevent);

	(void)context;
	evbuffer_drain(input, evbuffer_get_length(input));
}

static void
refused_written(struct bufferevent *bufferevent, void *context)
{
	(void)context;
	shutdown(bufferevent_getfd(bufferevent), SHUT_WR);
}

static void
refused_event(struct bufferevent *bufferevent, short what, void *context)
{
	struct http_peer *peer = context;

	(void)bufferevent;
	(void)what;
	http_call_drop(&peer->call);
}

/* What the client still sends is read for a while: else the kernel would throw our answer away. */
static void
refuse(struct http_peer *peer, struct http_verdict verdict)
{
	struct text answer = TEXT_INIT;

	peer->state = PEER_REFUSED;
	http_peer_counts(peer, verdict.status);
	http_refusal(&verdict, peer->call.asked.method == METHOD_HEAD, &answer);
	bufferevent_setcb(peer->bufferevent, refused_read, refused_written, refused_event, peer);
	bufferevent_enable(peer->bufferevent, EV_READ | EV_WRITE);
	refused_read(peer->bufferevent, NULL);
	bufferevent_write(peer->bufferevent, answer.data, answer.len);
	text_free(&answer);
	http_peer_deadline(peer, HTTP_LINGER_US);
}

/* ---- what is read ----------------------------------------------------------------------------- */

static void
pass(struct http_peer *peer)
{
	peer->state = PEER_PASSED;
	http_peer_deadline(peer, HTTP_STALL_US);
	bufferevent_setcb(peer->bufferevent, peer->theirs.read, peer->theirs.write,
			  peer->theirs.event, peer->connection);
	bufferevent_trigger(peer->bufferevent, EV_READ, 0);
}

static bool
is_local(struct http_peer *peer)
{
	struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(address);
	const struct sockaddr_in *four = (const struct sockaddr_in *)&address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address;

	if (getpeername(bufferevent_getfd(peer->bufferevent), (struct sockaddr *)&address, &len) !=
	    0) {
		return false;
	}
	return address.ss_family == AF_INET
		   ? ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET
		   : address.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

/* False: it is not whole, or refused. */
static bool
read_head(struct http_peer *peer, struct evbuffer *input)
{
	size_t len = evbuffer_get_length(input);
	struct span bytes = {NULL, len < HTTP_HEAD_MOST ? len : HTTP_HEAD_MOST};
	struct http_gate *gate = peer->gate;
	struct http_verdict verdict;

	bytes.at = (const char *)evbuffer_pullup(input, (ev_ssize_t)bytes.len);
	or_die(bytes.at != NULL || bytes.len == 0);
	bytes.len = http_head_length(bytes);
	if (bytes.len == 0) {
		if (len >= HTTP_HEAD_MOST) {
			refuse(peer, (struct http_verdict){431, "the headers are too long"});
		}
		return false;
	}
	text_span(&peer->head, bytes);
	verdict = http_guard_check(gate->ops->guard(gate->context),
				   (struct span){peer->head.data, peer->head.len}, is_local(peer),
				   &peer->call.asked, &peer->call.known);
	if (verdict.status != 0) {
		refuse(peer, verdict);
		return false;
	}
	if (peer->call.asked.expects && len - bytes.len < peer->call.asked.body) {
		bufferevent_enable(peer->bufferevent, EV_WRITE);
		bufferevent_write(peer->bufferevent, "HTTP/1.1 100 Continue\r\n\r\n", 25);
	}
	return true;
}

static void
peer_read(struct bufferevent *bufferevent, void *context)
{
	struct http_peer *peer = context;
	struct evbuffer *input = bufferevent_get_input(bufferevent);

	if (peer->head.len == 0 && !read_head(peer, input)) {
		return;
	}
	if (evbuffer_get_length(input) >= peer->head.len + peer->call.asked.body) {
		pass(peer);
	}
}

static void
peer_deadline(evutil_socket_t fd, short what, void *context)
{
	struct http_peer *peer = context;
	size_t waiting = evbuffer_get_length(bufferevent_get_output(peer->bufferevent));

	(void)fd;
	(void)what;
	if (peer->state == PEER_READING) {
		refuse(peer, (struct http_verdict){408, "the request has not come in time"});
	} else if (peer->state != PEER_PASSED || (waiting > 0 && peer->sent == peer->sent_before)) {
		http_call_drop(&peer->call);
	} else if (waiting > 0 || !peer->rests) {
		peer->sent_before = peer->sent;
		http_peer_deadline(peer, HTTP_STALL_US);
	}
}

/* ---- its beginning ---------------------------------------------------------------------------- */

static void
output_changed(struct evbuffer *output, const struct evbuffer_cb_info *info, void *context)
{
	struct http_peer *peer = context;

	(void)output;
	peer->sent += info->n_deleted;
}

/* One that was never ours: evhttp gave it up, or ends it. */
static void
peer_abandon(struct http_peer *peer)
{
	TAILQ_REMOVE(&peer->gate->peers, peer, entry);
	peer->gate->count--;
	bufferevent_decref(peer->bufferevent);
	peer_free(peer);
}

/* evhttp has set up the connection: its callbacks are ours until a request has passed. */
static void
peer_adopt(evutil_socket_t fd, short what, void *context)
{
	struct http_peer *peer = context;
	void *connection;

	(void)fd;
	(void)what;
	bufferevent_getcb(peer->bufferevent, &peer->theirs.read, &peer->theirs.write,
			  &peer->theirs.event, &connection);
	if (peer->theirs.event == NULL || connection == NULL) { /* it gave up at once */
		peer_abandon(peer);
		return;
	}
	bufferevent_decref(peer->bufferevent);
	peer->connection = connection;
	evhttp_connection_set_closecb(peer->connection, peer_gone, peer);
	bufferevent_setcb(peer->bufferevent, peer_read, NULL, refused_event, peer);
	bufferevent_setwatermark(peer->bufferevent, EV_READ, 0, INPUT_MOST);
	evbuffer_add_cb(bufferevent_get_output(peer->bufferevent), output_changed, peer);
	peer->state = PEER_READING;
	http_peer_deadline(peer, HTTP_REQUEST_US);
	if (peer->gate->count > HTTP_CONNECTIONS) {
		refuse(peer, (struct http_verdict){503, "there are too many connections"});
	}
}

/* Called by evhttp for each connection. Nothing is read before it is adopted. */
static struct bufferevent *
peer_new(struct event_base *base, void *context)
{
	struct http_gate *gate = context;
	struct http_peer *peer = calloc(1, sizeof(*peer));

	or_die(peer != NULL);
	peer->gate = gate;
	peer->call.peer = peer;
	peer->bufferevent = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	peer->adopt = event_new(base, -1, 0, peer_adopt, peer);
	peer->deadline = evtimer_new(base, peer_deadline, peer);
	or_die(peer->bufferevent != NULL && peer->adopt != NULL && peer->deadline != NULL);
	bufferevent_incref(peer->bufferevent);
	bufferevent_setwatermark(peer->bufferevent, EV_READ, SIZE_MAX, 0);
	event_active(peer->adopt, EV_TIMEOUT, 0);
	TAILQ_INSERT_TAIL(&gate->peers, peer, entry);
	if (++gate->count >= PEERS_MOST) {
		evconnlistener_disable(gate->listener);
	}
	return peer->bufferevent;
}

/* ---- the gate --------------------------------------------------------------------------------- */

static void
handle(struct evhttp_request *request, void *context)
{
	struct http_gate *gate = context;
	struct evhttp_connection *connection = evhttp_request_get_connection(request);
	struct evbuffer *input = evhttp_request_get_input_buffer(request);
	struct http_peer *peer;

	TAILQ_FOREACH(peer, &gate->peers, entry)
	{
		if (peer->connection == connection) {
			break;
		}
	}
	if (peer == NULL || peer->state != PEER_PASSED) {
		evhttp_send_error(request, 400, NULL);
		return;
	}
	peer->call.request = request;
	peer->call.body.len = evbuffer_get_length(input);
	peer->call.body.at = (const char *)evbuffer_pullup(input, -1);
	gate->ops->handle(gate->context, &peer->call);
}

/* No descriptor is left, or the like: trying at once again would be all that we do. */
static void
cannot_accept(struct evconnlistener *listener, void *context)
{
	struct http_gate *gate = context;
	const struct timeval pause = {0, PAUSE_US};

	evconnlistener_disable(listener);
	event_add(gate->again, &pause);
}

static void
accept_again(evutil_socket_t fd, short what, void *context)
{
	struct http_gate *gate = context;

	(void)fd;
	(void)what;
	evconnlistener_enable(gate->listener);
}

struct http_gate *
http_gate_new(struct event_base *base, int fd, const struct http_gate_ops *ops, void *context)
{
	struct http_gate *gate = calloc(1, sizeof(*gate));

	or_die(gate != NULL);
	gate->base = base;
	gate->ops = ops;
	gate->context = context;
	TAILQ_INIT(&gate->peers);
	gate->http = evhttp_new(base);
	gate->again = evtimer_new(base, accept_again, gate);
	or_die(gate->http != NULL && gate->again != NULL);
	gate->listener = evconnlistener_new(base, NULL, NULL,
					    LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_CLOSE_ON_FREE, 128, fd);
	if (gate->listener == NULL) {
		int why = errno;

		event_free(gate->again);
		evhttp_free(gate->http);
		free(gate);
		close(fd);
		errno = why;
		return NULL;
	}
	evhttp_set_max_headers_size(gate->http, HTTP_HEAD_MOST);
	evhttp_set_max_body_size(gate->http, HTTP_BODY_MOST);
	evhttp_set_allowed_methods(gate->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST);
	evhttp_set_default_content_type(gate->http, NULL);
	evhttp_set_bevcb(gate->http, peer_new, gate);
	evhttp_set_gencb(gate->http, handle, gate);
	or_die(evhttp_bind_listener(gate->http, gate->listener) != NULL);
	evconnlistener_set_error_cb(gate->listener, cannot_accept);
	return gate;
}

void
http_gate_free(struct http_gate *gate)
{
	struct http_peer *peer, *next;

	if (gate == NULL) {
		return;
	}
	for (peer = TAILQ_FIRST(&gate->peers); peer != NULL; peer = next) {
		next = TAILQ_NEXT(peer, entry);
		if (peer->connection == NULL) { /* accepted just now */
			peer_abandon(peer);
		} else {
			http_call_drop(&peer->call);
		}
	}
	evhttp_free(gate->http); /* and the listener */
	event_free(gate->again);
	free(gate);
}

unsigned
http_gate_connections(const struct http_gate *gate)
{
	return gate->count;
}

const uint64_t *
http_gate_answers(const struct http_gate *gate)
{
	return gate->answers;
}
