/* SPDX-License-Identifier: ISC */
/* store_steps: what takes long, cut into steps that do not: see store_database.h. */
#include "supervisor/store_schema.h"
#include "supervisor/store_statements.h"

#define LAST_KEY(number) (store_key((number) + 1) - 1)
#define CLEAR_BYTES      ((int64_t)4 << 20) /* a step deletes about that, */
#define CLEAR_PIECES     2000               /* or so many pieces */
#define SHRINK_PAGES     "256"
#define SPARE_PAGES      1024 /* that much free space is kept in any case */

enum store_verdict
store_database_tidy(struct store_database *store, struct text *error)
{
	enum store_verdict verdict = store_database_begin(store, error);

	if (verdict == STORE_OK) {
		verdict = store_run(store, STORE_SQL_mark_unfinished, error);
	}
	if (verdict == STORE_OK) {
		verdict = store_run(store, STORE_SQL_delete_unfinished, error);
	}
	return verdict == STORE_OK ? store_database_commit(store, error) : verdict;
}

/* Deletes pieces of one of the tables, as many as there is room for in *bytes and *pieces. */
static enum store_verdict
clear_pieces(struct store_database *store, enum store_statement sizes, enum store_statement delete,
	     uint64_t number, int64_t *bytes, int64_t *pieces, struct text *error)
{
	const int64_t all[] = {store_key(number), LAST_KEY(number)};
	struct sqlite3_stmt *statement = store_bind(store, sizes, 2, all);
	enum store_verdict verdict;
	int64_t last = -1;
	int code = SQLITE_DONE;

	while (*bytes > 0 && *pieces > 0 && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		last = sqlite3_column_int64(statement, 0);
		*bytes -= sqlite3_column_int64(statement, 1);
		--*pieces;
	}
	verdict = store_verdict_of(store, code, error);
	sqlite3_reset(statement);
	if (verdict == STORE_OK && last >= 0) {
		store_bind(store, delete, 2, (int64_t[]){all[0], last});
		verdict = store_run(store, delete, error);
	}
	return verdict;
}

enum store_verdict
store_database_clear(struct store_database *store, bool *more, struct text *error)
{
	int64_t bytes = CLEAR_BYTES, pieces = CLEAR_PIECES, number = 0;
	enum store_verdict verdict = STORE_OK;

	*more = true;
	while (verdict == STORE_OK && bytes > 0 && pieces > 0) {
		int64_t before = pieces--;

		verdict = store_ask(store, STORE_SQL_first_removed, -1, &number, error);
		if (verdict != STORE_OK || number < 0) {
			*more = false;
			break;
		}
		verdict = clear_pieces(store, STORE_SQL_sizes_of_sources, STORE_SQL_delete_sources,
				       (uint64_t)number, &bytes, &pieces, error);
		if (verdict == STORE_OK) {
			verdict =
			    clear_pieces(store, STORE_SQL_sizes_of_chunks, STORE_SQL_delete_chunks,
					 (uint64_t)number, &bytes, &pieces, error);
		}
		if (verdict == STORE_OK && pieces == before - 1 && pieces > 0 && bytes > 0) {
			/* there was room to delete one, but none was left */
			store_bind(store, STORE_SQL_forget_removed, 1, &number);
			verdict = store_run(store, STORE_SQL_forget_removed, error);
		}
	}
	return verdict;
}

enum store_verdict
store_database_shrink(struct store_database *store, bool *more, struct text *error)
{
	int64_t unused, pages = 0;
	enum store_verdict verdict = store_ask(store, STORE_SQL_free_pages, 0, &unused, error);

	if (verdict == STORE_OK) {
		verdict = store_ask(store, STORE_SQL_pages, 0, &pages, error);
	}
	*more = verdict == STORE_OK && unused > SPARE_PAGES && unused > pages / 4;
	if (*more) {
		verdict = store_verdict_of(
		    store,
		    sqlite3_exec(store->db, "PRAGMA incremental_vacuum(" SHRINK_PAGES ")", NULL,
				 NULL, NULL),
		    error);
	}
	return verdict;
}

enum store_verdict
store_database_piece(struct store_database *store, enum store_reading_of what, uint64_t number,
		     int64_t *key, struct span *bytes, struct text *error)
{
	static const enum store_statement statements[] = {
	    [STORE_SOURCES] = STORE_SQL_next_source,
	    [STORE_CHUNKS] = STORE_SQL_next_chunk,
	    [STORE_CHUNKS_BACKWARDS] = STORE_SQL_chunk_before,
	};
	bool backwards = what == STORE_CHUNKS_BACKWARDS;
	struct sqlite3_stmt *statement = store->statements[statements[what]];
	int code;

	sqlite3_reset(statement); /* the bytes of the last one lived until now */
	sqlite3_bind_int64(statement, 1, backwards ? store_key(number) : *key);
	sqlite3_bind_int64(statement, 2, backwards ? *key : LAST_KEY(number));
	code = sqlite3_step(statement);
	*bytes = SPAN_EMPTY;
	if (code == SQLITE_ROW) {
		*key = sqlite3_column_int64(statement, 0) + (backwards ? -1 : 1);
		*bytes = (struct span){sqlite3_column_blob(statement, 1),
				       (size_t)sqlite3_column_bytes(statement, 1)};
	}
	return store_verdict_of(store, code, error);
}

void
store_database_rest(struct store_database *store)
{
	sqlite3_reset(store->statements[STORE_SQL_next_source]);
	sqlite3_reset(store->statements[STORE_SQL_next_chunk]);
	sqlite3_reset(store->statements[STORE_SQL_chunk_before]);
}
