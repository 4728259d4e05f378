/* SPDX-License-Identifier: ISC */
/* top_queue: the daemon's queue, or some of its jobs, on the whole screen. Of stint top. */
#ifndef SUPERVISOR_TOP_QUEUE_H
#define SUPERVISOR_TOP_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client_options;

/*
 * Shows it until it is left; the exit status. `only`: the numbers of the jobs that are shown; count
 * 0: all. Ends the process if there is no daemon, or no terminal.
 */
int top_queue(const struct client_options *, const uint64_t *only, size_t count, bool color);

#endif
