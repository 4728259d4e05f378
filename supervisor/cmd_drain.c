/* SPDX-License-Identifier: ISC */
/* cmd_drain: `stint drain`: has the daemon take no more jobs; those there are run. In the client. */
#include "supervisor/client_change.h"
#include "supervisor/commands.h"

int
cmd_drain(int argc, char **argv)
{
	static const struct change change = {.request = "drain",
					     .users = FOR_PLAIN_CLIENT,
					     .operands = CHANGE_NONE,
					     .usage = "stint drain [options]"};

	return client_change(&change, argc, argv);
}
