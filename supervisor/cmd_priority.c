/* SPDX-License-Identifier: ISC */
/* cmd_priority: `stint priority`: which job of the daemon goes first, and its share. In the client. */
#include <err.h>
#include <string.h>

#include "supervisor/commands.h"
#include "supervisor/control_client.h"
#include "supervisor/options.h"
#include "supervisor/supervisor.h"

#define USAGE "stint priority [options] JOB [P]"

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

int
cmd_priority(int argc, char **argv)
{
	const char *value = take_negative(&argc, argv);
	struct command_line line = {.first = 0};
	struct control_client client;
	int count, priority = 0;
	uint64_t job;

	client_options_parse(&line, argc, argv, FOR_PRIORITY, USAGE);
	count = argc - line.first;
	if (value == NULL && count == 2) {
		value = argv[--argc];
		count--;
	}
	if (count != 1) {
		errx(EXIT_USAGE, "%s; usage: " USAGE,
		     count == 0 ? "of which job?" : "one job, and its priority");
	}
	if (value == NULL && line.client.weight == 0) {
		errx(EXIT_USAGE, "which priority? usage: " USAGE);
	}
	if (value != NULL) {
		priority = client_options_priority("P", value);
	}
	control_client_open(&client, &line.client, true);
	job = control_client_job(&client, argv[line.first]);
	control_client_begin(&client, "set");
	control_client_uint(&client, "job", job);
	if (value != NULL) {
		control_client_int(&client, "priority", priority);
	}
	if (line.client.weight != 0) {
		control_client_uint(&client, "weight", line.client.weight);
	}
	return control_client_finish(&client, control_client_ask(&client));
}
