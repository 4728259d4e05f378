/* SPDX-License-Identifier: ISC */
/* records: see records.h. */
#include "tests/records.h"

#include <string.h>

#include "tests/unit.h"

void
records_line(struct recorded_run *run, const char *json)
{
	ck_assert_msg(recorded_run_add(run, span_of(json)), "%s", json);
}

void
records_add(struct recorded_run *run, const struct record *records, size_t count)
{
	struct text line = TEXT_INIT;

	for (size_t i = 0; i < count; i++) {
		const struct record *r = &records[i];

		text_clear(&line);
		text_printf(&line,
			    "{\"id\":\"%s\",\"status\":\"ok\",\"start\":%.6f,\"wall\":%.6f,"
			    "\"user\":%.6f,\"sys\":%.6f,\"class\":\"cpu\",\"attempt\":1,"
			    "\"worker\":%d%s}",
			    r->id, RECORDS_BEGAN + r->start, r->wall, r->cpu - r->cpu / 4,
			    r->cpu / 4, r->worker, r->more == NULL ? "" : r->more);
		text_terminate(&line);
		records_line(run, line.data);
	}
	text_free(&line);
}

const struct recorded_task *
records_find(const struct recorded_run *run, const char *id)
{
	for (size_t i = 0; i < run->count; i++) {
		if (strcmp(run->tasks[i].id, id) == 0) {
			return &run->tasks[i];
		}
	}
	ck_abort_msg("no task %s", id);
}
