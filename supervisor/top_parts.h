/* SPDX-License-Identifier: ISC */
/* top_parts: what the files that draw the view share; see top_view.h. For nobody else. */
#ifndef SUPERVISOR_TOP_PARTS_H
#define SUPERVISOR_TOP_PARTS_H

#include "supervisor/top_view.h"

#define TOP_NARROW 44 /* columns with less than which there are no sparklines */
#define TOP_TALL   18 /* rows from which on all lists are shown */

unsigned top_head_draw(const struct top_view *, struct canvas *); /* how many rows it took */
void top_foot_draw(const struct top_view *, struct canvas *, unsigned row);
void top_help_draw(const struct top_view *, struct canvas *, unsigned top, unsigned rows);

#endif
