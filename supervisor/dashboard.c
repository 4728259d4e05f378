/* SPDX-License-Identifier: ISC */
/* dashboard: see dashboard.h; its beginning, and the way from a path to whoever answers it. */
#include <errno.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/daemon_config.h"
#include "supervisor/daemon_log.h"
#include "supervisor/dashboard_parts.h"
#include "supervisor/http_token.h"

/* ---- routes ----------------------------------------------------------------------------------- */

typedef void answer_function(struct dashboard *, struct http_call *);

static const struct route {
	enum http_method method;
	const char *path;
	answer_function *answer;
} routes[] = {
#define ROUTE(method, path, name, says) {METHOD_##method, path, http_##name},
#include "supervisor/http_routes.def"
#undef ROUTE
};

static bool
read_number(struct span digits, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9' || *number > UINT64_MAX / 100) {
			return false;
		}
		*number = *number * 10 + (uint64_t)(digits.at[i] - '0');
	}
	return *number > 0;
}

static bool
matches(const char *path, struct http_call *call)
{
	const struct http_request *asked = &call->asked;
	unsigned at = 0;

	for (path++; *path != '\0'; at++) {
		struct span part = {path, strcspn(path, "/")};
		bool good;

		if (at == asked->segment_count) {
			return false;
		}
		if (*part.at == '#') {
			good = read_number(asked->segments[at], &call->job);
		} else if (*part.at == '@') {
			call->task = asked->segments[at];
			good = true;
		} else {
			good = part.len == asked->segments[at].len &&
			       memcmp(part.at, asked->segments[at].at, part.len) == 0;
		}
		if (!good) {
			return false;
		}
		path += part.len + (path[part.len] == '/');
	}
	return at == asked->segment_count;
}

static void
handle(void *context, struct http_call *call)
{
	struct dashboard *dashboard = context;
	bool exists = false;

	call->owner = dashboard;
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		const struct route *route = &routes[i];

		call->job = 0;
		if (!matches(route->path, call)) {
			continue;
		}
		if ((route->method == METHOD_POST) == (call->asked.method == METHOD_POST)) {
			route->answer(dashboard, call);
			return;
		}
		exists = true;
	}
	if (exists) {
		http_answer_error(call, 405, "it is asked for by %s",
				  call->asked.method == METHOD_POST ? "GET" : "POST");
	} else {
		http_answer_error(call, 404,
				  "there is nothing here; stint-dashboard(7) has the paths");
	}
}

static const struct http_guard *
guard(void *context)
{
	const struct dashboard *dashboard = context;

	return &dashboard->guard;
}

/* ---- its beginning ---------------------------------------------------------------------------- */

static bool
is_loopback(const struct sockaddr *address)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;

	return address->sa_family == AF_INET ? ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET
					     : IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

/* A socket that is bound; -1: `error` says why not. */
static int
bind_to(const char *http, struct text *error)
{
	struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
	int len = sizeof(address), on = 1, fd;

	if (evutil_parse_sockaddr_port(http, (struct sockaddr *)&address, &len) != 0 ||
	    strrchr(http, ':') == NULL) {
		text_printf(error,
			    "http: \"%s\" must be an address and a port, as in "
			    "\"127.0.0.1:7433\" or \"[::1]:7433\"",
			    http);
		return -1;
	}
	if (!is_loopback((struct sockaddr *)&address)) {
		text_printf(error,
			    "http: %s can be reached from elsewhere, and what goes over it can be "
			    "read there; use 127.0.0.1, and ssh or a web server before it: see "
			    "stint-dashboard(7)",
			    http);
		return -1;
	}
	fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, (struct sockaddr *)&address, (socklen_t)len) != 0) {
		text_printf(error, "http: cannot listen on %s: %s", http, strerror(errno));
		fds_close(&fd);
	}
	return fd;
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_in6 address = {.sin6_port = 0}; /* that of IPv4 has it at the same place */
	socklen_t len = sizeof(address);

	return getsockname(fd, (struct sockaddr *)&address, &len) == 0 ? ntohs(address.sin6_port)
								       : 0;
}

/*
 * The cookie is made of the token, so that it outlives the daemon, but the token cannot be had from
 * it. Cookies know no ports: its name has ours, so that several daemons do not take each other's.
 */
static void
make_cookie(struct dashboard *dashboard)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, (const uint8_t *)"stint dashboard cookie:", 23);
	SHA256Update(&context, (const uint8_t *)dashboard->token, strlen(dashboard->token));
	SHA256Final(digest, &context);
	for (size_t i = 0; i < sizeof(digest); i++) {
		snprintf(dashboard->cookie + 2 * i, 3, "%02x", digest[i]);
	}
	snprintf(dashboard->cookie_name, sizeof(dashboard->cookie_name), "stint_%u",
		 dashboard->guard.port);
}

static void
put_token_path(const struct daemon_config *config, struct text *path)
{
	if (config->http_token_file != NULL) {
		text_string(path, config->http_token_file);
	} else {
		text_printf(path, "%s/token", config->state_directory);
	}
	text_terminate(path);
}

struct dashboard *
dashboard_new(struct event_base *base, struct queue *queue, const struct daemon_config *config,
	      struct text *error)
{
	static const struct http_gate_ops ops = {.handle = handle, .guard = guard};
	struct dashboard *dashboard = calloc(1, sizeof(*dashboard));
	struct text token = TEXT_INIT;
	int fd;

	if (dashboard == NULL) {
		text_string(error, "http: out of memory");
		return NULL;
	}
	dashboard->base = base;
	dashboard->queue = queue;
	fd = bind_to(config->http, error);
	put_token_path(config, &token);
	if (fd < 0 || !http_token_read(token.data, dashboard->token, error)) {
		fds_close(&fd);
		text_free(&token);
		free(dashboard);
		return NULL;
	}
	dashboard->guard = (struct http_guard){.port = port_of(fd),
					       .hosts = config->http_hosts,
					       .host_count = config->http_host_count,
					       .token = dashboard->token,
					       .cookie_name = dashboard->cookie_name,
					       .cookie = dashboard->cookie,
					       .write = config->http_write};
	make_cookie(dashboard);
	snprintf(dashboard->url, sizeof(dashboard->url), "http://%.*s:%u/",
		 (int)(strrchr(config->http, ':') - config->http), config->http,
		 dashboard->guard.port);
	dashboard->gate = http_gate_new(base, fd, &ops, dashboard);
	if (dashboard->gate == NULL) {
		text_printf(error, "http: cannot listen on %s: %s", config->http, strerror(errno));
		text_free(&token);
		free(dashboard);
		return NULL;
	}
	dashboard->events = http_events_new(dashboard);
	daemon_log(DAEMON_NOTICE, "dashboard: %s, its token is in %s", dashboard->url, token.data);
	text_free(&token);
	return dashboard;
}

void
dashboard_free(struct dashboard *dashboard)
{
	if (dashboard == NULL) {
		return;
	}
	http_gate_free(dashboard->gate);
	http_events_free(dashboard->events);
	explicit_bzero(dashboard->token, sizeof(dashboard->token));
	free(dashboard);
}

const char *
dashboard_url(const struct dashboard *dashboard)
{
	return dashboard->url;
}
