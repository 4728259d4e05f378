/* SPDX-License-Identifier: ISC */
/* client_change: what the commands share that change jobs of the daemon. In the client. */
#ifndef SUPERVISOR_CLIENT_CHANGE_H
#define SUPERVISOR_CLIENT_CHANGE_H

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
	bool starts; /* a daemon may be started for it */
	bool ends;   /* the daemon ends, which is waited for */
	const char *usage;
	/* Appends members of its own; may be NULL. */
	void (*put)(struct control_client *, const struct client_options *);
};

/* The whole of such a command: a request for each operand. Goes on after one that failed. */
int client_change(const struct change *, int argc, char **argv);

#endif
