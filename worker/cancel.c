/* SPDX-License-Identifier: ISC */
/* cancel: see cancel.h. In the worker, called from every thread that runs tasks. */
#include "worker/cancel.h"

#include <stddef.h>

#include "ipc/clock.h"

static _Thread_local cancel_idle *idle;

void
cancel_set_idle(cancel_idle *work)
{
	idle = work;
}

void
cancel_init(struct cancel *cancel, int64_t deadline_us)
{
	atomic_init(&cancel->reason, CANCEL_NONE);
	cancel->deadline_us = deadline_us;
	cancel->next_us = 0;
}

void
cancel_request(struct cancel *cancel, enum cancel_reason reason)
{
	int none = CANCEL_NONE;

	atomic_compare_exchange_strong(&cancel->reason, &none, (int)reason);
}

enum cancel_reason
cancel_reason(const struct cancel *cancel)
{
	return (enum cancel_reason)atomic_load_explicit(&cancel->reason, memory_order_relaxed);
}

bool
cancel_check(struct cancel *cancel)
{
	int64_t now;

	if (cancel_reason(cancel) != CANCEL_NONE) {
		return true;
	}
	now = clock_us();
	if (cancel->deadline_us != 0 && now >= cancel->deadline_us) {
		cancel_request(cancel, CANCEL_TIMEOUT);
	}
	if (idle != NULL && now >= cancel->next_us) {
		cancel->next_us = idle(cancel, now);
	}
	return cancel_reason(cancel) != CANCEL_NONE;
}
