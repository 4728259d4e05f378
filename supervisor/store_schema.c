/* SPDX-License-Identifier: ISC */
/* store_schema: see store_schema.h. In the store's process. */
#include "supervisor/store_schema.h"

#include <sqlite3.h>

#include "supervisor/store.h"

/*
 * Times are us since the epoch, 0: not yet. `after` are numbers with commas between. `removed`: jobs
 * that are gone, but some of whose pieces are still there.
 */
static const char version_1[] =
    "CREATE TABLE jobs (\n"
    "	number INTEGER PRIMARY KEY AUTOINCREMENT,\n" /* never given twice, also after a removal */
    "	whole INTEGER NOT NULL,\n"                   /* all that it is made of is there */
    "	phase INTEGER NOT NULL,\n"
    "	outcome INTEGER NOT NULL,\n"
    "	paused INTEGER NOT NULL,\n"
    "	priority INTEGER NOT NULL,\n"
    "	weight INTEGER NOT NULL,\n"
    "	after_any INTEGER NOT NULL,\n"
    "	after TEXT,\n"
    "	name TEXT,\n"
    "	file TEXT,\n"
    "	directory TEXT,\n"
    "	reason TEXT,\n"
    "	submitted_us INTEGER NOT NULL,\n"
    "	began_us INTEGER NOT NULL,\n"
    "	ended_us INTEGER NOT NULL,\n"
    "	bytes INTEGER NOT NULL,\n"
    "	total INTEGER NOT NULL,\n"
    "	ok INTEGER NOT NULL,\n"
    "	failed INTEGER NOT NULL,\n"
    "	timeout INTEGER NOT NULL,\n"
    "	crashed INTEGER NOT NULL,\n"
    "	poisoned INTEGER NOT NULL,\n"
    "	cancelled INTEGER NOT NULL,\n"
    "	skipped INTEGER NOT NULL,\n"
    "	interrupted INTEGER NOT NULL,\n"
    "	wall_us INTEGER NOT NULL,\n"
    "	cpu_us INTEGER NOT NULL,\n"
    "	result_bytes INTEGER NOT NULL,\n"
    "	round_bytes INTEGER NOT NULL,\n" /* see store.h */
    "	round_all INTEGER NOT NULL\n"
    ");\n"
    "CREATE INDEX unfinished ON jobs (number) WHERE whole = 0;\n"
    "CREATE TABLE sources (key INTEGER PRIMARY KEY, data BLOB NOT NULL);\n"
    "CREATE TABLE chunks (key INTEGER PRIMARY KEY, count INTEGER NOT NULL, data BLOB NOT NULL);\n"
    "CREATE TABLE removed (number INTEGER PRIMARY KEY);\n";

/*
 * Whose fault a failure is, see store.h. Before, a job that had failed with a reason and no record was
 * taken for one whose file was invalid, and one with records and a reason had not been read to its end.
 */
static const char version_2[] =
    "ALTER TABLE jobs ADD COLUMN fault INTEGER NOT NULL DEFAULT 0;\n"
    "UPDATE jobs SET fault = CASE WHEN ok + failed + timeout + crashed + poisoned +\n"
    "	cancelled + skipped + interrupted = 0 THEN 1 ELSE 2 END\n"
    "	WHERE phase = 3 AND outcome = 2 AND reason IS NOT NULL;\n";

_Static_assert(STATUSES == 8, "another status wants another column, hence a migration");

const struct store_migration store_migrations[] = {
    {1, version_1},
    {2, version_2},
};
const size_t store_migration_count = sizeof(store_migrations) / sizeof(store_migrations[0]);

int64_t
store_key(uint64_t number)
{
	return (int64_t)(number << STORE_PIECE_BITS);
}

/* One number that a statement gives; false: `error` says why not. */
static bool
ask(struct sqlite3 *db, const char *sql, int *answer, struct text *error)
{
	sqlite3_stmt *statement = NULL;
	bool good = sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
		    sqlite3_step(statement) == SQLITE_ROW;

	if (good) {
		*answer = sqlite3_column_int(statement, 0);
	} else {
		text_string(error, sqlite3_errmsg(db));
	}
	sqlite3_finalize(statement);
	return good;
}

static bool
run(struct sqlite3 *db, const char *sql, struct text *error)
{
	bool good = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;

	if (!good) {
		text_string(error, sqlite3_errmsg(db));
	}
	return good;
}

static bool
step_to(struct sqlite3 *db, const struct store_migration *migration, struct text *error)
{
	struct text mark = TEXT_INIT;
	bool good;

	text_printf(&mark, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
		    STORE_APPLICATION, migration->version);
	text_terminate(&mark);
	good = run(db, migration->sql, error) && run(db, mark.data, error);
	text_free(&mark);
	return good;
}

bool
store_schema_look(struct sqlite3 *db, int last, int *version, struct text *error)
{
	int application, tables;

	if (!ask(db, "PRAGMA application_id", &application, error) ||
	    !ask(db, "PRAGMA user_version", version, error) ||
	    !ask(db, "SELECT count(*) FROM sqlite_master", &tables, error)) {
		return false;
	}
	if (application != STORE_APPLICATION &&
	    (application != 0 || *version != 0 || tables != 0)) {
		text_string(error, "this is a database of another program: move it away");
		return false;
	}
	if (*version > last || *version < 0) {
		text_printf(
		    error,
		    "it was written by a newer stintd (its schema is %d, this one knows %d): "
		    "install that one, or give this one another state directory",
		    *version, last);
		return false;
	}
	return true;
}

bool
store_schema_migrate(struct sqlite3 *db, const struct store_migration *migrations, size_t count,
		     struct text *error)
{
	int version, last = migrations[count - 1].version;
	bool good = true;

	if (!store_schema_look(db, last, &version, error)) {
		return false;
	}
	if (version == last) {
		return true;
	}
	if (!run(db, "BEGIN IMMEDIATE", error)) {
		return false;
	}
	for (size_t i = 0; good && i < count; i++) {
		good = migrations[i].version <= version || step_to(db, &migrations[i], error);
	}
	good = good && run(db, "COMMIT", error);
	if (!good && sqlite3_get_autocommit(db) == 0) {
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	}
	return good;
}
