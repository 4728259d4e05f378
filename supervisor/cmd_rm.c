/* SPDX-License-Identifier: ISC */
/* cmd_rm: `stint rm`: removes jobs of the daemon that have ended. In the client. */
#include "supervisor/client_change.h"
#include "supervisor/commands.h"

int
cmd_rm(int argc, char **argv)
{
	static const struct change change = {.request = "remove",
					     .users = FOR_RM,
					     .operands = CHANGE_JOBS,
					     .usage = "stint rm [options] JOB... | --ended | --ok"};

	return client_change(&change, argc, argv);
}
