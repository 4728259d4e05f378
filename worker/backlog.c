/* SPDX-License-Identifier: ISC */
/* backlog: see backlog.h. In stint-worker, the loop thread. */
#include "worker/backlog.h"

#include "worker/worker.h"

#define UNSENT_MOST ((size_t)4 << 20)

/* Flushed first: so the channel calls again if something is left. */
static bool
supervisor_is_behind(struct worker *worker)
{
	if (channel_unsent(worker->channel) <= UNSENT_MOST) {
		return false;
	}
	channel_flush(worker->channel);
	return channel_unsent(worker->channel) > UNSENT_MOST;
}

static void
on_room(void *arg)
{
	struct worker *worker = arg;
	struct waiter *first;

	while ((first = TAILQ_FIRST(&worker->backlog)) != NULL && !supervisor_is_behind(worker)) {
		first->go(worker, first);
	}
	dispatch_flush(worker);
}

void
backlog_init(struct worker *worker)
{
	TAILQ_INIT(&worker->backlog);
	channel_on_room(worker->channel, on_room);
}

bool
backlog_pass(struct worker *worker, struct waiter *waiter)
{
	struct waiter *first = TAILQ_FIRST(&worker->backlog);

	if ((first == NULL || first == waiter) && !supervisor_is_behind(worker)) {
		return true;
	}
	if (!waiter->waits) {
		TAILQ_INSERT_TAIL(&worker->backlog, waiter, link);
		waiter->waits = true;
	}
	return false;
}

void
backlog_leave(struct worker *worker, struct waiter *waiter)
{
	if (waiter->waits) {
		TAILQ_REMOVE(&worker->backlog, waiter, link);
		waiter->waits = false;
	}
}
