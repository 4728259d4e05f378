/* SPDX-License-Identifier: ISC */
/* whatif_table: what `stint whatif` prints: a table for people, or JSON. Pure; in the supervisor. */
#ifndef SUPERVISOR_WHATIF_TABLE_H
#define SUPERVISOR_WHATIF_TABLE_H

#include "supervisor/whatif.h"

struct whatif_answer {
	const struct plan *plan;
	const char *source; /* its file */
	double scale;
	struct whatif_row *rows; /* in the order in which they are shown */
	size_t row_count;
	struct whatif_knee *knees; /* one for each limit of `waiting` */
	size_t knee_count;
	const struct whatif_row *again; /* the run of the results, predicted; NULL: none */
};

void whatif_table(const struct whatif_answer *, struct text *out);
void whatif_json(const struct whatif_answer *, struct text *out);

#endif
