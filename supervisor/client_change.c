/* SPDX-License-Identifier: ISC */
/* client_change: see client_change.h. In the client. */
#include "supervisor/client_change.h"

#include <err.h>

#include "supervisor/supervisor.h"

#define AT_ONCE 32 /* requests under way */

/* `target`: NULL: the whole queue, or the daemon. */
static void
send_request(struct control_client *client, const struct change *change,
	     const struct client_options *options, const struct client_target *target)
{
	control_client_begin(client, change->request);
	if (target != NULL) {
		control_client_uint(client, "job", target->job);
	}
	if (target != NULL && target->task != NULL) {
		control_client_string(client, "task", span_of(target->task));
	}
	if (change->put != NULL) {
		change->put(client, options);
	}
	control_client_send(client);
}

int
client_change_all(struct control_client *client, const struct change *change,
		  const struct client_options *options, const struct client_targets *targets)
{
	int worst = EXIT_ALL_OK, status;
	size_t sent = 0, answered = 0;
	struct control_answer answer;

	while (answered < targets->count) {
		if (sent < targets->count && sent - answered < AT_ONCE) {
			send_request(client, change, options, &targets->all[sent++]);
			continue;
		}
		control_client_receive(client, &answer, &status);
		answered += answer.kind != ANSWER_DATA;
		worst = status > worst ? status : worst;
	}
	return worst;
}

static int
change_queue(struct control_client *client, const struct change *change,
	     const struct client_options *options)
{
	struct control_answer answer;
	int status;

	send_request(client, change, options, NULL);
	do {
		control_client_receive(client, &answer, &status);
	} while (answer.kind == ANSWER_DATA);
	if (change->ends && status == EXIT_ALL_OK) {
		control_client_wait_gone(client);
	}
	return status;
}

/* Which jobs are meant without being named; WHICH_ANY: none are. */
static enum client_which
which_of(const struct change *change, const struct client_options *options)
{
	return options->ended ? WHICH_ENDED
	       : options->ok  ? WHICH_OK
	       : options->all ? change->all
			      : WHICH_ANY;
}

static void
check_operands(const struct change *change, bool all, int count)
{
	if (change->operands == CHANGE_NONE && count > 0) {
		errx(EXIT_USAGE, "takes no operand; usage: %s", change->usage);
	}
	if (all && count > 0) {
		errx(EXIT_USAGE, "jobs, or all that there are of a kind: which of the two?");
	}
	if (change->operands <= CHANGE_TASKS && count == 0 && !all) {
		errx(EXIT_USAGE, "which job? usage: %s", change->usage);
	}
}

int
client_change(const struct change *change, int argc, char **argv)
{
	struct client_targets targets = {.count = 0};
	struct command_line line = {.first = 0};
	struct control_client client;
	enum client_which which;
	int status;

	client_options_parse(&line, argc, argv, change->users, change->usage);
	which = which_of(change, &line.client);
	check_operands(change, which != WHICH_ANY, argc - line.first);
	control_client_open(&client, &line.client, change->starts);
	for (int i = line.first; i < argc; i++) {
		client_targets_add(&targets, &client, argv[i], change->operands == CHANGE_TASKS);
	}
	if (which != WHICH_ANY) {
		client_targets_add_all(&targets, &client, which);
	}
	status = argc == line.first && which == WHICH_ANY
		     ? change_queue(&client, change, &line.client)
		     : client_change_all(&client, change, &line.client, &targets);
	client_targets_free(&targets);
	return control_client_finish(&client, status);
}
