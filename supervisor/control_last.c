/* SPDX-License-Identifier: ISC */
/* control_last: see control_last.h. In the supervisor, of stintd. */
#include "supervisor/control_last.h"

#include "supervisor/record_index.h"

#define READ_MOST ((uint64_t)8 << 20) /* bytes that are looked at in a turn */

void
control_last_begin(struct control_last *last, const struct queue_job *job, int fd)
{
	if (job == NULL || job->kept.round_bytes == 0) {
		return;
	}
	last->index = record_index_new();
	last->reading = true;
	if (!job->over) {
		last->round = job->kept.round_bytes;
		last->none = job->kept.round_all;
	}
	record_lines_begin(&last->lines, fd);
}

static void
take(struct control_last *last)
{
	struct record_key record;

	if (!record_key_parse(last->lines.line, &record) || last->lines.number > RECORDS_MOST) {
		return;
	}
	if (last->lines.end <= last->round && (last->none || record.spec == 0)) {
		record_index_drop(last->index, record.id);
		return;
	}
	record_index_put(last->index, record.id, record.spec, (uint32_t)last->lines.number);
}

bool
control_last_read(struct control_last *last)
{
	uint64_t enough = last->lines.read_at + READ_MOST;

	while (last->reading && last->lines.read_at < enough) {
		switch (record_lines_next(&last->lines)) {
		case RECORD_LINE:
		case RECORD_TORN:
			take(last);
			break;
		case RECORD_OVERLONG:
		case RECORD_BLANK:
			break;
		case RECORD_END:
		case RECORD_FAIL: /* it is said when they are read again */
			record_lines_end(&last->lines);
			last->reading = false;
		}
	}
	return !last->reading;
}

bool
control_last_is(const struct control_last *last, const struct record_lines *lines)
{
	struct record_key record;

	return last->index == NULL || lines->number > RECORDS_MOST ||
	       !record_key_parse(lines->line, &record) ||
	       record_index_last(last->index, record.id) == lines->number;
}

void
control_last_free(struct control_last *last)
{
	if (last->reading) {
		record_lines_end(&last->lines);
	}
	record_index_free(last->index);
	*last = (struct control_last){.reading = false};
}
