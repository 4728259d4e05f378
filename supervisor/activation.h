/* SPDX-License-Identifier: ISC */
/*
 * activation: the control socket that systemd listens on for stintd before there is one, and
 * passes on as fd 3: sd_listen_fds(3). In the supervisor, of stintd.
 */
#ifndef SUPERVISOR_ACTIVATION_H
#define SUPERVISOR_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/text.h"

/*
 * Takes LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES out of the environment. `fd`: the socket, close on
 * exec and not blocking, whose path is put into `path`; -1 if none was passed to this process.
 * False: what was passed is not one listening Unix stream socket with a path; `error` says so.
 */
bool activation_take(int *fd, char *path, size_t size, struct text *error);

#endif
