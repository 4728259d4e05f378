/* SPDX-License-Identifier: ISC */
/*
 * result_record: how a task ended, as the JSON object that a worker sends, the results file keeps
 * and reports read. Text members are JSON as it stands in the object: they are passed on, not
 * parsed and printed again. Pure; any process.
 */
#ifndef IPC_RESULT_RECORD_H
#define IPC_RESULT_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/text.h"

#define TASK_STATUSES(X) \
	X(ok) X(failed) X(timeout) X(crashed) X(poisoned) X(cancelled) X(skipped) X(interrupted)

enum task_status {
#define X(name) STATUS_##name,
	TASK_STATUSES(X)
#undef X
	    STATUSES
};

struct result_record {
	enum task_status status;
	bool has_exit;
	int exit;
	int signal;       /* 0: none */
	int64_t start_us; /* since the epoch; 0: it never began */
	int64_t wall_us;
	int64_t user_us;
	int64_t sys_us;
	uint64_t maxrss; /* bytes; 0: not known */
	bool foreign;    /* it has members that are not known here; they are not encoded */
	bool truncated;  /* output was more than max_output */
	struct span value;
	struct span output[2];        /* stdout, stderr: JSON strings */
	struct span output_base64[2]; /* likewise, where they are not UTF-8 */
	struct span error;            /* a JSON string: why it is not ok */
};

/*
 * Decodes the object; members of other names are passed over. Returns NULL, or what is wrong (a
 * constant string). The spans point into `object`.
 */
const char *result_record_decode(struct span object, struct result_record *);

/* Appends the object; members that do not apply are left out. */
void result_record_encode(struct text *, const struct result_record *);

/* "cpu", "wait" or "mixed": by the share of user+sys in wall, 0.8 and 0.2. */
const char *result_record_class(const struct result_record *);

const char *task_status_name(enum task_status);

#endif
