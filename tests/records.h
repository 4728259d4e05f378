/* SPDX-License-Identifier: ISC */
/* records: recorded runs for the unit tests of what looks at them. */
#ifndef TESTS_RECORDS_H
#define TESTS_RECORDS_H

#include "supervisor/recorded_run.h"

#define RECORDS_BEGAN 1700000000 /* seconds since the epoch: when these runs began */

/* Times in seconds since then. `more`: further members of the record, ",\"needs\":[\"a\"]", or "". */
struct record {
	const char *id;
	double start;
	double wall;
	double cpu;
	int worker;
	const char *more;
};

void records_add(struct recorded_run *, const struct record *, size_t count);
void records_line(struct recorded_run *, const char *json); /* must be a record */
const struct recorded_task *records_find(const struct recorded_run *, const char *id);

#endif
