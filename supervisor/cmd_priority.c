/* SPDX-License-Identifier: ISC */
/* cmd_priority: `stint priority`: which jobs of the daemon go first, and their share. In the client. */
#include <err.h>
#include <string.h>

#include "supervisor/client_change.h"
#include "supervisor/commands.h"
#include "supervisor/options.h"
#include "supervisor/supervisor.h"

#define USAGE "stint priority [options] JOB... P"

/* A number below 0 looks like an option: it is taken out of the words. NULL: there is none. */
static const char *
take_negative(int *argc, char **argv)
{
	for (int i = 1; i < *argc && strcmp(argv[i], "--") != 0; i++) {
		const char *word = argv[i];

		if (word[0] == '-' && word[1] != '\0' &&
		    strspn(word + 1, "0123456789") == strlen(word + 1)) {
			for (int k = i; k < *argc; k++) { /* with the NULL behind them */
				argv[k] = argv[k + 1];
			}
			--*argc;
			return word;
		}
	}
	return NULL;
}

static void
put(struct control_client *client, const struct client_options *options)
{
	if (options->sets_priority) {
		control_client_int(client, "priority", options->priority);
	}
	if (options->weight != 0) {
		control_client_uint(client, "weight", options->weight);
	}
}

/* The last operand of several is the priority. Returns how many name jobs. */
static int
take_value(struct client_options *options, const char *value, char **operands, int count)
{
	if (value == NULL && count > 1) {
		value = operands[--count];
	}
	if (count == 0) {
		errx(EXIT_USAGE, "of which job? usage: " USAGE);
	}
	if (value == NULL && options->weight == 0) {
		errx(EXIT_USAGE, "which priority? usage: " USAGE);
	}
	if (value != NULL) {
		options->priority = client_options_priority("P", value);
		options->sets_priority = true;
	}
	return count;
}

int
cmd_priority(int argc, char **argv)
{
	static const struct change change = {.request = "set", .put = put};
	const char *value = take_negative(&argc, argv);
	struct client_targets targets = {.count = 0};
	struct command_line line = {.first = 0};
	struct control_client client;
	int count, status;

	client_options_parse(&line, argc, argv, FOR_PRIORITY, USAGE);
	count = take_value(&line.client, value, argv + line.first, argc - line.first);
	control_client_open(&client, &line.client, false);
	for (int i = 0; i < count; i++) {
		client_targets_add(&targets, &client, argv[line.first + i], false);
	}
	status = client_change_all(&client, &change, &line.client, &targets);
	client_targets_free(&targets);
	return control_client_finish(&client, status);
}
