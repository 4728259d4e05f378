/* SPDX-License-Identifier: ISC */
/*
 * daemon: stintd from its start to its end: takes the lock and the socket, makes queue, control and
 * dashboard and ties them together, and does what signals ask for. One a process; in the
 * supervisor, of stintd.
 */
#ifndef SUPERVISOR_DAEMON_H
#define SUPERVISOR_DAEMON_H

struct daemon_config;
struct daemon_options;

/*
 * `activated`: the socket that was passed, config->socket is its path; -1: there is none.
 * `background`: what daemon_background_begin() has returned; -1: we are in the foreground.
 * Takes over the config. Returns the exit status.
 */
int daemon_run(struct daemon_config *, const struct daemon_options *, int activated,
	       int background);

#endif
