/* SPDX-License-Identifier: ISC */
/* cmd_cancel: `stint cancel`: ends jobs of the daemon, or tasks of theirs. In the client. */
#include "supervisor/client_change.h"
#include "supervisor/commands.h"

static void
put(struct control_client *client, const struct client_options *options)
{
	if (options->kill) {
		control_client_true(client, "kill");
	}
}

int
cmd_cancel(int argc, char **argv)
{
	static const struct change change = {.request = "cancel",
					     .users = FOR_CANCEL,
					     .operands = CHANGE_TASKS,
					     .all = WHICH_OPEN,
					     .put = put,
					     .usage =
						 "stint cancel [options] JOB[/TASK]... | --all"};

	return client_change(&change, argc, argv);
}
