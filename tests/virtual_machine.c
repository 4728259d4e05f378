/* SPDX-License-Identifier: ISC */
/* virtual_machine: see virtual_machine.h. Pure. */
#include "tests/virtual_machine.h"

#include <check.h>
#include <stddef.h>
#include <stdlib.h>

#include "supervisor/scheduler_state.h"

#define GROWN_US     20000 /* between two looks */
#define START_US     500   /* fork, exec, and the linker */
#define WAITING_MOST 100000
#define ABILITIES    (WORKER_GREETED | WORKER_QUEUES | WORKER_MEASURES)

#define OF(entry, member) \
	((struct vm_task *)(void *)((char *)(entry)-offsetof(struct vm_task, member)))

void
vm_init(struct vm *vm, unsigned cores, uint32_t tasks)
{
	*vm = (struct vm){.cores = cores, .task_room = tasks, .start_us = START_US};
	vm->scheduler = scheduler_new(model_find("hybrid"), cores, WAITING_MOST);
	vm->kinds = kinds_new();
	vm->tasks = calloc(tasks, sizeof(*vm->tasks));
	vm->workers = calloc(cores, sizeof(*vm->workers));
	ck_assert(vm->scheduler != NULL && vm->tasks != NULL && vm->workers != NULL);
	for (unsigned i = 0; i < cores; i++) {
		TAILQ_INIT(&vm->workers[i].queue);
		scheduler_worker_up(vm->scheduler, (int)i, ABILITIES);
	}
}

void
vm_free(struct vm *vm)
{
	scheduler_free(vm->scheduler);
	kinds_free(vm->kinds);
	deadlines_free(&vm->wakes);
	deadlines_free(&vm->dones);
	deadlines_free(&vm->looks);
	free(vm->workers);
	free(vm->tasks);
}

static unsigned
count_steps(const struct vm_script *script)
{
	unsigned count = 0;

	while (count < VM_STEPS && script->steps[count].us > 0) {
		count++;
	}
	return count;
}

static void
count_work(struct vm *vm, const struct vm_script *script, int64_t start_us)
{
	int64_t wall_us = start_us;

	vm->work_us += start_us;
	for (unsigned i = 0; i < count_steps(script); i++) {
		wall_us += script->steps[i].us * script->cycles;
		vm->work_us += script->steps[i].computes ? script->steps[i].us * script->cycles : 0;
	}
	vm->longest_us = wall_us > vm->longest_us ? wall_us : vm->longest_us;
}

struct vm_task *
vm_add(struct vm *vm, const struct vm_script *script, const char *kind)
{
	struct vm_task *task = &vm->tasks[vm->task_count++];

	ck_assert_uint_le(vm->task_count, vm->task_room);
	task->script = script;
	task->sched.order = ready_order(0, -1);
	task->sched.command = kind != NULL;
	task->sched.computes = kind != NULL || script->steps[0].computes;
	if (kind != NULL) {
		task->sched.more = &task->more;
		task->more.task = &task->sched;
		task->more.cpus = 1;
		task->more.kind = kinds_get(vm->kinds, span_of(kind), true);
	}
	count_work(vm, script, kind != NULL ? vm->start_us : 0);
	return task;
}

int64_t
vm_bound_us(const struct vm *vm)
{
	int64_t cores_us = vm->work_us / vm->cores;

	return cores_us > vm->longest_us ? cores_us : vm->longest_us;
}

static void
stop_computing(struct vm *vm, struct vm_task *task)
{
	if (task->computes_now) {
		task->computes_now = false;
		task->asked_us += vm->now_us - task->asked_since_us;
		deadlines_clear(&vm->dones, &task->done);
		vm->computing--;
	}
}

static void
start_computing(struct vm *vm, struct vm_task *task, int64_t us)
{
	task->computes_now = true;
	task->asked_since_us = vm->now_us;
	deadlines_set(&vm->dones, &task->done, vm->cpu_ns + us * 1000);
	vm->computing++;
	if (vm->computing > vm->computing_most) {
		vm->computing_most = vm->computing;
	}
}

/* The next step of the script. False: it is over. */
static bool
next_step(struct vm *vm, struct vm_task *task)
{
	unsigned count = count_steps(task->script), at;

	ck_assert_uint_gt(count, 0);
	stop_computing(vm, task);
	if (task->steps == 0) {
		return false;
	}
	at = (count - task->steps % count) % count;
	task->steps--;
	if (task->script->steps[at].computes) {
		start_computing(vm, task, task->script->steps[at].us);
	} else {
		deadlines_set(&vm->wakes, &task->wake, vm->now_us + task->script->steps[at].us);
	}
	return true;
}

static void
begin(struct vm *vm, struct vm_task *task)
{
	task->queued = false;
	task->running = true;
	task->began_us = vm->now_us;
	task->asked_us = task->seen_us = 0;
	task->steps = count_steps(task->script) * task->script->cycles;
	if (!task->sched.command) {
		next_step(vm, task);
		return;
	}
	vm->running++;
	vm->running_most = vm->running > vm->running_most ? vm->running : vm->running_most;
	task->meter = (struct meter){.begin_us = vm->now_us, .looked_us = vm->now_us};
	deadlines_set(&vm->looks, &task->look, vm->now_us + METER_FIRST_US);
	start_computing(vm, task, vm->start_us);
}

static void
fill_slot(struct vm *vm, struct vm_worker *worker)
{
	struct vm_task *task = TAILQ_FIRST(&worker->queue);

	if (worker->slot == NULL && task != NULL) {
		TAILQ_REMOVE(&worker->queue, task, queue);
		worker->slot = task;
		begin(vm, task);
	}
}

static void
receive(struct vm *vm, struct vm_task *task)
{
	struct vm_worker *worker = &vm->workers[task->sched.worker];

	ck_assert(!worker->down);
	ck_assert(!task->queued && !task->running && task->ends == 0);
	task->sends++;
	if (task->sched.beside || !task->sched.computes) {
		begin(vm, task);
		return;
	}
	task->queued = true;
	TAILQ_INSERT_TAIL(&worker->queue, task, queue);
	fill_slot(vm, worker);
}

/* The task is no longer with its worker. */
static void
leave(struct vm *vm, struct vm_task *task)
{
	struct vm_worker *worker = &vm->workers[task->sched.worker];

	if (task->queued) {
		TAILQ_REMOVE(&worker->queue, task, queue);
		task->queued = false;
	}
	if (task->running) {
		stop_computing(vm, task);
		deadlines_clear(&vm->wakes, &task->wake);
		deadlines_clear(&vm->looks, &task->look);
		vm->running -= task->sched.command;
		task->running = false;
	}
	if (worker->slot == task) {
		worker->slot = NULL;
	}
}

static void
end(struct vm *vm, struct vm_task *task)
{
	struct vm_worker *worker = &vm->workers[task->sched.worker];
	int64_t cpu_us = 0;

	leave(vm, task);
	task->ends++;
	vm->ended++;
	for (unsigned i = 0; i < count_steps(task->script); i++) {
		cpu_us += task->script->steps[i].computes
			      ? task->script->steps[i].us * task->script->cycles
			      : 0;
	}
	scheduler_remove(vm->scheduler, &task->sched, vm->now_us - task->began_us, cpu_us,
			 vm->now_us);
	fill_slot(vm, worker);
}

static void
look(struct vm *vm, struct vm_task *task)
{
	struct vm_worker *worker = &vm->workers[task->sched.worker];
	int64_t asked_us =
	    task->asked_us + (task->computes_now ? vm->now_us - task->asked_since_us : 0);
	struct members_look seen = {.asked_ns = (asked_us - task->seen_us) * 1000,
				    .moved = asked_us > task->seen_us,
				    .runnable = task->computes_now,
				    .asleep = !task->computes_now};
	struct meter_news news;

	task->seen_us = asked_us;
	meter_take(&task->meter, vm->now_us, &seen, &news);
	if (meter_is_young(&task->meter, vm->now_us)) {
		deadlines_set(&vm->looks, &task->look, meter_next_us(&task->meter, vm->now_us));
	} else {
		deadlines_set(&vm->looks, &task->look, vm->now_us + GROWN_US);
	}
	if (news.report) {
		scheduler_phase(vm->scheduler, &task->sched, task->meter.use >= METER_COMPUTES,
				(int)task->meter.use, vm->now_us);
	}
	if (news.waits && worker->slot == task) {
		worker->slot = NULL;
		fill_slot(vm, worker);
	}
}

/* As many as the scheduler asks for come back, the newest first. */
static void
recall(struct vm *vm)
{
	struct vm_task *task;
	unsigned count;
	int number;

	while (scheduler_recall(vm->scheduler, vm->now_us, &number, &count)) {
		while (count-- > 0 &&
		       (task = TAILQ_LAST(&vm->workers[number].queue, vm_queue)) != NULL) {
			leave(vm, task);
			scheduler_remove(vm->scheduler, &task->sched, -1, 0, vm->now_us);
			scheduler_again(vm->scheduler, &task->sched);
		}
	}
}

/* The clock goes on; what computes gets its share of the cores. */
static void
pass(struct vm *vm, int64_t to_us)
{
	int64_t span_us = to_us - vm->now_us;

	if (vm->computing > vm->cores) {
		vm->cpu_ns += span_us * 1000 * vm->cores / vm->computing;
	} else {
		vm->cpu_ns += span_us * 1000;
		if (vm->ended + vm->running < vm->task_count) {
			vm->idle_us += span_us * (vm->cores - vm->computing);
		}
	}
	vm->over_us += vm->computing > vm->cores + 1 ? span_us : 0;
	vm->now_us = to_us;
}

static int64_t
next_event_us(const struct vm *vm)
{
	const struct deadline *wake = deadlines_first(&vm->wakes);
	const struct deadline *done = deadlines_first(&vm->dones);
	const struct deadline *next = deadlines_first(&vm->looks);
	int64_t at_us = next == NULL ? INT64_MAX : next->at_us;

	if (wake != NULL && wake->at_us < at_us) {
		at_us = wake->at_us;
	}
	if (done != NULL) {
		int64_t left_ns = done->at_us - vm->cpu_ns, left_us;

		if (vm->computing > vm->cores) {
			left_ns = left_ns * vm->computing / vm->cores;
		}
		left_us = left_ns <= 0 ? 0 : left_ns / 1000 + 1;
		at_us = vm->now_us + left_us < at_us ? vm->now_us + left_us : at_us;
	}
	if (scheduler_watch(vm->scheduler) && vm->tick_us < at_us) {
		at_us = vm->tick_us > vm->now_us ? vm->tick_us : vm->now_us;
	}
	return at_us;
}

static void
events(struct vm *vm)
{
	struct deadline *due;

	while ((due = deadlines_due(&vm->dones, vm->cpu_ns)) != NULL) {
		if (!next_step(vm, OF(due, done))) {
			end(vm, OF(due, done));
		}
	}
	while ((due = deadlines_due(&vm->wakes, vm->now_us)) != NULL) {
		if (!next_step(vm, OF(due, wake))) {
			end(vm, OF(due, wake));
		}
	}
	while ((due = deadlines_due(&vm->looks, vm->now_us)) != NULL) {
		look(vm, OF(due, look));
	}
	if (vm->now_us >= vm->tick_us) {
		vm->tick_us = vm->now_us + SCHED_TICK_US;
		recall(vm);
	}
}

void
vm_run(struct vm *vm, int64_t until_us)
{
	struct sched_task *next;

	if (vm->now_us == 0) {
		for (uint32_t i = 0; i < vm->task_count; i++) {
			scheduler_add(vm->scheduler, &vm->tasks[i].sched);
		}
	}
	while (vm->ended < vm->task_count) {
		int64_t at_us;

		while ((next = scheduler_next(vm->scheduler, vm->now_us)) != NULL) {
			receive(vm, (struct vm_task *)(void *)next);
		}
		if (vm->audited) {
			vm_audit(vm);
		}
		at_us = next_event_us(vm);
		ck_assert_msg(at_us < INT64_MAX || until_us < INT64_MAX,
			      "nothing runs, and %u tasks have not", vm->task_count - vm->ended);
		pass(vm, at_us < until_us ? at_us : until_us);
		if (at_us > until_us) {
			return;
		}
		events(vm);
	}
}

void
vm_kill(struct vm *vm, unsigned number)
{
	struct sched_list *tasks = scheduler_tasks(vm->scheduler, (int)number);
	struct sched_task *task;

	vm->workers[number].down = true;
	scheduler_worker_down(vm->scheduler, (int)number);
	while ((task = TAILQ_LAST(tasks, sched_list)) != NULL) {
		leave(vm, (struct vm_task *)(void *)task);
		scheduler_remove(vm->scheduler, task, -1, 0, vm->now_us);
		scheduler_again(vm->scheduler, task);
	}
}

void
vm_revive(struct vm *vm, unsigned number)
{
	vm->workers[number].down = false;
	scheduler_worker_up(vm->scheduler, (int)number, ABILITIES);
}

static void
take_surprise(void *context, struct kind *kind)
{
	*(unsigned *)context -= kind->surprise;
}

void
vm_audit(const struct vm *vm)
{
	const struct scheduler *sched = vm->scheduler;
	unsigned asked = 0, young = 0, commands = 0, sent = 0, surprise = 0;

	for (uint32_t i = 0; i < vm->task_count; i++) {
		const struct vm_task *task = &vm->tasks[i];

		ck_assert_uint_le(task->ends, 1);
		if (task->sched.state == SCHED_SENT) {
			ck_assert(task->queued || task->running);
			sent++;
			commands += task->sched.command;
			young += task->sched.beside && !task->more.measured;
			asked += task->sched.more != NULL ? task->more.counted : 0;
			surprise +=
			    task->more.waits && task->more.measured ? task->more.counted : 0;
		} else {
			ck_assert(!task->queued && !task->running);
		}
	}
	for (unsigned i = 0; i < vm->cores; i++) {
		asked += sched->workers[i].computing > 0 ? ADMISSION_CORE : 0;
	}
	ck_assert_uint_eq(sched->admission.asked, asked);
	ck_assert_uint_eq(sched->admission.young, young);
	kinds_each(vm->kinds, take_surprise, &surprise);
	ck_assert_uint_eq(surprise, 0);
	ck_assert_uint_eq(sched->admission.commands, commands);
	ck_assert_uint_eq(sched->sent, sent);
}
