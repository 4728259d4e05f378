/* SPDX-License-Identifier: ISC */
/*
 * client_targets: the jobs that operands of a command name, by number, name or range (3-7), or that
 * have ended. In the client.
 */
#ifndef SUPERVISOR_CLIENT_TARGETS_H
#define SUPERVISOR_CLIENT_TARGETS_H

#include <stddef.h>
#include <stdint.h>

#include "supervisor/control_client.h"

struct client_target {
	uint64_t job;
	const char *task; /* a part of the operand; NULL: the job as a whole */
};

/* All 0 at first. */
struct client_targets {
	struct client_target *all; /* in the order in which they were named */
	size_t count, room;
};

/*
 * Appends what an operand names; `tasks`: also JOB/TASK. Of a range those that there are. Ends the
 * process if there is none.
 */
void client_targets_add(struct client_targets *, struct control_client *, const char *operand,
			bool tasks);
/* Appends all that are so. There may be none. */
enum client_which { WHICH_ANY, WHICH_OPEN, WHICH_ENDED, WHICH_OK, WHICH_FAILED };
void client_targets_add_all(struct client_targets *, struct control_client *, enum client_which);
void client_targets_free(struct client_targets *);

#endif
