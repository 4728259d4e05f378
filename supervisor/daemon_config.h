/* SPDX-License-Identifier: ISC */
/*
 * daemon_config: how stintd is set up: what nobody set, the configuration file (stintd.json(5)) and
 * the command line, put together. The keys of the file are the rows of daemon_keys.def. In the
 * supervisor, of stintd; the client reads it to find the daemon.
 */
#ifndef SUPERVISOR_DAEMON_CONFIG_H
#define SUPERVISOR_DAEMON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/text.h"
#include "supervisor/daemon_log.h"

/* Strings and lists are the config's own, valid as long as it is. Paths are absolute. */
struct daemon_config {
	const char *file; /* that it was read from; NULL: there is none */

	/* What runs. */
	unsigned cores;     /* that tasks may compute on, a worker each; 0: all that there are */
	unsigned waiting;   /* tasks that may be in progress at once; 0: no limit of ours */
	uint64_t memory;    /* bytes for tasks that say what they take; 0: the machine's */
	const char *worker; /* the program of the workers; NULL: to be found */
	bool no_new_privileges; /* tasks gain none by set-user-id programs; done at the start */

	/* Where things are. Directories exist, are ours alone and were checked: daemon_paths.h. */
	const char *state_directory;   /* the store's; what survives */
	const char *runtime_directory; /* socket and pidfile, unless they are elsewhere */
	const char *socket;            /* the control socket */
	const char *pidfile;

	/* Who may ask. */
	const char
	    *socket_group; /* whose members may connect as well; NULL: only our user and root */
	unsigned clients;  /* control connections at once, at least 1 */
	bool allow_root;   /* to run as root */
	bool autostart;    /* clients may start the daemon: read by them alone */

	/* The dashboard. */
	const char *http;              /* "127.0.0.1:7433"; NULL: no dashboard */
	const char *http_token_file;   /* NULL: token in state_directory, made at the first start */
	bool http_write;               /* the token allows to change things, too */
	const char *const *http_hosts; /* names it may be asked by, beside those of the loopback */
	size_t http_host_count;

	/* What is kept. */
	int64_t keep_us;    /* jobs that have ended, for so long; 0: for ever */
	uint64_t keep_jobs; /* so many jobs that have ended; 0: all */
	uint64_t
	    inline_output; /* bytes of a task's output in the store itself; more: a file beside it */

	/* How it ends, and what it says. */
	int64_t drain_us; /* how long SIGTERM waits for what runs */
	const char
	    *log; /* "stderr", "syslog" or a path; NULL: stderr with -f, else see stintd(8) */
	enum log_level log_level;
	bool log_json;
};

/*
 * The defaults, and on top of them the file: `path`, of which NULL says that there is none. Paths
 * that are not set stay NULL: daemon_paths_resolve() finds them. NULL: `error` has a message a line,
 * "stintd.json:3: drain: ...", for people.
 */
struct daemon_config *daemon_config_read(const char *path, struct text *error);
/* The same of what a file of that name says. */
struct daemon_config *daemon_config_parse(const char *name, struct span text, struct text *error);
/*
 * The same of the file `given`, which must be there, or of the usual one, if there is one.
 * `service`: as for daemon_paths_config().
 */
struct daemon_config *daemon_config_load(const char *given, bool service, struct text *error);
void daemon_config_free(struct daemon_config *);

/* Sets a key as the file would, from a value in JSON or plain text. False: `error` says why not. */
bool daemon_config_set(struct daemon_config *, const char *key, const char *value,
		       struct text *error);

/*
 * Takes over from `next` what can change while the daemon runs; appends the names of keys that are
 * different there but need a new start to `needs_restart`, ", " between them.
 */
void daemon_config_reload(struct daemon_config *, const struct daemon_config *next,
			  struct text *needs_restart);

#endif
