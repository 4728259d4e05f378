/* SPDX-License-Identifier: ISC */
/*
 * sink_recorder: keeps the records for a report that is made when the run has ended; whoever wants
 * it owns them, see run_recorder.h. In the supervisor.
 */
#include <err.h>
#include <stdlib.h>

#include "supervisor/recorded_run.h"
#include "supervisor/sink.h"

struct recorder {
	struct recorded_run *run; /* of the options */
	struct text line;
};

static bool
open_recorder(const struct run_options *options, void **sink, struct text *error)
{
	struct recorder *recorder;

	(void)error;
	*sink = NULL;
	if (options->recorder == NULL) {
		return true;
	}
	recorder = calloc(1, sizeof(*recorder));
	if (recorder == NULL) {
		err(3, "recorder");
	}
	recorder->run = options->recorder;
	*sink = recorder;
	return true;
}

static void
record(void *sink, const struct finished *finished)
{
	struct recorder *recorder = sink;

	text_clear(&recorder->line);
	finished_encode(finished, &recorder->line);
	recorded_run_add(recorder->run, (struct span){recorder->line.data, recorder->line.len - 1});
}

static bool
close_recorder(void *sink, struct text *error)
{
	struct recorder *recorder = sink;

	(void)error;
	text_free(&recorder->line);
	free(recorder);
	return true;
}

const struct sink_ops sink_recorder = {
    .name = "recorder",
    .open = open_recorder,
    .record = record,
    .close = close_recorder,
};
