/* SPDX-License-Identifier: ISC */
/* cmd_retry: `stint retry`: has jobs of the daemon run again. In the client. */
#include "supervisor/client_change.h"
#include "supervisor/commands.h"

static void
put(struct control_client *client, const struct client_options *options)
{
	if (options->failed) {
		control_client_true(client, "failed");
	}
}

int
cmd_retry(int argc, char **argv)
{
	static const struct change change = {.request = "retry",
					     .users = FOR_RETRY,
					     .operands = CHANGE_JOBS,
					     .starts = true,
					     .all = WHICH_FAILED,
					     .put = put,
					     .usage = "stint retry [options] JOB... | --all"};

	return client_change(&change, argc, argv);
}
