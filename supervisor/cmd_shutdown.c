/* SPDX-License-Identifier: ISC */
/* cmd_shutdown: `stint shutdown`: ends the daemon. In the client. */
#include "supervisor/client_change.h"
#include "supervisor/commands.h"

static void
put(struct control_client *client, const struct client_options *options)
{
	if (options->now) {
		control_client_true(client, "now");
	}
}

int
cmd_shutdown(int argc, char **argv)
{
	static const struct change change = {.request = "shutdown",
					     .users = FOR_SHUTDOWN,
					     .operands = CHANGE_NONE,
					     .ends = true,
					     .put = put,
					     .usage = "stint shutdown [options]"};

	return client_change(&change, argc, argv);
}
