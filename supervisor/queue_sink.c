/* SPDX-License-Identifier: ISC */
/*
 * queue_sink: of a job of the daemon: what comes of its tasks goes to the queue, see queue_keep.c. In
 * the supervisor, of stintd.
 */
#include "supervisor/queue_parts.h"
#include "supervisor/sink.h"

#define BACKLOG_MOST ((size_t)16 << 20) /* bytes on their way to the store: then workers wait */

static void
output(void *sink, const struct task *task, const struct task_output *bytes)
{
	queue_keep_output(sink, task, bytes);
}

static void
lost(void *sink, const struct task *task)
{
	queue_output_lost(sink, task);
}

static void
record(void *sink, const struct finished *finished)
{
	queue_keep_record(sink, finished);
}

static bool
flush(void *sink, struct text *error)
{
	(void)error;
	queue_keep_flush(sink, false);
	return true;
}

static void
wait_for(void *sink, struct sink_wait *wait)
{
	const struct queue_active *active = sink;

	wait->full = store_backlog(active->entry->queue->store) > BACKLOG_MOST;
}

static bool
close_queue(void *sink, struct text *error)
{
	(void)sink;
	(void)error;
	return true;
}

const struct sink_ops queue_sink = {
    .name = "queue",
    .output = output,
    .lost = lost,
    .record = record,
    .flush = flush,
    .wait = wait_for,
    .close = close_queue,
};
