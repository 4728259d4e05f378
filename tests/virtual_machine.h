/* SPDX-License-Identifier: ISC */
/*
 * virtual_machine: commands in virtual time, for tests of admission: workers that run any number
 * of them beside each other, and cores that are shared equally by all that compute at the moment.
 * What a command asks for is judged by the worker's own meter and told to the scheduler.
 */
#ifndef TESTS_VIRTUAL_MACHINE_H
#define TESTS_VIRTUAL_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/deadlines.h"
#include "supervisor/scheduler.h"
#include "worker/meter.h"

#define VM_STEPS 3

/* What a task does: its steps, as often as `cycles` says. */
struct vm_script {
	struct {
		int64_t us; /* 0: there are no more */
		bool computes;
	} steps[VM_STEPS];
	uint32_t cycles;
};

struct vm_task {
	struct sched_task sched; /* first */
	struct sched_more more;
	TAILQ_ENTRY(vm_task) queue;
	struct deadline wake; /* of those that sleep: when */
	struct deadline done; /* of those that compute: when, on the clock of cpu_ns */
	struct deadline look;
	const struct vm_script *script;
	struct meter meter;
	int64_t began_us;
	int64_t asked_us;       /* what it asked for before `asked_since_us` */
	int64_t asked_since_us; /* now, if it computes */
	int64_t seen_us;        /* of what it asked for, in the last look */
	uint32_t steps;         /* that are left */
	uint16_t sends;
	uint16_t ends;
	bool queued; /* at its worker, for the slot */
	bool running;
	bool computes_now;
};

TAILQ_HEAD(vm_queue, vm_task);

struct vm_worker {
	struct vm_queue queue;
	struct vm_task *slot;
	bool down;
};

struct vm {
	struct scheduler *scheduler;
	struct kinds *kinds;
	struct vm_worker *workers;
	struct vm_task *tasks;
	struct deadlines wakes, dones, looks;
	unsigned cores;
	uint32_t task_count;
	uint32_t task_room;
	uint32_t ended;
	int64_t start_us; /* of CPU, for each command to begin */
	int64_t now_us;
	int64_t tick_us; /* when recalls are next thought of */
	int64_t cpu_ns;  /* that one which computed all the time would have got so far */
	unsigned computing;
	unsigned computing_most;
	unsigned running; /* commands */
	unsigned running_most;
	int64_t over_us; /* time with more than cores + 1 that computed */
	int64_t idle_us; /* core time that was idle while tasks waited to begin */
	int64_t work_us; /* CPU, of all tasks */
	int64_t longest_us;
	bool audited; /* the scheduler's books, after each event */
};

void vm_init(struct vm *, unsigned cores, uint32_t tasks);
void vm_free(struct vm *);

/* The next task. `kind`: a program's name; NULL: it is no command. The script stays the caller's. */
struct vm_task *vm_add(struct vm *, const struct vm_script *, const char *kind);

/* Runs until all tasks have ended, or until `until_us`. */
void vm_run(struct vm *, int64_t until_us);

void vm_kill(struct vm *, unsigned number); /* its tasks are ready again */
void vm_revive(struct vm *, unsigned number);

/* The books of admission must agree with what is sent. */
void vm_audit(const struct vm *);

int64_t vm_bound_us(const struct vm *); /* no schedule is faster */

#endif
