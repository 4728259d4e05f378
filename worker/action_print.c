/* SPDX-License-Identifier: ISC */
/* action_print: a line on stdout, at once. In stint-worker, the loop thread. */
#include <string.h>

#include "worker/capture.h"
#include "worker/worker.h"

static enum progress
start(struct worker *worker, struct run *run, const struct action *action)
{
	struct text line = TEXT_INIT;

	text_string(&line, action->string);
	if (line.len == 0 || line.data[line.len - 1] != '\n') {
		text_char(&line, '\n');
	}
	if (worker->show != SHOW_NONE) {
		reply_output(worker, run, 1, (struct span){line.data, line.len}, false);
	}
	if (worker->record_output) {
		capture_keep(worker, run, 1, (struct span){line.data, line.len});
	}
	text_free(&line);
	return RUN_DONE;
}

const struct action_ops action_print = {.start = start};
