/* SPDX-License-Identifier: ISC */
/*
 * sink_results: the results file, one JSON record a line, appended as tasks end; the journal of
 * the run, from which --resume goes on. A record that cannot be written ends the run. In the
 * supervisor.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/line_file.h"
#include "supervisor/resume.h"
#include "supervisor/sink.h"

struct results {
	struct line_file file;
	struct resume *resume; /* NULL: the file began empty */
};

/* Takes in what the file holds, and heals its end. */
static bool
go_on(struct results *results, struct text *error)
{
	struct line_file *file = &results->file;
	uint64_t end;
	bool unended;

	if (!resume_read(results->resume, file->fd, file->path, &end, &unended, error) ||
	    !line_file_cut(file, end, error)) {
		return false;
	}
	if (unended) {
		text_char(&file->buffer, '\n');
	}
	return !unended || line_file_flush(file, error);
}

static bool
open_results(const struct run_options *options, void **sink, struct text *error)
{
	struct results *results;
	bool good;

	*sink = NULL;
	if (options->results == NULL) {
		return true;
	}
	results = calloc(1, sizeof(*results));
	if (results == NULL) {
		err(3, "results");
	}
	results->resume = options->done;
	good = line_file_open(&results->file, options->results, options->sync,
			      results->resume == NULL ? LINE_FILE_EMPTY : LINE_FILE_APPEND, error);
	results->file.hint = "when it can be written again, --resume goes on from what is there";
	if (good && results->resume != NULL && !go_on(results, error)) {
		line_file_close(&results->file, NULL);
		good = false;
	}
	if (!good) {
		free(results);
		return false;
	}
	*sink = results;
	return true;
}

static void
record(void *sink, const struct finished *finished)
{
	struct results *results = sink;

	finished_encode(finished, &results->file.buffer);
	if (results->resume != NULL) {
		resume_replaced(results->resume, finished->task);
	}
}

static bool
flush(void *sink, struct text *error)
{
	struct results *results = sink;

	return line_file_flush(&results->file, error);
}

static bool
close_results(void *sink, struct text *error)
{
	struct results *results = sink;
	struct line_file *file = &results->file;
	bool good = line_file_finish(file, error);

	if (good && results->resume != NULL) {
		good = resume_compact(results->resume, file->fd, file->path, error);
	}
	good = line_file_close(file, good ? error : NULL) && good;
	free(results);
	return good;
}

const struct sink_ops sink_results = {
    .name = "results",
    .open = open_results,
    .record = record,
    .flush = flush,
    .close = close_results,
};
