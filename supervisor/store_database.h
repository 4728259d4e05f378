/* SPDX-License-Identifier: ISC */
/*
 * store_database: the one connection to the database, and what is done with it. All writes are part
 * of a transaction that the caller begins and commits. In the store's process.
 */
#ifndef SUPERVISOR_STORE_DATABASE_H
#define SUPERVISOR_STORE_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/text.h"
#include "supervisor/store.h"
#include "supervisor/store_files.h"

struct sqlite3;
struct sqlite3_stmt;

#define STORE_STATEMENTS_MOST 32

struct store_database {
	struct store_files files;
	struct sqlite3 *db;
	struct sqlite3_stmt *statements[STORE_STATEMENTS_MOST];
	int log_pages; /* of the write-ahead log, at the last commit */
};

/*
 * REFUSED: that alone is not done, the transaction goes on. FAULT: the database, or the disk, cannot
 * be trusted any more: nothing of the transaction is to be acknowledged. `error` says why.
 */
enum store_verdict { STORE_OK, STORE_NO, STORE_FAULT };

/* False: `error` says why not, with the remedy; a database that was there is as it was. */
bool store_database_open(struct store_database *, const char *directory, struct text *error);
/* `healthy`: the log goes into the database. Else nothing is touched any more. */
void store_database_close(struct store_database *, bool healthy);

enum store_verdict store_database_next_number(struct store_database *, uint64_t *number,
					      struct text *error);
/* All whole jobs in the order of their numbers; false from `visit`: it stops there. */
enum store_verdict store_database_load(struct store_database *,
				       bool (*visit)(void *context, const struct store_job *),
				       void *context, struct text *error);

enum store_verdict store_database_begin(struct store_database *, struct text *error);
enum store_verdict store_database_commit(struct store_database *, struct text *error);
void store_database_rollback(struct store_database *);
/* Moves the log into the database, if it has become long; after an answer, rather than before. */
enum store_verdict store_database_checkpoint(struct store_database *, struct text *error);

/* As their namesakes in store.h. */
enum store_verdict store_database_submit(struct store_database *, const struct store_job *,
					 struct span piece, bool last, struct text *error);
enum store_verdict store_database_more(struct store_database *, uint64_t number, struct span piece,
				       bool last, struct text *error);
enum store_verdict store_database_abandon(struct store_database *, uint64_t number,
					  struct text *error);
enum store_verdict store_database_update(struct store_database *, const struct store_job *,
					 struct text *error);
enum store_verdict store_database_results(struct store_database *, uint64_t number,
					  struct span lines, unsigned count,
					  const struct store_job *, struct text *error);
/* Of numbers that there are not, nothing is said. Its pieces are removed bit by bit, see below. */
enum store_verdict store_database_remove(struct store_database *, uint64_t number,
					 struct text *error);

/* ---- what takes long, in steps ---------------------------------------------------------------- */

/* Jobs that were not whole when the process ended are removed. Outside of a transaction. */
enum store_verdict store_database_tidy(struct store_database *, struct text *error);
/* A bit of what is left of removed jobs; *more: there is more. In a transaction. */
enum store_verdict store_database_clear(struct store_database *, bool *more, struct text *error);
/* Gives unused space back, a bit, if there is much; *more: there is more. Outside of one. */
enum store_verdict store_database_shrink(struct store_database *, bool *more, struct text *error);

enum store_reading_of { STORE_SOURCES, STORE_CHUNKS, STORE_CHUNKS_BACKWARDS };

/* Whether there is such a job, whole. */
enum store_verdict store_database_has(struct store_database *, uint64_t number, struct text *error);
/*
 * The next piece from *key on (backwards: before it) within the job, and *key is behind it. `bytes`
 * are NULL when there is none; they live until the next call, or that of store_database_rest(), which
 * must come before anything else is done.
 */
enum store_verdict store_database_piece(struct store_database *, enum store_reading_of,
					uint64_t number, int64_t *key, struct span *bytes,
					struct text *error);
void store_database_rest(struct store_database *);

#endif
