/* SPDX-License-Identifier: ISC */
/* joblog_line: see joblog_line.h. Pure; in the supervisor. */
#include "supervisor/joblog_line.h"

#include <inttypes.h>
#include <string.h>

/* GNU parallel has -1 for what did not come to an end by itself; 0 is for success alone. */
static int
exit_value(const struct result_record *record)
{
	if (record->status == STATUS_ok || (record->status == STATUS_failed && record->has_exit)) {
		return record->exit;
	}
	return record->status == STATUS_failed && record->signal != 0 ? 0 : -1;
}

/* As GNU parallel writes a command of several lines: each newline is a NUL. */
static void
put_command(struct text *out, struct span command)
{
	size_t begin = out->len;
	char *newline;

	text_span(out, command);
	while (out->len > begin &&
	       (newline = memchr(out->data + begin, '\n', out->len - begin)) != NULL) {
		*newline = '\0';
	}
}

void
joblog_line_put(const struct joblog_line *line, struct text *out)
{
	const struct result_record *record = line->record;

	text_printf(out, "%" PRIu64 "\t:\t%.3f\t%10.3f\t0\t%" PRIu64 "\t%d\t%d\t", line->number,
		    (double)record->start_us / 1e6, (double)record->wall_us / 1e6, line->received,
		    exit_value(record), record->signal);
	put_command(out, line->command);
	text_char(out, '\t');
	text_bytes(out, line->id.at + 1, line->id.len - 2); /* its escapes: no tab or newline */
	text_printf(out, "\t%s\t%u\t%s\t%.3f\t%.3f\n", task_status_name(record->status),
		    line->attempt, record->start_us == 0 ? "-" : result_record_class(record),
		    (double)record->user_us / 1e6, (double)record->sys_us / 1e6);
}
