/* SPDX-License-Identifier: ISC */
/*
 * queue_keep: what comes of tasks: results go to the store, many at a time, and are told to those
 * who watch when they are there; output goes to those at once. See queue_parts.h. In the
 * supervisor, of stintd.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/daemon_log.h"
#include "supervisor/queue_parts.h"
#include "supervisor/supervisor.h"

#define LINES_MOST ((size_t)1 << 20) /* bytes; more are not gathered */

void
queue_keep_record(struct queue_active *active, const struct finished *finished)
{
	struct queue *queue = active->entry->queue;
	struct store_job *kept = &active->entry->job.kept;
	const struct result_record *record = finished->record;
	size_t before = active->lines.len;

	if (record->status == STATUS_cancelled && queue_run_is_interrupted(active)) {
		active->dropped++; /* it is not its fault, and it runs again */
		queue_output_lost(active, finished->task);
		return;
	}
	queue_output_encode(active, finished, &active->lines);
	active->line_count++;
	kept->by_status[record->status]++;
	kept->wall_us += record->wall_us;
	kept->cpu_us += record->user_us + record->sys_us;
	kept->result_bytes += active->lines.len - before;
	queue->tasks[record->status]++;
	queue->again_s = 0;
	queue->wall_us += record->wall_us;
	queue->cpu_us += record->user_us + record->sys_us;
}

void
queue_keep_output(struct queue_active *active, const struct task *task,
		  const struct task_output *output)
{
	uint64_t number = active->entry->job.kept.number;
	struct text id = TEXT_INIT;

	queue_output_take(active, task, output);
	if (queue_is_watched(active->entry->queue, number)) {
		task_put_plain_id(task, &id);
		text_terminate(&id);
		queue_tell_output(active->entry->queue, number, id.data, output->stream,
				  output->bytes);
		text_free(&id);
	}
}

struct keeping {
	struct queue_active *active;
	bool last;
	size_t len;
	char lines[];
};

static void
on_kept(void *context, const char *error)
{
	struct keeping *keeping = context;
	struct queue_active *active = keeping->active;
	struct queue_entry *entry = active->entry;
	struct queue *queue = entry->queue;

	active->unanswered--;
	active->lost |= error != NULL;
	if (error == NULL && keeping->len > 0) {
		queue_tell_results(queue, entry->job.kept.number,
				   (struct span){keeping->lines, keeping->len});
	}
	if (error == NULL && !keeping->last) {
		queue_tell_job(entry);
	}
	queue_stop_rest(queue);
	if (active->in_engine && !active->over) {
		job_again(&active->job); /* it may have waited for the store */
	}
	if (active->over && active->unanswered == 0) {
		queue_run_conclude(active);
	}
	free(keeping);
}

/* Lines are copied for those who watch, if anybody does. */
static struct keeping *
keep(struct queue_active *active, bool last)
{
	uint64_t number = active->entry->job.kept.number;
	size_t len = queue_is_watched(active->entry->queue, number) ? active->lines.len : 0;
	struct keeping *keeping = malloc(sizeof(*keeping) + len);

	if (keeping == NULL) {
		err(EXIT_SYSTEM, "queue");
	}
	*keeping = (struct keeping){.active = active, .last = last, .len = len};
	if (len > 0) {
		memcpy(keeping->lines, active->lines.data, len);
	}
	active->unanswered++;
	return keeping;
}

static void
send_lines(struct queue_active *active, bool last)
{
	struct queue *queue = active->entry->queue;
	const struct store_job *kept = &active->entry->job.kept;

	if (active->line_count > 0) {
		store_results(queue->store, kept->number,
			      (struct span){active->lines.data, active->lines.len},
			      active->line_count, kept, on_kept, keep(active, last));
	} else {
		store_update(queue->store, kept, on_kept, keep(active, last));
	}
	text_clear(&active->lines);
	active->line_count = 0;
}

void
queue_keep_gathered(struct queue_active *active)
{
	if (active->line_count > 0) {
		send_lines(active, false);
	}
}

void
queue_keep_flush(struct queue_active *active, bool last)
{
	struct queue_entry *entry = active->entry;

	if (!last && (active->line_count == 0 || active->over ||
		      (active->unanswered > 0 && active->lines.len < LINES_MOST))) {
		return; /* what comes while the store is busy goes together */
	}
	entry->job.estimated = !jobfile_is_read(active->job.jobfile);
	entry->job.kept.total = jobfile_total(active->job.jobfile, active->job.handed_out);
	if (last) {
		queue_run_settle_end(active);
	}
	if (entry->job.estimated &&
	    entry->job.kept.phase == JOB_ENDED) { /* what is not read counts no more */
		entry->job.estimated = false;
		entry->job.kept.total = active->job.handed_out;
	}
	send_lines(active, last);
}
