/* SPDX-License-Identifier: ISC */
/* cmd_ping: `stint ping`: asks whether the daemon is there. In the client. */
#include "supervisor/client_change.h"
#include "supervisor/commands.h"

int
cmd_ping(int argc, char **argv)
{
	static const struct change change = {.request = "ping",
					     .users = FOR_PLAIN_CLIENT,
					     .operands = CHANGE_NONE,
					     .usage = "stint ping [options]"};

	return client_change(&change, argc, argv);
}
