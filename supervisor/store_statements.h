/* SPDX-License-Identifier: ISC */
/*
 * store_statements: the prepared statements of the store's database, and how they are run. For
 * store_database.c and its neighbours only.
 */
#ifndef SUPERVISOR_STORE_STATEMENTS_H
#define SUPERVISOR_STORE_STATEMENTS_H

#include <sqlite3.h>

#include "supervisor/store_database.h"

/* The columns of a job that store_update() sets, from ?2 on, and those that are as submitted. */
#define CHANGING                                                                               \
	"phase, outcome, paused, priority, weight, reason, submitted_us, began_us, ended_us, " \
	"total, ok, failed, timeout, crashed, poisoned, cancelled, skipped, interrupted, "     \
	"wall_us, "                                                                            \
	"cpu_us, result_bytes, round_bytes, round_all, name, fault"
#define CHANGING_SET                                                                              \
	"phase = ?2, outcome = ?3, paused = ?4, priority = ?5, weight = ?6, reason = ?7, "        \
	"submitted_us = ?8, began_us = ?9, ended_us = ?10, total = ?11, ok = ?12, failed = ?13, " \
	"timeout = ?14, crashed = ?15, poisoned = ?16, cancelled = ?17, skipped = ?18, "          \
	"interrupted = ?19, wall_us = ?20, cpu_us = ?21, result_bytes = ?22, "                    \
	"round_bytes = ?23, round_all = ?24, name = ?25, fault = ?26"
#define FIXED "after_any, after, file, directory, whole, bytes"
#define PLACES                                                                                   \
	"?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, " \
	"?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32"

enum store_statement {
#define STATEMENT(name, sql) STORE_SQL_##name,
#include "supervisor/store_statements.def"
#undef STATEMENT
	STORE_STATEMENTS
};

_Static_assert(STORE_STATEMENTS <= STORE_STATEMENTS_MOST, "no room for all statements");

/* Opens the database of `files`; nothing in it is touched, then or when it is closed. */
bool store_database_connect(struct store_database *, struct text *error);

/* What a result code of SQLite means; if it is bad, `error` gets its message. */
enum store_verdict store_verdict_of(struct store_database *, int code, struct text *error);

/* Gives ?1, ?2, ... to the statement, as far as they are said; and returns it. */
struct sqlite3_stmt *store_bind(struct store_database *, enum store_statement, int count,
				const int64_t *values);
/* Runs what is bound, to its end, and resets it. */
enum store_verdict store_run(struct store_database *, enum store_statement, struct text *error);
/* Runs it up to its first row, whose first column is *answer; without a row: `otherwise`. */
enum store_verdict store_ask(struct store_database *, enum store_statement, int64_t otherwise,
			     int64_t *answer, struct text *error);

#endif
