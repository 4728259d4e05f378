/* SPDX-License-Identifier: ISC */
/*
 * store_schema: what the tables of the store are, and how those of older versions become them.
 * In the store's process.
 *
 * What is large lies in pieces, in two tables of one form: `sources`, what jobs are made of, and
 * `chunks`, their records, a row a batch of whole lines. Their key is the number of the job and that
 * of the piece, from 0, in one: so a job's pieces lie side by side, in order, without an index.
 */
#ifndef SUPERVISOR_STORE_SCHEMA_H
#define SUPERVISOR_STORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/text.h"

struct sqlite3;

#define STORE_APPLICATION INT32_C(0x7374696e) /* "stin": what file(1) and we know the file by */

#define STORE_PIECE_BITS  28
#define STORE_MOST_PIECES ((int64_t)1 << STORE_PIECE_BITS)
#define STORE_MOST_NUMBER ((uint64_t)1 << (63 - STORE_PIECE_BITS)) /* of jobs */

/* The key of a job's first piece; all that are its own are below that of the next number. */
int64_t store_key(uint64_t number);

struct store_migration {
	int version;     /* that the database has afterwards */
	const char *sql; /* from the version before; 1: from nothing */
};

/* Ordered, without a gap; the last is the present one. */
extern const struct store_migration store_migrations[];
extern const size_t store_migration_count;

/* False: it is not ours, or newer than `last`, or cannot be read: `error` says so. Only reads. */
bool store_schema_look(struct sqlite3 *, int last, int *version, struct text *error);
/*
 * Brings the database to the last of the versions, all steps in one transaction. False: `error`
 * says why, it is as it was.
 */
bool store_schema_migrate(struct sqlite3 *, const struct store_migration *, size_t count,
			  struct text *error);

#endif
