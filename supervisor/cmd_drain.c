/* SPDX-License-Identifier: ISC */
/* cmd_drain: `stint drain`: has the daemon take no more jobs, or start no more of some. In the client. */
#include "supervisor/client_change.h"
#include "supervisor/commands.h"

int
cmd_drain(int argc, char **argv)
{
	static const struct change change = {.request = "drain",
					     .users = FOR_PLAIN_CLIENT,
					     .operands = CHANGE_ANY,
					     .usage = "stint drain [options] [JOB...]"};

	return client_change(&change, argc, argv);
}
