/* SPDX-License-Identifier: ISC */
/* store_writes: what is written to the database, and read when it is opened: see store_database.h. */
#include <stdlib.h>
#include <string.h>

#include "supervisor/store_schema.h"
#include "supervisor/store_statements.h"

#define LAST_KEY(number) (store_key((number) + 1) - 1)

static enum store_verdict
no_job(struct text *error, uint64_t number)
{
	text_printf(error, "there is no job %ju", (uintmax_t)number);
	return STORE_NO;
}

/* ?1 and ?2: the keys that a job's pieces can have. */
static struct sqlite3_stmt *
bind_pieces(struct store_database *store, enum store_statement which, uint64_t number)
{
	return store_bind(store, which, 2, (int64_t[]){store_key(number), LAST_KEY(number)});
}

/* ---- pieces ----------------------------------------------------------------------------------- */

static enum store_statement
delete_of(enum store_statement insert)
{
	return insert == STORE_SQL_insert_chunk ? STORE_SQL_delete_chunks
						: STORE_SQL_delete_sources;
}

static enum store_verdict
insert_piece(struct store_database *store, enum store_statement which, uint64_t number,
	     struct span bytes, unsigned count, struct text *error)
{
	struct sqlite3_stmt *statement = bind_pieces(store, which, number);
	enum store_verdict verdict;

	sqlite3_bind_blob64(statement, 3, bytes.len == 0 ? "" : bytes.at, bytes.len, SQLITE_STATIC);
	if (which == STORE_SQL_insert_chunk) {
		sqlite3_bind_int64(statement, 4, count);
	}
	verdict = store_run(store, which, error);
	if (verdict == STORE_OK && sqlite3_last_insert_rowid(store->db) > LAST_KEY(number)) {
		/* It lies among those of the next job. */
		store_bind(store, delete_of(which), 2,
			   (int64_t[]){LAST_KEY(number) + 1, LAST_KEY(number) + 1});
		verdict = store_run(store, delete_of(which), error);
		text_printf(error, "job %ju has too many pieces", (uintmax_t)number);
		return verdict == STORE_OK ? STORE_NO : verdict;
	}
	return verdict;
}

static enum store_verdict
insert_source(struct store_database *store, uint64_t number, struct span piece, struct text *error)
{
	return piece.len == 0
		   ? STORE_OK
		   : insert_piece(store, STORE_SQL_insert_source, number, piece, 0, error);
}

/* ---- jobs ------------------------------------------------------------------------------------- */

static void
bind_string(struct sqlite3_stmt *statement, int place, const char *string)
{
	if (string == NULL) {
		sqlite3_bind_null(statement, place);
	} else {
		sqlite3_bind_text(statement, place, string, -1, SQLITE_STATIC);
	}
}

static struct sqlite3_stmt *
bind_job(struct store_database *store, enum store_statement which, const struct store_job *job)
{
	const int64_t values[] = {
	    (int64_t)job->number, job->phase, job->outcome,      job->paused,   job->priority,
	    job->weight,          0,          job->submitted_us, job->began_us, job->ended_us,
	    (int64_t)job->total,
	};
	const int before = sizeof(values) / sizeof(values[0]);
	struct sqlite3_stmt *statement = store_bind(store, which, before, values);

	bind_string(statement, 7, job->reason);
	for (int i = 0; i < STATUSES; i++) {
		sqlite3_bind_int64(statement, before + 1 + i, (int64_t)job->by_status[i]);
	}
	sqlite3_bind_int64(statement, before + STATUSES + 1, job->wall_us);
	sqlite3_bind_int64(statement, before + STATUSES + 2, job->cpu_us);
	sqlite3_bind_int64(statement, before + STATUSES + 3, (int64_t)job->result_bytes);
	sqlite3_bind_int64(statement, before + STATUSES + 4, (int64_t)job->round_bytes);
	sqlite3_bind_int(statement, before + STATUSES + 5, job->round_all);
	bind_string(statement, before + STATUSES + 6, job->name);
	sqlite3_bind_int(statement, before + STATUSES + 7, (int)job->fault);
	return statement;
}

enum store_verdict
store_database_submit(struct store_database *store, const struct store_job *job, struct span piece,
		      bool last, struct text *error)
{
	struct sqlite3_stmt *statement;
	struct text after = TEXT_INIT;
	enum store_verdict verdict;

	if (job->number == 0 || job->number >= STORE_MOST_NUMBER) {
		text_printf(error, "no job can have the number %ju", (uintmax_t)job->number);
		return STORE_NO;
	}
	statement = bind_job(store, STORE_SQL_insert_job, job);
	for (size_t i = 0; i < job->after_count; i++) {
		text_printf(&after, "%s%ju", i == 0 ? "" : ",", (uintmax_t)job->after[i]);
	}
	sqlite3_bind_int(statement, 27, job->after_any);
	if (after.len == 0) {
		sqlite3_bind_null(statement, 28);
	} else {
		sqlite3_bind_text64(statement, 28, after.data, after.len, SQLITE_STATIC,
				    SQLITE_UTF8);
	}
	bind_string(statement, 29, job->file);
	bind_string(statement, 30, job->directory);
	sqlite3_bind_int(statement, 31, last);
	sqlite3_bind_int64(statement, 32, (int64_t)piece.len);
	verdict = store_run(store, STORE_SQL_insert_job, error);
	text_free(&after);
	return verdict == STORE_OK ? insert_source(store, job->number, piece, error) : verdict;
}

/* Whether the job is whole; -1: there is none. */
static enum store_verdict
ask_whole(struct store_database *store, uint64_t number, int64_t *whole, struct text *error)
{
	store_bind(store, STORE_SQL_job_is_whole, 1, (int64_t[]){(int64_t)number});
	return store_ask(store, STORE_SQL_job_is_whole, -1, whole, error);
}

enum store_verdict
store_database_has(struct store_database *store, uint64_t number, struct text *error)
{
	int64_t whole;
	enum store_verdict verdict = ask_whole(store, number, &whole, error);

	return verdict == STORE_OK && whole != 1 ? no_job(error, number) : verdict;
}

enum store_verdict
store_database_more(struct store_database *store, uint64_t number, struct span piece, bool last,
		    struct text *error)
{
	int64_t whole;
	enum store_verdict verdict = ask_whole(store, number, &whole, error);

	if (verdict == STORE_OK && whole != 0) {
		text_printf(error, "there is no job %ju that is not whole yet", (uintmax_t)number);
		return STORE_NO;
	}
	if (verdict == STORE_OK) {
		verdict = insert_source(store, number, piece, error);
	}
	if (verdict == STORE_OK && last) {
		store_bind(store, STORE_SQL_make_whole, 3,
			   (int64_t[]){(int64_t)number, store_key(number), LAST_KEY(number)});
		verdict = store_run(store, STORE_SQL_make_whole, error);
	}
	return verdict;
}

enum store_verdict
store_database_remove(struct store_database *store, uint64_t number, struct text *error)
{
	enum store_verdict verdict;

	store_bind(store, STORE_SQL_delete_job, 1, (int64_t[]){(int64_t)number});
	verdict = store_run(store, STORE_SQL_delete_job, error);
	if (verdict == STORE_OK && sqlite3_changes(store->db) == 1) {
		store_bind(store, STORE_SQL_mark_removed, 1, (int64_t[]){(int64_t)number});
		verdict = store_run(store, STORE_SQL_mark_removed, error);
	}
	return verdict;
}

enum store_verdict
store_database_abandon(struct store_database *store, uint64_t number, struct text *error)
{
	int64_t whole;
	enum store_verdict verdict = ask_whole(store, number, &whole, error);

	return verdict == STORE_OK && whole == 0 ? store_database_remove(store, number, error)
						 : verdict;
}

enum store_verdict
store_database_update(struct store_database *store, const struct store_job *job, struct text *error)
{
	enum store_verdict verdict;

	bind_job(store, STORE_SQL_update_job, job);
	verdict = store_run(store, STORE_SQL_update_job, error);
	return verdict == STORE_OK && sqlite3_changes(store->db) == 0 ? no_job(error, job->number)
								      : verdict;
}

enum store_verdict
store_database_results(struct store_database *store, uint64_t number, struct span lines,
		       unsigned count, const struct store_job *job, struct text *error)
{
	enum store_verdict verdict;

	if (job != NULL && job->number == number) {
		verdict = store_database_update(store, job, error);
	} else {
		verdict = store_database_has(store, number, error);
	}
	if (verdict == STORE_OK && lines.len > 0) {
		verdict = insert_piece(store, STORE_SQL_insert_chunk, number, lines, count, error);
	}
	return verdict;
}

/* ---- what is there at the start --------------------------------------------------------------- */

/* "3,7" becomes numbers, the caller's to free. */
static uint64_t *
read_after(const char *text, size_t *count)
{
	uint64_t *after = NULL;
	size_t most = 1;
	char *end;

	*count = 0;
	if (text == NULL) {
		return NULL;
	}
	for (const char *at = text; *at != '\0'; at++) {
		most += *at == ',';
	}
	after = calloc(most, sizeof(*after));
	while (after != NULL && *count < most) {
		after[(*count)++] = strtoull(text, &end, 10);
		text = *end == ',' ? end + 1 : end;
	}
	return after;
}

static void
read_job(struct sqlite3_stmt *row, struct store_job *job)
{
	*job = (struct store_job){
	    .number = (uint64_t)sqlite3_column_int64(row, 0),
	    .phase = (enum job_phase)sqlite3_column_int(row, 1),
	    .outcome = (enum job_outcome)sqlite3_column_int(row, 2),
	    .paused = sqlite3_column_int(row, 3) != 0,
	    .priority = sqlite3_column_int(row, 4),
	    .weight = (unsigned)sqlite3_column_int(row, 5),
	    .reason = (const char *)sqlite3_column_text(row, 6),
	    .submitted_us = sqlite3_column_int64(row, 7),
	    .began_us = sqlite3_column_int64(row, 8),
	    .ended_us = sqlite3_column_int64(row, 9),
	    .total = (uint64_t)sqlite3_column_int64(row, 10),
	    .wall_us = sqlite3_column_int64(row, 11 + STATUSES),
	    .cpu_us = sqlite3_column_int64(row, 12 + STATUSES),
	    .result_bytes = (uint64_t)sqlite3_column_int64(row, 13 + STATUSES),
	    .round_bytes = (uint64_t)sqlite3_column_int64(row, 14 + STATUSES),
	    .round_all = sqlite3_column_int(row, 15 + STATUSES) != 0,
	    .name = (const char *)sqlite3_column_text(row, 16 + STATUSES),
	    .fault = (enum job_fault)sqlite3_column_int(row, 17 + STATUSES),
	    .after_any = sqlite3_column_int(row, 18 + STATUSES) != 0,
	    .file = (const char *)sqlite3_column_text(row, 20 + STATUSES),
	    .directory = (const char *)sqlite3_column_text(row, 21 + STATUSES),
	    .bytes = (uint64_t)sqlite3_column_int64(row, 23 + STATUSES),
	};
	job->after =
	    read_after((const char *)sqlite3_column_text(row, 19 + STATUSES), &job->after_count);
	for (int i = 0; i < STATUSES; i++) {
		job->by_status[i] = (uint64_t)sqlite3_column_int64(row, 11 + i);
	}
}

enum store_verdict
store_database_load(struct store_database *store,
		    bool (*visit)(void *context, const struct store_job *), void *context,
		    struct text *error)
{
	struct sqlite3_stmt *statement = store->statements[STORE_SQL_load_jobs];
	enum store_verdict verdict;
	struct store_job job;
	bool go_on = true;
	int code = SQLITE_ROW;

	while (go_on && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		read_job(statement, &job);
		go_on = visit(context, &job);
		free((void *)(uintptr_t)job.after);
	}
	verdict = store_verdict_of(store, code, error);
	sqlite3_reset(statement);
	return verdict;
}
