/* SPDX-License-Identifier: ISC */
/*
 * share: a job's part of the cores, where several jobs have tasks that are ready. Of those of the
 * highest priority, the one goes next that has had the least of the cores for its weight. Pure; in
 * the supervisor.
 *
 *	pass = sum over its tasks of the time that they computed / weight
 *
 * (stride scheduling, Waldspurger and Weihl 1995; what a task will take is charged when it is sent,
 * by what the job's tasks took so far, and put right when it has ended). A job that begins, or comes
 * back, is level with the one that went last: it has no claim on what was before.
 */
#ifndef SUPERVISOR_SHARE_H
#define SUPERVISOR_SHARE_H

#include <stdint.h>

struct share {
	int priority;
	unsigned weight; /* from 1 */
	double pass_us;
	double mean_us; /* that its tasks computed, a moving average */
};

#define SHARE_FIRST_US 10000 /* that a task is expected to compute before any has ended */

void share_begin(struct share *, int priority, unsigned weight, double now_us);
void share_sent(struct share *);                  /* one of its tasks goes to a worker */
void share_ended(struct share *, int64_t cpu_us); /* it has ended there; -1: it came back */
int share_compare(const struct share *, const struct share *); /* < 0: the first goes first */

#endif
