/* SPDX-License-Identifier: ISC */
/*
 * record_lines: the lines of a results file, read one after the other, with what each says of its
 * task. However large the file is, no more than a line is in memory. In the supervisor.
 */
#ifndef SUPERVISOR_RECORD_LINES_H
#define SUPERVISOR_RECORD_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/frame.h"

struct record_lines {
	struct frame frame;
	int fd;    /* the caller's; read at offsets, so that its position does not matter */
	bool pipe; /* it has no offsets: it is read as it comes */
	uint64_t read_at;
	bool ended;
	struct span line; /* the last one, without its newline */
	uint64_t begin;   /* where it is in the file */
	uint64_t end;     /* behind its newline */
	uint64_t number;  /* from 1 */
};

enum record_line {
	RECORD_LINE,     /* a record, perhaps */
	RECORD_OVERLONG, /* none can be so long; it is passed over */
	RECORD_BLANK,
	RECORD_TORN, /* the file ends before the line does */
	RECORD_END,
	RECORD_FAIL /* errno says why */
};

void record_lines_begin(struct record_lines *, int fd);
enum record_line record_lines_next(struct record_lines *);
void record_lines_end(struct record_lines *); /* frees; the descriptor stays open */

struct record_key {
	uint64_t id;   /* ids_hash() */
	uint64_t spec; /* the hash of what ran, if it ended ok; else 0 */
};

/* False: the line is not a record. */
bool record_key_parse(struct span line, struct record_key *);

/* As record_key.id, of a JSON string without its quotes. */
uint64_t record_key_id(struct span id);

#endif
