/* SPDX-License-Identifier: ISC */
/* gil: see gil.h. In stint-worker, threads of the pool. */
#include "worker/gil.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn = PTHREAD_COND_INITIALIZER;
static uint64_t next_ticket, serving; /* equal: the lock is free */

void
gil_acquire(void)
{
	uint64_t ticket;

	pthread_mutex_lock(&lock);
	ticket = next_ticket++;
	while (serving != ticket) {
		pthread_cond_wait(&turn, &lock);
	}
	pthread_mutex_unlock(&lock);
}

void
gil_release(void)
{
	pthread_mutex_lock(&lock);
	serving++;
	pthread_cond_broadcast(&turn);
	pthread_mutex_unlock(&lock);
}

void
gil_pass_on(void)
{
	uint64_t waiting;

	pthread_mutex_lock(&lock);
	waiting = next_ticket - serving - 1;
	pthread_mutex_unlock(&lock);
	if (waiting > 0) {
		gil_release();
		gil_acquire();
	}
}
