/* SPDX-License-Identifier: ISC */
/* store_reading: see store_reading.h. In the store's process. */
#include "supervisor/store_reading.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/fds.h"
#include "supervisor/store_schema.h"

#define PIECE_COST 256 /* of the budget, beside its bytes */

struct store_reading *
store_reading_new(const struct store_head *request, struct span task)
{
	struct store_reading *reading = calloc(1, sizeof(*reading));

	if (reading == NULL) {
		err(3, "store");
	}
	reading->request = *request;
	reading->answer.fd = -1;
	reading->key = store_key(request->number);
	if (request->message == STORE_GET_RECORD) {
		reading->key = store_key(request->number + 1) - 1;
		text_string(&reading->task, "\n{\"id\":\"");
		text_span(&reading->task, task);
		text_char(&reading->task, '"');
	}
	return reading;
}

void
store_reading_free(struct store_reading *reading)
{
	fds_close(&reading->answer.fd);
	text_free(&reading->task);
	free(reading);
}

/* The last line among them that begins so (behind a newline, but for the first); empty: none. */
static struct span
last_line(struct span lines, struct span begins)
{
	struct span found = SPAN_EMPTY, without = {begins.at + 1, begins.len - 1};
	const char *at = lines.at, *end = lines.at + lines.len, *newline;

	if (lines.len >= without.len && memcmp(at, without.at, without.len) == 0) {
		found.at = at;
	}
	while ((at = memmem(at, (size_t)(end - at), begins.at, begins.len)) != NULL) {
		found.at = ++at;
	}
	if (found.at != NULL) {
		newline = memchr(found.at, '\n', (size_t)(end - found.at));
		found.len = (size_t)((newline == NULL ? end : newline + 1) - found.at);
	}
	return found;
}

/* At each step: it may have been removed meanwhile, and half of it is no answer. */
static enum store_progress
ready(struct store_reading *reading, struct store_database *database, struct text *error)
{
	enum store_verdict verdict = store_database_has(database, reading->request.number, error);

	if (verdict != STORE_OK) {
		return verdict == STORE_NO ? STORE_UNREADABLE : STORE_READ_FAULT;
	}
	if (reading->answer.fd < 0 && !store_answer_begin(&reading->answer)) {
		text_printf(error, "no file for the answer: %s", strerror(errno));
		return STORE_UNREADABLE;
	}
	return STORE_MORE_TO_READ;
}

/* What of a piece belongs to the answer; *enough: nothing more does. */
static struct span
wanted(const struct store_reading *reading, struct span piece, bool *enough)
{
	struct span line;

	if (reading->request.message != STORE_GET_RECORD) {
		return piece;
	}
	line = last_line(piece, (struct span){reading->task.data, reading->task.len});
	*enough = line.len > 0;
	return line;
}

enum store_progress
store_reading_step(struct store_reading *reading, struct store_database *database, size_t *budget,
		   struct text *error)
{
	const struct store_head *request = &reading->request;
	enum store_reading_of what = request->message == STORE_GET_SOURCE ? STORE_SOURCES
				     : request->message == STORE_GET_RESULTS
					 ? STORE_CHUNKS
					 : STORE_CHUNKS_BACKWARDS;
	enum store_progress progress = ready(reading, database, error);
	bool enough = false;
	struct span piece;

	while (progress == STORE_MORE_TO_READ && *budget > 0) {
		if (store_database_piece(database, what, request->number, &reading->key, &piece,
					 error) != STORE_OK) {
			progress = STORE_READ_FAULT;
			break;
		}
		*budget -= *budget < piece.len + PIECE_COST ? *budget : piece.len + PIECE_COST;
		enough = piece.at == NULL;
		if (piece.at != NULL) {
			piece = wanted(reading, piece, &enough);
		}
		if (!store_answer_write(&reading->answer, database->files.directory, piece) ||
		    (enough && !store_answer_end(&reading->answer))) {
			text_printf(error, "no room for the answer: %s", strerror(errno));
			progress = STORE_UNREADABLE;
		} else if (enough) {
			progress = STORE_READ;
		}
	}
	store_database_rest(database);
	return progress;
}
