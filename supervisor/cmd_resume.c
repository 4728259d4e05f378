/* SPDX-License-Identifier: ISC */
/* cmd_resume: `stint resume`: lets jobs of the daemon begin or go on, or all of it. In the client. */
#include "supervisor/client_change.h"
#include "supervisor/commands.h"

int
cmd_resume(int argc, char **argv)
{
	static const struct change change = {.request = "resume",
					     .users = FOR_RESUME,
					     .operands = CHANGE_ANY,
					     .starts = true,
					     .usage = "stint resume [options] [JOB...]"};

	return client_change(&change, argc, argv);
}
