/* SPDX-License-Identifier: ISC */
/* resume_state: what resume.c and resume_compact.c share; for nobody else. */
#ifndef SUPERVISOR_RESUME_STATE_H
#define SUPERVISOR_RESUME_STATE_H

#include "supervisor/record_index.h"
#include "supervisor/record_lines.h"
#include "supervisor/resume.h"

struct resume {
	struct record_index *index;
	enum resume_wanted wanted;
	uint64_t round; /* resume_set_round() */
	bool none_before;
	uint32_t records;  /* that were read */
	uint64_t end;      /* of them in the file; those behind are of this run */
	uint64_t replaced; /* of them, those that do not count any longer */
	uint64_t damaged;  /* lines that are not records */
};

#endif
