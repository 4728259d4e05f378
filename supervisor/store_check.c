/* SPDX-License-Identifier: ISC */
/*
 * store_check: whether the database is whole, as SQLite sees it and as we do: see store.h. In
 * `stintd --check`, without a daemon. Nothing is written, not even what the log has is moved.
 */
#include <string.h>

#include "supervisor/store_schema.h"
#include "supervisor/store_statements.h"

#define FINDS_MOST 20 /* more of them tell nobody more */

/* What is looked through, each statement's ?1 and ?2 being the keys of a job's pieces. */
enum { JOBS, SOURCES_OF, CHUNKS_OF, ALL_SOURCES, ALL_CHUNKS, QUERIES };

static const char jobs_query[] =
    "SELECT number, whole, bytes, ok + failed + timeout + crashed + poisoned + cancelled + skipped"
    " + interrupted, result_bytes, phase, outcome FROM jobs"
    " UNION ALL SELECT number, -1, 0, 0, 0, 0, 0 FROM removed";

static const char *const queries[QUERIES] = {
    [JOBS] = jobs_query,
    [SOURCES_OF] = "SELECT key, length(data) FROM sources WHERE key BETWEEN ?1 AND ?2 ORDER BY key",
    [CHUNKS_OF] = "SELECT key, count, data FROM chunks WHERE key BETWEEN ?1 AND ?2 ORDER BY key",
    [ALL_SOURCES] = "SELECT count(*) FROM sources",
    [ALL_CHUNKS] = "SELECT count(*) FROM chunks",
};

struct check {
	struct store_database database;
	sqlite3_stmt *statements[QUERIES];
	struct text *report;
	unsigned finds;
	int64_t jobs, open_jobs, sources, chunks, records;
};

/* A line of the report. */
static void
find(struct check *check, const char *what, int64_t number, int64_t is, int64_t should)
{
	if (check->finds++ < FINDS_MOST) {
		text_printf(check->report, "%s: job %jd: ", check->database.files.path,
			    (intmax_t)number);
		text_string(check->report, what);
		text_printf(check->report, ": %jd, not %jd\n", (intmax_t)is, (intmax_t)should);
	}
}

static void
find_fault(struct check *check, const char *why)
{
	check->finds++;
	text_printf(check->report, "%s: %s\n", check->database.files.path, why);
}

static int64_t
count_records(sqlite3_stmt *row)
{
	const char *at = sqlite3_column_blob(row, 2);
	const char *end = at + sqlite3_column_bytes(row, 2);
	int64_t count = 0;

	if (at == end || end[-1] != '\n') {
		return -1;
	}
	while (at < end) {
		at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
		count++;
	}
	return count;
}

/* The pieces of a job, one behind the other; true if all could be read. */
static bool
walk(struct check *check, int which, int64_t number, int64_t *pieces, int64_t *records,
     int64_t *bytes)
{
	sqlite3_stmt *statement = check->statements[which];
	int64_t first = store_key((uint64_t)number), expected = 0, counted;
	int code;

	sqlite3_reset(statement);
	sqlite3_bind_int64(statement, 1, first);
	sqlite3_bind_int64(statement, 2, store_key((uint64_t)number + 1) - 1);
	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		++*pieces;
		if (records != NULL && sqlite3_column_int64(statement, 0) - first != expected) {
			find(check, "a piece is missing, the next has the number", number,
			     sqlite3_column_int64(statement, 0) - first, expected);
			expected = sqlite3_column_int64(statement, 0) - first;
		}
		expected++;
		if (which == SOURCES_OF) {
			*bytes += sqlite3_column_int64(statement, 1);
			continue;
		}
		counted = count_records(statement);
		*bytes += sqlite3_column_bytes(statement, 2);
		if (records != NULL && counted != sqlite3_column_int64(statement, 1)) {
			find(check, "a batch of records has lines", number, counted,
			     sqlite3_column_int64(statement, 1));
		}
		*(records == NULL ? &counted : records) += counted;
	}
	sqlite3_reset(statement);
	if (code != SQLITE_DONE) {
		find_fault(check, sqlite3_errmsg(check->database.db));
	}
	return code == SQLITE_DONE;
}

/* Of one that was removed, or is not whole, what is there is only counted. */
static bool
check_job(struct check *check, sqlite3_stmt *row)
{
	int64_t number = sqlite3_column_int64(row, 0), bytes = 0, result_bytes = 0, records = 0;
	bool whole = sqlite3_column_int64(row, 1) == 1;
	int64_t *counted = whole ? &records : NULL;

	if (!walk(check, SOURCES_OF, number, &check->sources, counted, &bytes) ||
	    !walk(check, CHUNKS_OF, number, &check->chunks, counted, &result_bytes)) {
		return false;
	}
	if (!whole) {
		return true;
	}
	check->jobs++;
	check->open_jobs += sqlite3_column_int64(row, 5) != JOB_ENDED;
	check->records += records;
	if (bytes != sqlite3_column_int64(row, 2)) {
		find(check, "what it is made of has bytes", number, bytes,
		     sqlite3_column_int64(row, 2));
	}
	if (records < sqlite3_column_int64(row, 3)) {
		find(check, "it has fewer records than it counts", number, records,
		     sqlite3_column_int64(row, 3));
	}
	if (result_bytes < sqlite3_column_int64(row, 4)) {
		find(check, "its records have fewer bytes than it counts", number, result_bytes,
		     sqlite3_column_int64(row, 4));
	}
	if (sqlite3_column_int64(row, 5) < JOB_HELD || sqlite3_column_int64(row, 5) > JOB_ENDED) {
		find(check, "there is no such phase", number, sqlite3_column_int64(row, 5),
		     JOB_ENDED);
	}
	if (sqlite3_column_int64(row, 6) < JOB_OPEN ||
	    sqlite3_column_int64(row, 6) > JOB_CANCELLED) {
		find(check, "there is no such outcome", number, sqlite3_column_int64(row, 6),
		     JOB_CANCELLED);
	}
	return true;
}

/* Pieces that belong to no job. */
static void
check_strays(struct check *check, int which, int64_t seen, const char *what)
{
	sqlite3_stmt *statement = check->statements[which];

	if (sqlite3_step(statement) != SQLITE_ROW) {
		find_fault(check, sqlite3_errmsg(check->database.db));
	} else if (sqlite3_column_int64(statement, 0) != seen) {
		find_fault(check, what);
	}
	sqlite3_reset(statement);
}

static void
check_ours(struct check *check)
{
	sqlite3 *db = check->database.db;
	sqlite3_stmt *jobs;
	int code = SQLITE_ROW;

	for (int i = 0; i < QUERIES; i++) {
		if (sqlite3_prepare_v2(db, queries[i], -1, &check->statements[i], NULL) !=
		    SQLITE_OK) {
			find_fault(check, sqlite3_errmsg(db));
			return;
		}
	}
	jobs = check->statements[JOBS];
	while ((code = sqlite3_step(jobs)) == SQLITE_ROW) {
		if (!check_job(check, jobs)) {
			return;
		}
	}
	if (code != SQLITE_DONE) {
		find_fault(check, sqlite3_errmsg(db));
		return;
	}
	check_strays(check, ALL_SOURCES, check->sources, "pieces of sources belong to no job");
	check_strays(check, ALL_CHUNKS, check->chunks, "batches of records belong to no job");
}

/* True: SQLite finds nothing wrong, ours makes sense. */
static bool
check_integrity(struct check *check)
{
	sqlite3_stmt *statement = NULL;
	bool good = false;
	int code = SQLITE_ERROR;

	if (sqlite3_prepare_v2(check->database.db, "PRAGMA integrity_check(20)", -1, &statement,
			       NULL) == SQLITE_OK) {
		while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
			const char *line = (const char *)sqlite3_column_text(statement, 0);

			good = line != NULL && strcmp(line, "ok") == 0;
			if (!good) {
				find_fault(check, line == NULL ? "no memory" : line);
			}
		}
	}
	if (code != SQLITE_DONE) {
		find_fault(check, sqlite3_errmsg(check->database.db));
	}
	sqlite3_finalize(statement);
	return good && code == SQLITE_DONE;
}

static void
check_all(struct check *check)
{
	int version, last = store_migrations[store_migration_count - 1].version;
	struct text why = TEXT_INIT;

	if (!store_database_connect(&check->database, &why) ||
	    sqlite3_exec(check->database.db, "PRAGMA query_only = ON", NULL, NULL, NULL) !=
		SQLITE_OK ||
	    !store_schema_look(check->database.db, last, &version, &why)) {
		text_terminate(&why);
		find_fault(check, why.data);
	} else if (check_integrity(check) && version == last) {
		check_ours(check);
	}
	text_free(&why);
}

bool
store_check(const char *directory, struct text *report)
{
	struct check check = {.report = report};
	struct store_files *files = &check.database.files;

	if (!store_files_open(files, directory, 0, report)) {
		text_char(report, '\n');
		return false;
	}
	if (!files->exists) {
		text_printf(report, "%s: there is no database yet\n", files->path);
		store_files_close(files);
		return true;
	}
	check_all(&check);
	if (check.finds == 0) {
		text_printf(report, "%s: whole: %jd jobs, %jd of them not ended, %jd records\n",
			    files->path, (intmax_t)check.jobs, (intmax_t)check.open_jobs,
			    (intmax_t)check.records);
	} else if (check.finds > FINDS_MOST) {
		text_printf(report, "%s: and %u more\n", files->path, check.finds - FINDS_MOST);
	}
	for (int i = 0; i < QUERIES; i++) {
		sqlite3_finalize(check.statements[i]);
	}
	store_database_close(&check.database, false);
	return check.finds == 0;
}
