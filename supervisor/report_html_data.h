/* SPDX-License-Identifier: ISC */
/*
 * report_html_data: recorded runs as the JSON that the page of report_html reads; data.js is its
 * other side. Pure; in the supervisor.
 *
 *	{"title":"...", "made":"stint 0.1.0", "statuses":["ok",...], "classes":["cpu",...],
 *	 "runs":[{"label":"...", "summary":{of summary_json()}, "measured":true, "count":2,
 *	          "idle":[["start-up",us],...], "rows":[of each lane], "strings":["",...],
 *	          a member for each column, "needs_most":20, "needs":[places before the task],
 *	          "path":[places], "earlier":[task,start,wall,status,worker,row,...],
 *	          "outputs":[[task,"stdout","stderr",bytes,bytes,truncated],...]}]}
 *
 * A column has a number for each task, or is one number, the same for all. Those that rise or
 * change little (start, row) are written as differences, ids and tags as what they do not
 * share with the one before. Times are microseconds since the run began.
 */
#ifndef SUPERVISOR_REPORT_HTML_DATA_H
#define SUPERVISOR_REPORT_HTML_DATA_H

#include "supervisor/report.h"

#define HTML_OUTPUT_MOST  ((size_t)4 << 20)  /* bytes of output in a page, as they are written */
#define HTML_STRINGS_MOST ((size_t)1 << 20)  /* bytes of names and errors */
#define HTML_NEEDS_MOST   20                 /* of a task that are named, */
#define HTML_NEEDS_ALL    200000             /* and of all, but for one of each task */
#define HTML_PATH_MOST    10000              /* tasks of the critical path */
#define HTML_WANTED       ((size_t)11 << 20) /* bytes: output has no place beyond */

void report_html_data(const struct report *, struct text *json);

#endif
