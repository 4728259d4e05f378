/* SPDX-License-Identifier: ISC */
/* daemon_reload: what of the configuration changes while stintd runs. In the supervisor, of stintd. */
#include <bsd/string.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "supervisor/daemon_config.h"
#include "supervisor/daemon_options.h"
#include "supervisor/daemon_parts.h"
#include "supervisor/daemon_paths.h"
#include "supervisor/notify.h"
#include "supervisor/queue.h"

static bool
is_socket(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISSOCK(info.st_mode);
}

bool
daemon_open_log(const struct daemon *daemon, struct text *error)
{
	const struct daemon_config *config = daemon->config;
	struct daemon_log_target target = {
	    .kind = LOG_TO_STDERR, .level = config->log_level, .json = config->log_json};
	const char *log = config->log;
	char own[DAEMON_PATH_MOST];

	if (!daemon->options->foreground && (log == NULL || strcmp(log, "stderr") == 0)) {
		snprintf(own, sizeof(own), "%s/stintd.log", config->state_directory);
		log = is_socket("/dev/log") ? "syslog" : own;
	}
	if (log != NULL && log[0] == '/') {
		target.kind = LOG_TO_FILE;
		target.file = log;
	} else if (log != NULL && strcmp(log, "syslog") == 0) {
		target.kind = LOG_TO_SYSLOG;
	}
	return daemon_log_open(&target, error);
}

/* Each line of what is wrong is a message. */
static void
complain(struct text *error)
{
	char *rest, *line;

	text_terminate(error);
	rest = error->data;
	while ((line = strsep(&rest, "\n")) != NULL) {
		daemon_log(DAEMON_ERROR, "reload: %s", line);
	}
	daemon_log(DAEMON_ERROR, "reload: the configuration is as it was");
}

static void
take_over(struct daemon *daemon, const struct daemon_config *next)
{
	struct text needs = TEXT_INIT, error = TEXT_INIT;

	daemon_config_reload(daemon->config, next, &needs);
	if (!daemon_open_log(daemon, &error)) {
		text_terminate(&error);
		daemon_log(DAEMON_ERROR, "reload: the log stays where it is: %s", error.data);
	}
	if (!daemon->options->foreground && daemon->background < 0 && daemon_log_fd() >= 0) {
		dup2(daemon_log_fd(), STDERR_FILENO); /* what workers say goes there, too */
	}
	if (needs.len > 0) {
		daemon_log(DAEMON_WARNING, "reload: needs a new start, and is as it was: %s",
			   needs.data);
	}
	queue_configure(daemon->queue, daemon->config);
	daemon_limit_clients(daemon, daemon->config->clients);
	text_free(&needs);
	text_free(&error);
}

void
daemon_reload(struct daemon *daemon)
{
	struct text error = TEXT_INIT;
	struct daemon_config *next;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now); /* systemd's, not that which a suspend stops */
	notify_send("RELOADING=1\nMONOTONIC_USEC=%" PRId64,
		    (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	next = daemon_options_read(daemon->options, &error);
	if (next == NULL) {
		complain(&error);
	} else {
		take_over(daemon, next);
		daemon_log(DAEMON_NOTICE, "reloaded %s",
			   next->file != NULL ? next->file : "the defaults: there is no file");
	}
	daemon_config_free(next);
	text_free(&error);
	notify_send("READY=1");
}
