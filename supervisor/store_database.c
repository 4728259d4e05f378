/* SPDX-License-Identifier: ISC */
/* store_database: see store_database.h. In the store's process. */
#include "supervisor/store_database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "supervisor/store_schema.h"
#include "supervisor/store_statements.h"

#define PATIENCE_US  (10 * US_PER_SECOND) /* for the process of a daemon that was just killed */
#define LOOK_THROUGH ((uint64_t)32 << 20) /* a database up to this is checked whole at the start */
#define LOG_PAGES    1000

const char *const store_statement_sql[STORE_STATEMENTS] = {
#define STATEMENT(name, sql) [STORE_SQL_##name] = (sql),
#include "supervisor/store_statements.def"
#undef STATEMENT
};

/* ---- opening ---------------------------------------------------------------------------------- */

static int
on_commit(void *context, sqlite3 *db, const char *name, int pages)
{
	struct store_database *store = context;

	(void)db;
	(void)name;
	store->log_pages = pages;
	return SQLITE_OK;
}

static bool
prepare(struct store_database *store, struct text *error)
{
	for (int i = 0; i < STORE_STATEMENTS; i++) {
		if (sqlite3_prepare_v3(store->db, store_statement_sql[i], -1,
				       SQLITE_PREPARE_PERSISTENT, &store->statements[i],
				       NULL) != SQLITE_OK) {
			text_string(error, sqlite3_errmsg(store->db));
			return false;
		}
	}
	return true;
}

/* Whether a pragma answers this. */
static bool
answers(struct store_database *store, const char *pragma, const char *expected, struct text *error)
{
	sqlite3_stmt *statement = NULL;
	const char *answer = NULL;
	bool good;

	if (sqlite3_prepare_v2(store->db, pragma, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW) {
		answer = (const char *)sqlite3_column_text(statement, 0);
	}
	good = answer != NULL && strcmp(answer, expected) == 0;
	if (!good) {
		text_printf(error, "%s: %s", pragma,
			    answer == NULL ? sqlite3_errmsg(store->db) : answer);
	}
	sqlite3_finalize(statement);
	return good;
}

/* The lock is ours alone, so that no shared memory is needed, which a full disk would fault. */
bool
store_database_connect(struct store_database *store, struct text *error)
{
	static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA mmap_size = 0;"
				       "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
				       "PRAGMA trusted_schema = OFF; PRAGMA secure_delete = OFF";
	int flags =
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_CREATE;

	if (sqlite3_open_v2(store->files.path, &store->db, flags, NULL) != SQLITE_OK ||
	    sqlite3_extended_result_codes(store->db, 1) != SQLITE_OK ||
	    sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) != SQLITE_OK ||
	    sqlite3_exec(store->db, settings, NULL, NULL, NULL) != SQLITE_OK) {
		text_string(error, store->db == NULL ? "no memory" : sqlite3_errmsg(store->db));
		return false;
	}
	return true;
}

/* Nothing is written to a database that was there before it has been looked at. */
static bool
look(struct store_database *store, struct text *error)
{
	int version, last = store_migrations[store_migration_count - 1].version;

	if (!store_schema_look(store->db, last, &version, error)) {
		return false;
	}
	if (!store->files.exists) {
		return sqlite3_exec(store->db, "PRAGMA auto_vacuum = INCREMENTAL", NULL, NULL,
				    NULL) == SQLITE_OK;
	}
	if (store->files.size <= LOOK_THROUGH) {
		return answers(store, "PRAGMA quick_check(1)", "ok", error);
	}
	return true;
}

static bool
make_ready(struct store_database *store, struct text *error)
{
	static const char durable[] = "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
				      "PRAGMA journal_size_limit = 16777216";

	if (!answers(store, "PRAGMA journal_mode = WAL", "wal", error) ||
	    sqlite3_exec(store->db, durable, NULL, NULL, NULL) != SQLITE_OK ||
	    !answers(store, "PRAGMA synchronous", "2", error) ||
	    !store_schema_migrate(store->db, store_migrations, store_migration_count, error) ||
	    !prepare(store, error)) {
		return false;
	}
	sqlite3_wal_hook(store->db, on_commit, store);
	if (!store->files.exists && fsync(store->files.directory) != 0) {
		text_string(error, "its directory cannot be synced");
		return false;
	}
	return true;
}

/* The sentence for people. */
static void
explain(const struct store_database *store, const struct text *why, struct text *error)
{
	int code = store->db == NULL ? SQLITE_OK : sqlite3_errcode(store->db) & 0xff;

	text_printf(error, "%s: %.*s", store->files.path, (int)why->len, why->data);
	if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT ||
	    memmem(why->data, why->len, "quick_check", 11) != NULL) {
		text_string(error,
			    ": the database is damaged. It was left as it is: keep a copy, see "
			    "`stintd --check`, and move it away to begin anew");
	}
}

bool
store_database_open(struct store_database *store, const char *directory, struct text *error)
{
	struct text why = TEXT_INIT;
	bool good;

	*store = (struct store_database){.db = NULL};
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (!store_files_open(&store->files, directory, PATIENCE_US, error)) {
		return false;
	}
	good = store_database_connect(store, &why) && look(store, &why) && make_ready(store, &why);
	if (!good) {
		if (why.len == 0) {
			text_string(&why, sqlite3_errmsg(store->db));
		}
		explain(store, &why, error);
		store_database_close(store, false);
	}
	text_free(&why);
	return good;
}

void
store_database_close(struct store_database *store, bool healthy)
{
	for (int i = 0; i < STORE_STATEMENTS; i++) {
		sqlite3_finalize(store->statements[i]);
	}
	if (healthy) {
		sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	}
	sqlite3_close(store->db);
	store->db = NULL;
	store_files_close(&store->files);
}

/* ---- statements and transactions -------------------------------------------------------------- */

/* Of the log, else of the database; 0: none is known. */
static int
last_errno(sqlite3 *db)
{
	sqlite3_file *log = NULL;
	int number = 0;

	sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&log);
	if (log != NULL && log->pMethods != NULL) {
		log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &number);
	}
	if (number == 0) {
		sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &number);
	}
	return number;
}

enum store_verdict
store_verdict_of(struct store_database *store, int code, struct text *error)
{
	if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) {
		return STORE_OK;
	}
	text_printf(error, "%s: %s", store->files.path, sqlite3_errmsg(store->db));
	if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC) {
		text_string(error, ": it cannot be synced");
	} else if ((code & 0xff) == SQLITE_IOERR && last_errno(store->db) != 0) {
		text_printf(error, ": %s", strerror(last_errno(store->db)));
	}
	return (code & 0xff) == SQLITE_CONSTRAINT ? STORE_NO : STORE_FAULT;
}

struct sqlite3_stmt *
store_bind(struct store_database *store, enum store_statement which, int count,
	   const int64_t *values)
{
	struct sqlite3_stmt *statement = store->statements[which];

	for (int i = 0; i < count; i++) {
		sqlite3_bind_int64(statement, i + 1, values[i]);
	}
	return statement;
}

enum store_verdict
store_run(struct store_database *store, enum store_statement which, struct text *error)
{
	struct sqlite3_stmt *statement = store->statements[which];
	enum store_verdict verdict = store_verdict_of(store, sqlite3_step(statement), error);

	sqlite3_reset(statement);
	return verdict;
}

enum store_verdict
store_ask(struct store_database *store, enum store_statement which, int64_t otherwise,
	  int64_t *answer, struct text *error)
{
	struct sqlite3_stmt *statement = store->statements[which];
	int code = sqlite3_step(statement);
	enum store_verdict verdict = store_verdict_of(store, code, error);

	*answer = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : otherwise;
	sqlite3_reset(statement);
	return verdict;
}

enum store_verdict
store_database_begin(struct store_database *store, struct text *error)
{
	return store_run(store, STORE_SQL_begin, error);
}

/* What is written to files that have no name any more is on the disk, and lost with us. */
static bool
has_moved(const struct store_database *store)
{
	int moved = 0;

	sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	return moved != 0 ||
	       faccessat(store->files.directory, STORE_FILE "-wal", F_OK, AT_EACCESS) != 0;
}

enum store_verdict
store_database_commit(struct store_database *store, struct text *error)
{
	enum store_verdict verdict = store_run(store, STORE_SQL_commit, error);

	if (verdict == STORE_OK && has_moved(store)) {
		text_printf(error, "%s: it, or its log, was moved or removed while it was in use",
			    store->files.path);
		return STORE_FAULT;
	}
	return verdict;
}

void
store_database_rollback(struct store_database *store)
{
	if (sqlite3_get_autocommit(store->db) == 0) {
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	}
}

enum store_verdict
store_database_checkpoint(struct store_database *store, struct text *error)
{
	if (store->log_pages < LOG_PAGES) {
		return STORE_OK;
	}
	store->log_pages = 0;
	return store_verdict_of(
	    store,
	    sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL),
	    error);
}

enum store_verdict
store_database_next_number(struct store_database *store, uint64_t *number, struct text *error)
{
	int64_t last;
	enum store_verdict verdict = store_ask(store, STORE_SQL_last_number, 0, &last, error);

	*number = (uint64_t)last + 1;
	return verdict;
}
