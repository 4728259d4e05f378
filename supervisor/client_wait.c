/* SPDX-License-Identifier: ISC */
/* client_wait: see client_wait.h. In the client. */
#include "supervisor/client_wait.h"

#include <err.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "supervisor/client_notice.h"
#include "supervisor/supervisor.h"

#define AT_ONCE   32 /* jobs that are asked about; the daemon allows 64 such requests */
#define RETURN_US (30 * US_PER_SECOND) /* for a daemon to come back */

/* One has ended: what it ended with. */
static int
take_end(const struct control_answer *answer)
{
	struct text reason = TEXT_INIT;
	uint64_t status = EXIT_SYSTEM, job = 0;
	struct span outcome;

	control_answer_uint(answer, "exit", &status);
	control_answer_uint(answer, "job", &job);
	if (control_answer_string(answer, "reason", &reason)) {
		text_terminate(&reason);
		warnx("job %" PRIu64 ": %s", job, text_printable(reason.data));
	} else if (control_answer_member(answer, "outcome", &outcome) &&
		   span_is(outcome, "\"cancelled\"")) {
		warnx("job %" PRIu64 " was cancelled", job);
	} else if (status != EXIT_ALL_OK) {
		warnx("job %" PRIu64 " did not end ok; `stint status %" PRIu64
		      "` says what failed, "
		      "`stint retry --failed %" PRIu64 "` runs it again",
		      job, job, job);
	}
	text_free(&reason);
	return (int)status;
}

struct waiting {
	struct control_client *client;
	const uint64_t *jobs;
	size_t count;
	bool *over;     /* of each */
	uint64_t first; /* number of the request for jobs[0] */
	size_t next;    /* that is to be asked about */
	size_t open;    /* asked about, and not over */
	size_t ended;
	int64_t end_us; /* INT64_MAX: never */
	int worst;
};

static void
ask_next(struct waiting *waiting)
{
	size_t i = waiting->next++;

	if (!waiting->over[i]) {
		control_client_again(waiting->client, "wait", waiting->first + i);
		control_client_uint(waiting->client, "job", waiting->jobs[i]);
		control_client_try_send(waiting->client); /* if it has gone, that is seen next */
		waiting->open++;
	}
}

static void
take_answer(struct waiting *waiting, const struct control_answer *answer, int status)
{
	uint64_t number;

	if (answer->kind == ANSWER_DATA || !control_answer_uint(answer, "request", &number) ||
	    number - waiting->first >= waiting->count || waiting->over[number - waiting->first]) {
		return;
	}
	waiting->over[number - waiting->first] = true;
	waiting->open--;
	waiting->ended++;
	status = answer->kind == ANSWER_DONE ? take_end(answer) : status;
	waiting->worst = status > waiting->worst ? status : waiting->worst;
}

/* The daemon has gone: the jobs go on in one that comes after it. False: the time is over. */
static bool
come_back(struct waiting *waiting)
{
	struct text error = TEXT_INIT;
	int64_t left_us = waiting->end_us - clock_us();

	warnx("stintd has gone; waiting for one that goes on");
	if (!control_client_reopen(waiting->client, left_us < RETURN_US ? left_us : RETURN_US,
				   &error)) {
		if (left_us < RETURN_US) {
			text_free(&error);
			return false;
		}
		errx(EXIT_SYSTEM, "%s", error.data);
	}
	text_free(&error);
	waiting->next = 0;
	waiting->open = 0;
	return true;
}

/* False: the time is over. */
static bool
wait_on(struct waiting *waiting)
{
	struct control_answer answer;
	int64_t left_us = waiting->end_us - clock_us();
	int status;

	if (waiting->next < waiting->count && waiting->open < AT_ONCE) {
		ask_next(waiting);
		return true;
	}
	if (!control_client_wait(waiting->client, waiting->end_us == INT64_MAX ? -1
						  : left_us > 0                ? left_us
									       : 0)) {
		return false;
	}
	if (!control_client_try_receive(waiting->client, &answer, &status)) {
		return come_back(waiting);
	}
	take_answer(waiting, &answer, status);
	return true;
}

int
client_wait_for(struct control_client *client, const uint64_t *jobs, size_t count, int64_t us)
{
	struct waiting waiting = {
	    .client = client,
	    .jobs = jobs,
	    .count = count,
	    .over = calloc(count + 1, sizeof(bool)),
	    .first = client->last + 1,
	    .end_us = us < 0 ? INT64_MAX : clock_us() + us,
	    .worst = EXIT_ALL_OK,
	};

	if (waiting.over == NULL) {
		err(EXIT_SYSTEM, "jobs");
	}
	client->last += count;
	if (isatty(STDERR_FILENO) == 1) {
		client_notice(client);
	}
	while (waiting.ended < count && wait_on(&waiting)) {
		/* one answer after the other */
	}
	if (waiting.ended < count) {
		size_t left = count - waiting.ended;

		warnx("the time is over, %zu of %zu job%s %s not ended", left, count,
		      count == 1 ? "" : "s", left == 1 ? "has" : "have");
		waiting.worst = EXIT_TIME_OVER;
	}
	free(waiting.over);
	return waiting.worst;
}
