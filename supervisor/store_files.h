/* SPDX-License-Identifier: ISC */
/*
 * store_files: the directory of the store, looked at before anything in it is opened: it is private
 * to the user, and what SQLite will open there are plain files of theirs. Whoever has opened it has
 * a lock on it. And the files in which answers are handed out. In the store's process, and in
 * `stintd --check`.
 */
#ifndef SUPERVISOR_STORE_FILES_H
#define SUPERVISOR_STORE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/text.h"

#define STORE_FILE "stintd.db"

struct store_files {
	int directory; /* its lock is held until this is closed */
	char *path;    /* of the database; without symbolic links */
	bool opened;   /* all was as it should be */
	bool exists;   /* there is a database, of more than no bytes */
	uint64_t size; /* of it */
	bool log;      /* there is a write-ahead log with something in it */
};

/*
 * False: `error` says why not, with the remedy; then nothing is held. A lock that another process
 * has is waited for, up to `patience_us`.
 */
bool store_files_open(struct store_files *, const char *directory, int64_t patience_us,
		      struct text *error);
void store_files_close(struct store_files *);

/* Bytes for a caller elsewhere: in memory, or when they are many, in a file without a name. */
struct store_answer {
	int fd; /* -1: not begun */
	bool on_disk;
	uint64_t size;
};

/* False with errno. */
bool store_answer_begin(struct store_answer *);
bool store_answer_write(struct store_answer *, int directory, struct span);
bool store_answer_end(struct store_answer *); /* back to the beginning of it */

#endif
