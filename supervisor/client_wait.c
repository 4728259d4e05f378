/* SPDX-License-Identifier: ISC */
/* client_wait: see client_wait.h. In the client. */
#include "supervisor/client_wait.h"

#include <err.h>
#include <inttypes.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "supervisor/client_notice.h"
#include "supervisor/supervisor.h"

#define AT_ONCE 32 /* jobs that are asked about; the daemon allows 64 such requests */

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

int
client_wait_for(struct control_client *client, const uint64_t *jobs, size_t count, int64_t us)
{
	int64_t end_us = clock_us() + us;
	size_t asked = 0, ended = 0;
	int worst = EXIT_ALL_OK, status;

	if (isatty(STDERR_FILENO) == 1) {
		client_notice(client);
	}
	while (ended < count) {
		struct control_answer answer;
		int64_t left_us = us < 0 ? -1 : end_us - clock_us();

		if (asked < count && asked - ended < AT_ONCE) {
			control_client_begin(client, "wait");
			control_client_uint(client, "job", jobs[asked++]);
			control_client_send(client);
			continue;
		}
		if (!control_client_wait(client, us < 0 || left_us > 0 ? left_us : 0)) {
			warnx("the time is over, %zu of %zu job%s %s not ended", count - ended,
			      count, count == 1 ? "" : "s", count - ended == 1 ? "has" : "have");
			return EXIT_TIME_OVER;
		}
		control_client_receive(client, &answer, &status);
		if (answer.kind == ANSWER_DATA) {
			continue;
		}
		ended++;
		status = answer.kind == ANSWER_DONE ? take_end(&answer) : status;
		worst = status > worst ? status : worst;
	}
	return worst;
}
