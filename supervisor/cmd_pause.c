/* SPDX-License-Identifier: ISC */
/* cmd_pause: `stint pause`: has the daemon start nothing more, of jobs or at all. In the client. */
#include "supervisor/client_change.h"
#include "supervisor/commands.h"

int
cmd_pause(int argc, char **argv)
{
	static const struct change change = {.request = "pause",
					     .users = FOR_PLAIN_CLIENT,
					     .operands = CHANGE_ANY,
					     .usage = "stint pause [options] [JOB...]"};

	return client_change(&change, argc, argv);
}
