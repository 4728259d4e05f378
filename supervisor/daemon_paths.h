/* SPDX-License-Identifier: ISC */
/*
 * daemon_paths: where stintd has its files, and that nobody else has a hand in them: directories
 * that are ours alone, files that are no links, found to be so after they were opened. In the
 * supervisor: of stintd, and of a client, which looks where the daemon is.
 *
 *	runtime   $XDG_RUNTIME_DIR/stint, else /run/user/UID/stint if there is such a directory of
 *		  ours, else `run` in $XDG_STATE_HOME/stint: never in /tmp, where names can be taken
 *	state     $XDG_STATE_HOME/stint/queue; ~/.local/state for $XDG_STATE_HOME
 *	config    $XDG_CONFIG_HOME/stint/stintd.json; ~/.config for $XDG_CONFIG_HOME
 *
 * A service of systemd is given them: $RUNTIME_DIRECTORY, $STATE_DIRECTORY, $CONFIGURATION_DIRECTORY
 * of stintd (`service`), which a client does not look at.
 */
#ifndef SUPERVISOR_DAEMON_PATHS_H
#define SUPERVISOR_DAEMON_PATHS_H

#include <stdbool.h>

#include "ipc/text.h"

struct daemon_config;

#define DAEMON_PATH_MOST 4096

/*
 * Takes what systemd gives a service out of the environment, so that tasks do not see it, and keeps
 * it: a reload finds the same paths as the start.
 */
void daemon_paths_take(void);

/* The configuration file, if nobody names one; it need not be there. False: there is no place. */
bool daemon_paths_config(char path[DAEMON_PATH_MOST], bool service, struct text *error);

/* Sets the paths that are not set yet; makes and opens nothing. */
bool daemon_paths_resolve(struct daemon_config *, bool service, struct text *error);

/*
 * Makes the directory, with those above it, mode 0700, unless it is there, and looks at it: a
 * directory, no link, ours; if `closed`, closed to all others (a group may pass through it where
 * `passage`), else not for others to write to. False: `error` says why, and what to do.
 */
enum daemon_directory { DIRECTORY_CLOSED, DIRECTORY_PASSAGE, DIRECTORY_READABLE };
bool daemon_paths_make(const char *path, enum daemon_directory, struct text *error);

/*
 * Opens a file of ours, for which `flags` are those of open(2); it is made with mode 0600. A link,
 * a second hard link, a file of others or one that others may write to, and what is no regular file,
 * is refused. Also one of root's, if it is only read. -1: `error` says why, errno is of open(2) or 0.
 */
int daemon_paths_open(const char *path, int flags, struct text *error);

/* The directory part of an absolute path, "/" at least. */
void daemon_paths_parent(const char *path, char parent[DAEMON_PATH_MOST]);

#endif
