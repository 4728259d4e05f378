/* SPDX-License-Identifier: ISC */
/*
 * store_user: a store as a test uses it: a private directory, the real process, the real database,
 * and calls that wait for their answer. Linked into every unit test.
 */
#ifndef TESTS_STORE_USER_H
#define TESTS_STORE_USER_H

#include <stdbool.h>
#include <stddef.h>

#include "supervisor/store.h"

#define USER_JOBS 4096

struct store_user {
	char directory[64];
	char path[96]; /* of the database */
	struct event_base *base;
	struct store *store; /* NULL: not open */
	struct text error;   /* the last one, terminated; empty: none */
	unsigned answers;    /* of store_user_done */
	unsigned failures;
	unsigned waiting; /* for so many answers yet */
	unsigned broken;  /* times */
	unsigned room;
	bool all_loaded;
	size_t count;
	struct store_job jobs[USER_JOBS]; /* as loaded */
	int fd;
};

void store_user_setup(struct store_user *);
void store_user_teardown(struct store_user *); /* closes it, removes all files */

/* False: `error` has the reason. Waits until all jobs are loaded. */
bool store_user_open(struct store_user *);
void store_user_close(struct store_user *);
const struct store_job *store_user_job(const struct store_user *, uint64_t number);

/* An answer for the calls of store.h, the context is the store_user; counted in `waiting`. */
store_done store_user_done;
void store_user_wait(struct store_user *); /* until `waiting` is 0, or it is broken */

/* A new job of one piece; its number. `error` says if it failed. */
uint64_t store_user_submit(struct store_user *, const char *source);
void store_user_update(struct store_user *, const struct store_job *);
/* Lines `from` to `to` - 1, ids being numbers; with a job, or NULL. */
void store_user_results(struct store_user *, uint64_t number, unsigned from, unsigned to,
			const struct store_job *);
void store_user_remove(struct store_user *, uint64_t number);

typedef void store_user_get(struct store *, uint64_t number, store_got *, void *context);
/* What comes, or is empty, and `error` says why. */
struct text store_user_read(struct store_user *, store_user_get *get, uint64_t number);
struct text store_user_record(struct store_user *, uint64_t number, const char *task);
void store_user_assert_read(struct store_user *, store_user_get *get, uint64_t number,
			    const char *expected);
void store_user_assert_record(struct store_user *, uint64_t number, const char *task,
			      const char *expected);
void store_user_assert_missing(struct store_user *, uint64_t number); /* there is no such job */

struct text store_user_bytes(size_t len); /* different everywhere, no two lines */

/* Without a store: SQL on the database. */
void store_user_sql(const struct store_user *, const char *sql);
int64_t store_user_ask(const struct store_user *, const char *sql);

/* That the database is whole, or that the report has this in it. */
void store_user_assert_whole(const struct store_user *);
void store_user_assert_finds(const struct store_user *, const char *part);
void store_user_assert_error(struct store_user *, const char *part); /* and it is forgotten */

#endif
