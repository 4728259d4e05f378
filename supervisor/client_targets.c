/* SPDX-License-Identifier: ISC */
/* client_targets: see client_targets.h. In the client. */
#include "supervisor/client_targets.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "supervisor/options_value.h"
#include "supervisor/supervisor.h"

static void
append(struct client_targets *targets, uint64_t job, const char *task)
{
	if (targets->count == targets->room) {
		targets->room = targets->room * 2 + 16;
		targets->all = reallocarray(targets->all, targets->room, sizeof(targets->all[0]));
		if (targets->all == NULL) {
			err(EXIT_SYSTEM, "jobs");
		}
	}
	targets->all[targets->count++] = (struct client_target){job, task};
}

/* FIRST-LAST, both numbers. */
static bool
is_range(const char *operand, uint64_t *first, uint64_t *last)
{
	const char *dash = strchr(operand, '-');

	return dash != NULL &&
	       control_client_number((struct span){operand, (size_t)(dash - operand)}, first) &&
	       control_client_number(span_of(dash + 1), last);
}

static bool
is_so(struct span job, enum client_which which)
{
	static const char *const outcomes[] = {
	    [WHICH_OK] = "\"ok\"", [WHICH_FAILED] = "\"failed\""};
	bool ended = span_is(json_member(job, "state"), "\"ended\"");

	return which == WHICH_ANY || (which == WHICH_OPEN && !ended) ||
	       (which == WHICH_ENDED && ended) ||
	       (which >= WHICH_OK && span_is(json_member(job, "outcome"), outcomes[which]));
}

/* Of all jobs, those from `first` to `last` that are so. */
static void
append_listed(struct client_targets *targets, struct control_client *client, uint64_t first,
	      uint64_t last, enum client_which which)
{
	struct control_answer answer;
	int status;

	control_client_begin(client, "jobs");
	control_client_send(client);
	for (;;) {
		struct span value;
		uint64_t job;

		control_client_receive(client, &answer, &status);
		if (answer.kind == ANSWER_ERROR) {
			exit(status);
		}
		if (answer.kind == ANSWER_DONE) {
			return;
		}
		if (control_answer_member(&answer, "value", &value) &&
		    json_value_uint(json_member(value, "job"), &job) && job >= first &&
		    job <= last && is_so(value, which)) {
			append(targets, job, NULL);
		}
	}
}

static void
append_range(struct client_targets *targets, struct control_client *client, const char *operand,
	     uint64_t first, uint64_t last)
{
	size_t before = targets->count;

	if (first > last) {
		errx(EXIT_USAGE, "%s: ends before it begins", options_shown(operand));
	}
	append_listed(targets, client, first, last, WHICH_ANY);
	if (targets->count == before) {
		errx(EXIT_USAGE, "%s: there are no such jobs; `stint jobs` lists those there are",
		     options_shown(operand));
	}
}

void
client_targets_add(struct client_targets *targets, struct control_client *client,
		   const char *operand, bool tasks)
{
	const char *task = NULL;
	uint64_t first, last, job;

	if (is_range(operand, &first, &last)) {
		append_range(targets, client, operand, first, last);
		return;
	}
	job = tasks ? control_client_task(client, operand, &task)
		    : control_client_job(client, operand);
	append(targets, job, task);
}

void
client_targets_add_all(struct client_targets *targets, struct control_client *client,
		       enum client_which which)
{
	append_listed(targets, client, 0, UINT64_MAX, which);
}

void
client_targets_free(struct client_targets *targets)
{
	free(targets->all);
	*targets = (struct client_targets){.count = 0};
}
