/* SPDX-License-Identifier: ISC */
/* client_change: what the commands share that change jobs of the daemon. In the client. */
#ifndef SUPERVISOR_CLIENT_CHANGE_H
#define SUPERVISOR_CLIENT_CHANGE_H

#include "supervisor/client_targets.h"
#include "supervisor/control_client.h"
#include "supervisor/options.h"

/* Which operands a command takes. */
enum change_operands {
	CHANGE_JOBS,  /* one or more */
	CHANGE_TASKS, /* one or more, each JOB or JOB/TASK */
	CHANGE_ANY,   /* none (the whole queue), or more */
	CHANGE_NONE
};

struct change {
	const char *request; /* its type */
	enum option_users users;
	enum change_operands operands;
	bool starts;           /* a daemon may be started for it: without one it has no effect */
	enum client_which all; /* what --all means, where it is an option */
	bool ends;             /* the daemon ends, which is waited for */
	const char *usage;
	/* Appends members of its own; may be NULL. */
	void (*put)(struct control_client *, const struct client_options *);
};

/*
 * A request for each target, and its answer; goes on after one that failed. The highest exit status;
 * what was wrong was said.
 */
int client_change_all(struct control_client *, const struct change *, const struct client_options *,
		      const struct client_targets *);

/* The whole of such a command. Nothing is changed if an operand names no job. */
int client_change(const struct change *, int argc, char **argv);

#endif
