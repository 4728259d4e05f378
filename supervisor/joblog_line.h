/* SPDX-License-Identifier: ISC */
/*
 * joblog_line: a task as a line of a joblog: the nine columns of GNU parallel's --joblog, and then
 * those that only we have. Pure; in the supervisor.
 */
#ifndef SUPERVISOR_JOBLOG_LINE_H
#define SUPERVISOR_JOBLOG_LINE_H

#include <stdint.h>

#include "ipc/result_record.h"
#include "ipc/text.h"

#define JOBLOG_THEIRS "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand"
#define JOBLOG_HEADER JOBLOG_THEIRS "\tId\tStatus\tAttempt\tClass\tUser\tSys\n"

struct joblog_line {
	uint64_t number;
	const struct result_record *record; /* start_us is since the epoch */
	uint64_t received;                  /* bytes of stdout */
	struct span command;
	struct span id; /* a JSON string */
	unsigned attempt;
};

void joblog_line_put(const struct joblog_line *, struct text *out);

#endif
