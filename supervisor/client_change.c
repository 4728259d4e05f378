/* SPDX-License-Identifier: ISC */
/* client_change: see client_change.h. In the client. */
#include "supervisor/client_change.h"

#include <err.h>

#include "supervisor/supervisor.h"

static int
ask(struct control_client *client, const struct change *change,
    const struct client_options *options, const char *operand)
{
	const char *task = NULL;
	uint64_t job = 0;

	if (operand != NULL) {
		job = change->operands == CHANGE_TASKS ? control_client_task(client, operand, &task)
						       : control_client_job(client, operand);
	}
	control_client_begin(client, change->request);
	if (operand != NULL) {
		control_client_uint(client, "job", job);
	}
	if (task != NULL) {
		control_client_string(client, "task", span_of(task));
	}
	if (change->put != NULL) {
		change->put(client, options);
	}
	return control_client_ask(client);
}

int
client_change(const struct change *change, int argc, char **argv)
{
	struct command_line line = {.first = 0};
	struct control_client client;
	int worst = EXIT_ALL_OK;

	client_options_parse(&line, argc, argv, change->users, change->usage);
	if (change->operands == CHANGE_NONE && argc > line.first) {
		errx(EXIT_USAGE, "takes no operand; usage: %s", change->usage);
	}
	if (change->operands <= CHANGE_TASKS && argc == line.first) {
		errx(EXIT_USAGE, "which job? usage: %s", change->usage);
	}
	control_client_open(&client, &line.client, change->starts);
	if (argc == line.first) {
		worst = ask(&client, change, &line.client, NULL);
	}
	for (int i = line.first; i < argc; i++) {
		int status = ask(&client, change, &line.client, argv[i]);

		worst = status > worst ? status : worst;
	}
	if (change->ends && worst == EXIT_ALL_OK) {
		control_client_wait_gone(&client);
	}
	return control_client_finish(&client, worst);
}
