/* SPDX-License-Identifier: ISC */
/* daemon: see daemon.h. In the supervisor, of stintd. */
#include "supervisor/daemon.h"

#include <err.h>
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "supervisor/control.h"
#include "supervisor/daemon_background.h"
#include "supervisor/daemon_config.h"
#include "supervisor/daemon_lock.h"
#include "supervisor/daemon_options.h"
#include "supervisor/daemon_parts.h"
#include "supervisor/daemon_paths.h"
#include "supervisor/dashboard.h"
#include "supervisor/notify.h"
#include "supervisor/queue.h"
#include "supervisor/supervisor.h"
#include "supervisor/trim.h"

#define EXTRA_US (30 * US_PER_SECOND) /* that systemd is asked for beyond the drain */
#define LOOK_US  5000                 /* after that the loop looks what has come meanwhile */

static const int signal_numbers[DAEMON_SIGNALS] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};

/* It does not go on. Until it is ready, somebody looks at stderr; the log may be elsewhere. */
static bool
fail(struct daemon *daemon, struct text *error)
{
	text_terminate(error);
	if (!daemon->ready) {
		daemon_log_start_error(error->data);
	} else {
		daemon_log(DAEMON_ERROR, "%s", error->data);
	}
	text_free(error);
	daemon->status = EXIT_SYSTEM;
	return false;
}

/* ---- the end ---------------------------------------------------------------------------------- */

static void
on_ended(void *context)
{
	struct daemon *daemon = context;

	event_base_loopbreak(daemon->base);
}

void
daemon_stop(struct daemon *daemon, bool now)
{
	int64_t patience_us = now ? 0 : daemon->config->drain_us;

	if (daemon->hurried || (daemon->stopping && !now)) {
		return;
	}
	daemon->hurried = now;
	daemon->stopping = true;
	daemon_log(DAEMON_NOTICE,
		   now ? "stopping at once" : "stopping: what runs has %.0f s; again: at once",
		   (double)patience_us / US_PER_SECOND);
	notify_send("STOPPING=1\nEXTEND_TIMEOUT_USEC=%" PRId64, patience_us + EXTRA_US);
	if (!daemon->ready) {
		event_base_loopbreak(daemon->base);
		return;
	}
	daemon_status_show(daemon);
	control_ends(daemon->control);
	queue_stop(daemon->queue, patience_us, on_ended, daemon);
}

static void
on_shutdown(void *context, bool now)
{
	daemon_stop(context, now);
}

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct daemon *daemon = arg;

	(void)what;
	if (number == SIGTERM || number == SIGINT) {
		daemon_stop(daemon, daemon->stopping);
	} else if (!daemon->ready || daemon->stopping) {
		return;
	} else if (number == SIGHUP) {
		daemon_reload(daemon);
	} else {
		daemon_status_log(daemon);
	}
}

/* ---- the start, in the order in which it happens ---------------------------------------------- */

/* Directories first: all else is looked for in there. */
static bool
make_directories(const struct daemon_config *config, bool activated, struct text *error)
{
	const char *files[] = {config->pidfile, activated ? NULL : config->socket};
	char parent[DAEMON_PATH_MOST];
	enum daemon_directory kind;

	if (!daemon_paths_make(config->state_directory, DIRECTORY_CLOSED, error)) {
		return false;
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (files[i] == NULL) {
			continue;
		}
		daemon_paths_parent(files[i], parent);
		kind = strcmp(parent, config->runtime_directory) == 0 ? DIRECTORY_PASSAGE
								      : DIRECTORY_READABLE;
		if (!daemon_paths_make(parent, kind, error)) {
			return false;
		}
	}
	return true;
}

/* Tasks are ours to tell what they need to know, and no more. stintd(8), ENVIRONMENT. */
static void
set_environment(const char *socket)
{
	static const char *const services[] = {"INVOCATION_ID",    "MAINPID",
					       "SYSTEMD_EXEC_PID", "CACHE_DIRECTORY",
					       "LOGS_DIRECTORY",   "STINTD"};

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		unsetenv(services[i]);
	}
	if (setenv("STINT_SOCKET", socket, 1) != 0) {
		err(EXIT_SYSTEM, "STINT_SOCKET");
	}
}

static bool
take_places(struct daemon *daemon, int activated, struct text *error)
{
	const struct daemon_config *config = daemon->config;

	if (!make_directories(config, activated >= 0, error)) {
		return false;
	}
	daemon->lock = daemon_lock_take(config, error);
	if (daemon->lock == NULL) {
		return false;
	}
	if (activated >= 0) {
		daemon_socket_given(&daemon->socket, activated, config->socket);
	} else if (!daemon_socket_listen(&daemon->socket, config, error)) {
		return false;
	}
	return daemon_open_log(daemon, error);
}

static void
on_watchdog(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	notify_send("WATCHDOG=1");
}

static bool
add_events(struct daemon *daemon)
{
	int64_t half_us = notify_watchdog_us() / 2;
	struct timeval wait = {.tv_sec = half_us / US_PER_SECOND,
			       .tv_usec = half_us % US_PER_SECOND};

	for (size_t i = 0; i < DAEMON_SIGNALS; i++) {
		daemon->signals[i] =
		    evsignal_new(daemon->base, signal_numbers[i], on_signal, daemon);
		if (daemon->signals[i] == NULL || event_add(daemon->signals[i], NULL) != 0) {
			return false;
		}
	}
	if (half_us == 0) {
		return true;
	}
	daemon->watchdog = event_new(daemon->base, -1, EV_PERSIST, on_watchdog, daemon);
	return daemon->watchdog != NULL && event_add(daemon->watchdog, &wait) == 0;
}

void
daemon_limit_clients(const struct daemon *daemon, unsigned clients)
{
	struct control_limits limits = {.sessions = clients, .group = CONTROL_NO_GROUP};
	const char *name = daemon->config->socket_group;
	const struct group *group = name == NULL ? NULL : getgrnam(name);

	if (group != NULL) {
		limits.group = group->gr_gid;
	}
	control_limit(daemon->control, &limits);
}

static bool
open_doors(struct daemon *daemon, struct text *error)
{
	static const struct control_owner_ops ops = {.shutdown = on_shutdown};
	const struct control_limits limits = {.group = CONTROL_NO_GROUP};

	daemon->control =
	    control_new(daemon->base, daemon->queue, daemon->socket.fd, &limits, &ops, daemon);
	if (daemon->control == NULL) {
		text_printf(error, "control socket: %s", strerror(errno));
		return false;
	}
	daemon_limit_clients(daemon, daemon->config->clients);
	if (daemon->config->http != NULL) {
		daemon->dashboard =
		    dashboard_new(daemon->base, daemon->queue, daemon->config, error);
		return daemon->dashboard != NULL;
	}
	return true;
}

static bool
is_whole(struct daemon *daemon, struct text *error)
{
	struct queue_status status;

	queue_status(daemon->queue, &status);
	if (status.broken != NULL) {
		text_printf(error, "queue: %s", status.broken);
	}
	return status.broken == NULL;
}

/* The jobs of the store are there. */
static void
on_ready(void *context)
{
	struct daemon *daemon = context;
	struct text error = TEXT_INIT;

	if (daemon->stopping) {
		return;
	}
	if (!is_whole(daemon, &error) || !open_doors(daemon, &error) ||
	    !daemon_status_start(daemon)) {
		if (error.len == 0) {
			text_string(&error, "there is not enough memory");
		}
		fail(daemon, &error);
		event_base_loopbreak(daemon->base);
		return;
	}
	text_free(&error);
	umask(daemon->mask);
	daemon->ready = true;
	daemon_background_ready(daemon->background, daemon_log_fd());
	daemon->background = -1;
	daemon_log(DAEMON_NOTICE, "ready: stintd " STINT_VERSION ", listens at %s, queue in %s",
		   daemon->socket.path, daemon->config->state_directory);
	notify_send("READY=1\nMAINPID=%d", (int)getpid());
	daemon_status_show(daemon);
}

/* Whom the loop cannot watch any more would wait for ever: then it is as without memory. */
static void
on_event_word(int severity, const char *words)
{
	bool lost = strncmp(words, "Epoll MOD", 9) == 0;

	daemon_log(lost || severity >= EVENT_LOG_ERR ? DAEMON_ERROR : DAEMON_WARNING,
		   "event loop: %s", words);
	if (lost) {
		_exit(EXIT_SYSTEM);
	}
}

static _Noreturn void
on_event_fault(int error)
{
	(void)error; /* it was said */
	_exit(EXIT_SYSTEM);
}

/* What goes on and on in the loop, as jobs do that are read, does not keep it from looking who calls. */
static struct event_base *
make_loop(void)
{
	static const struct timeval most = {.tv_usec = LOOK_US};
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	event_set_log_callback(on_event_word);
	event_set_fatal_callback(on_event_fault);
	if (config != NULL && event_config_set_max_dispatch_interval(config, &most, -1, 0) == 0) {
		base = event_base_new_with_config(config);
	}
	if (config != NULL) {
		event_config_free(config);
	}
	return base;
}

static bool
start(struct daemon *daemon, int activated)
{
	struct text error = TEXT_INIT;

	if (!take_places(daemon, activated, &error)) {
		return fail(daemon, &error);
	}
	set_environment(daemon->config->socket);
	if (daemon->config->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		text_printf(&error, "no_new_privileges: %s", strerror(errno));
		return fail(daemon, &error);
	}
	daemon->base = make_loop();
	if (daemon->base == NULL) {
		text_string(&error, "cannot make an event loop");
		return fail(daemon, &error);
	}
	daemon->queue = queue_new(daemon->base, daemon->config, on_ready, daemon, &error);
	if (daemon->queue == NULL) {
		return fail(daemon, &error);
	}
	if (!trim_start(daemon->base) || !add_events(daemon)) {
		text_string(&error, "cannot set up the event loop");
		return fail(daemon, &error);
	}
	text_free(&error);
	return true;
}

static void
finish(struct daemon *daemon)
{
	if (daemon->control != NULL) {
		control_stop(daemon->control);
	}
	dashboard_free(daemon->dashboard);
	control_free(daemon->control);
	daemon_socket_close(&daemon->socket); /* so that nobody waits there for an answer */
	daemon_status_stop(daemon);
	for (size_t i = 0; i < DAEMON_SIGNALS; i++) {
		if (daemon->signals[i] != NULL) {
			event_free(daemon->signals[i]);
		}
	}
	if (daemon->watchdog != NULL) {
		event_free(daemon->watchdog);
	}
	if (daemon->queue != NULL) {
		queue_free(daemon->queue);
	}
	trim_stop();
	if (daemon->base != NULL) {
		event_base_free(daemon->base);
	}
	if (daemon->ready) {
		daemon_log(DAEMON_NOTICE, "ended");
	}
	daemon_lock_free(daemon->lock);
	daemon_log_close();
	notify_close();
	daemon_config_free(daemon->config);
}

int
daemon_run(struct daemon_config *config, const struct daemon_options *options, int activated,
	   int background)
{
	struct daemon daemon = {.config = config,
				.options = options,
				.background = background,
				.socket = {.fd = activated},
				.status = EXIT_ALL_OK};
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	daemon.mask = umask(077);
	if (!options->foreground) {
		daemon.mask = 022;
	}
	sigaction(SIGPIPE, &ignore, NULL);
	if (start(&daemon, activated)) {
		event_base_dispatch(daemon.base);
	}
	finish(&daemon);
	return daemon.status;
}
