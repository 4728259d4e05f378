/* SPDX-License-Identifier: ISC */
/*
 * sink_results: the results file, one JSON record a line, appended as tasks end; the journal of
 * the run. A record that cannot be written ends the run. In the supervisor.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/sink.h"

struct results {
	const char *path;
	int fd;
	struct text buffer;
};

static bool
complain(const struct results *results, struct text *error)
{
	text_printf(error, "%s: %s", results->path, strerror(errno));
	return false;
}

static bool
open_results(const struct run_options *options, void **sink, struct text *error)
{
	struct results *results;

	*sink = NULL;
	if (options->results == NULL) {
		return true;
	}
	results = calloc(1, sizeof(*results));
	if (results == NULL) {
		err(3, "results");
	}
	results->path = options->results;
	results->fd = STDOUT_FILENO;
	if (strcmp(options->results, "-") != 0) {
		results->fd =
		    open(options->results, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	}
	if (results->fd < 0) {
		complain(results, error);
		free(results);
		return false;
	}
	*sink = results;
	return true;
}

/* The worker's record between what the supervisor knows. */
static void
record(void *sink, const struct finished *finished)
{
	static const char digits[] = "0123456789abcdef";
	struct results *results = sink;
	struct text *out = &results->buffer;
	struct span name = task_name(finished->task);

	text_string(out, "{\"id\":");
	task_put_id(finished->task, out);
	if (finished->task->text->has_name) {
		text_string(out, ",\"name\":\"");
		text_span(out, name);
		text_char(out, '"');
	}
	text_char(out, ',');
	text_bytes(out, finished->text.at + 1, finished->text.len - 2);
	if (finished->worker >= 0) {
		text_string(out, ",\"attempt\":");
		text_uint(out, finished->task->attempt);
		text_string(out, ",\"worker\":");
		text_uint(out, (uint64_t)finished->worker);
	}
	text_string(out, ",\"hash\":\"");
	for (int shift = 60; shift >= 0; shift -= 4) {
		text_char(out, digits[finished->task->text->hash >> shift & 15]);
	}
	text_string(out, "\"}\n");
}

static bool
flush(void *sink, struct text *error)
{
	struct results *results = sink;
	bool good = fds_write_all(results->fd, results->buffer.data, results->buffer.len) ||
		    complain(results, error);

	text_clear(&results->buffer);
	return good;
}

static bool
close_results(void *sink, struct text *error)
{
	struct results *results = sink;
	bool good = flush(results, error);

	if (results->fd != STDOUT_FILENO && close(results->fd) != 0 && good) {
		good = complain(results, error);
	}
	text_free(&results->buffer);
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
