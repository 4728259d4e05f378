/* SPDX-License-Identifier: ISC */
/*
 * test_mixes: what admission makes of mixes of commands, in virtual time: how close to the bound
 * they end, how many compute at once. MIXES=CORES prints a table of them all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit.h"
#include "tests/virtual_machine.h"

#define MS      1000
#define SECOND  1000000
#define FOREVER INT64_MAX

enum order { INTERLEAVED, FIRST_ONES_FIRST, FIRST_ONES_LAST, ORDERS };
static const char *const order_words[] = {"interleaved", "first", "last"};

/* What the scheduler can know of the two parts of a mix. */
enum knowledge {
	TWO_PROGRAMS,
	ONE_PROGRAM,
	OWN_PROGRAMS,
	RIGHT_HISTORY,
	WRONG_HISTORY,
	HINTS,
	KNOWLEDGES
};
static const char *const knowledge_words[] = {"two", "one", "own", "history", "wrong", "hints"};

struct mix {
	const char *name;
	struct {
		unsigned count;
		struct vm_script script;
	} parts[2];
};

#define CPU(us)            \
	{                  \
		(us), true \
	}
#define SLEEP(us)           \
	{                   \
		(us), false \
	}

static const struct mix mixes[] = {
    {"40 burn .25 + 200 sleep 1", {{40, {{CPU(250 * MS)}, 1}}, {200, {{SLEEP(SECOND)}, 1}}}},
    {"40 burn .25 + 200 x (50 ms, sleep 1)",
     {{40, {{CPU(250 * MS)}, 1}}, {200, {{CPU(50 * MS), SLEEP(SECOND)}, 1}}}},
    {"40 burn .25 + 100 x (sleep .5, .1)",
     {{40, {{CPU(250 * MS)}, 1}}, {100, {{SLEEP(500 * MS), CPU(100 * MS)}, 1}}}},
    {"40 burn .25 + 60 x 30 % of 1 s, 10 ms",
     {{40, {{CPU(250 * MS)}, 1}}, {60, {{CPU(3 * MS), SLEEP(7 * MS)}, 100}}}},
    {"40 burn .25 + 60 x 30 % of 1 s, 200 ms",
     {{40, {{CPU(250 * MS)}, 1}}, {60, {{CPU(60 * MS), SLEEP(140 * MS)}, 5}}}},
    {"1000 x 1 ms + 200 sleep 1", {{1000, {{CPU(1 * MS)}, 1}}, {200, {{SLEEP(SECOND)}, 1}}}},
    {"40 burn .25 + 1000 sleep 10 ms", {{40, {{CPU(250 * MS)}, 1}}, {1000, {{SLEEP(10 * MS)}, 1}}}},
    {"1000 sleep 1", {{1000, {{SLEEP(SECOND)}, 1}}}},
    {"200 x (sleep .5, .25)", {{200, {{SLEEP(500 * MS), CPU(250 * MS)}, 1}}}},
    {"200 x (.25, sleep .5)", {{200, {{CPU(250 * MS), SLEEP(500 * MS)}, 1}}}},
    {"200 x 30 % of 1 s, 200 ms", {{200, {{CPU(60 * MS), SLEEP(140 * MS)}, 5}}}},
    {"200 burn .25", {{200, {{CPU(250 * MS)}, 1}}}},
};

static void
add(struct vm *vm, const struct mix *mix, unsigned part, enum knowledge knowledge)
{
	const struct vm_script *script = &mix->parts[part].script;
	bool computes = script->steps[0].computes && script->steps[1].us == 0;
	char name[32] = "program";
	struct vm_task *task;

	if (knowledge == OWN_PROGRAMS) {
		snprintf(name, sizeof(name), "program%u", vm->task_count);
	} else if (knowledge != ONE_PROGRAM) {
		snprintf(name, sizeof(name), "program %u", part);
	}
	task = vm_add(vm, script, name);
	if (knowledge == HINTS) {
		task->more.hint = computes ? TASK_CLASS_CPU : TASK_CLASS_WAIT;
	}
	if ((knowledge == RIGHT_HISTORY || knowledge == WRONG_HISTORY) &&
	    task->more.kind->ended == 0) {
		int64_t cpu = 0, all = 0;
		for (int i = 0; i < VM_STEPS; i++) {
			all += script->steps[i].us;
			cpu += script->steps[i].computes ? script->steps[i].us : 0;
		}
		kind_learn_use(task->more.kind, knowledge == WRONG_HISTORY
						    ? (computes ? 0 : 1000)
						    : (uint32_t)(cpu * 1000 / all));
		task->more.kind->ended = 12;
	}
}

static void
set_up(struct vm *vm, const struct mix *mix, unsigned cores, enum order order,
       enum knowledge knowledge)
{
	unsigned scale = cores > 2 ? cores / 2 : 1;
	unsigned a = mix->parts[0].count * scale, b = mix->parts[1].count * scale;
	unsigned all = a + b, done = 0;

	vm_init(vm, cores, all);
	for (unsigned i = 0; i < all; i++) {
		bool first = order == INTERLEAVED
				 ? done * (uint64_t)all < (uint64_t)(i + 1) * a && done < a
			     : order == FIRST_ONES_FIRST ? i < a
							 : i >= b;
		done += first;
		add(vm, mix, first ? 0 : 1, knowledge);
	}
}

static void
row(const struct mix *mix, unsigned cores, enum order order, enum knowledge knowledge)
{
	struct vm vm;

	set_up(&vm, mix, cores, order, knowledge);
	vm_run(&vm, FOREVER);
	printf("%-40s %2u cores %-11s %-8s bound %7.3f wall %7.3f = %5.3f  over %5.1f %%  most %4u "
	       " idle %6.3f\n",
	       mix->name, cores, order_words[order], knowledge_words[knowledge],
	       (double)vm_bound_us(&vm) / 1e6, (double)vm.now_us / 1e6,
	       (double)vm.now_us / (double)vm_bound_us(&vm),
	       (double)vm.over_us * 100 / (double)vm.now_us, vm.computing_most,
	       (double)vm.idle_us / 1e6);
	vm_free(&vm);
}

/* No more than so many thousandths of the bound, and above cores + 1 for as much of the time. */
static const struct limit {
	unsigned mix; /* its index */
	unsigned cores;
	enum knowledge knowledge;
	int64_t bound;
	int64_t over;
} limits[] = {
    {0, 1, TWO_PROGRAMS, 1050, 10},   {0, 2, TWO_PROGRAMS, 1050, 10},
    {0, 8, TWO_PROGRAMS, 1080, 10},   {0, 2, RIGHT_HISTORY, 1050, 10},
    {0, 2, WRONG_HISTORY, 1100, 200}, {0, 2, HINTS, 1050, 10},
    {0, 2, ONE_PROGRAM, 1300, 300},   {0, 2, OWN_PROGRAMS, 1300, 10},
    {1, 2, TWO_PROGRAMS, 1150, 100},  {1, 2, RIGHT_HISTORY, 1150, 100},
    {1, 2, HINTS, 1150, 100},         {1, 2, OWN_PROGRAMS, 1350, 10},
    {1, 8, TWO_PROGRAMS, 1350, 400},  {2, 2, TWO_PROGRAMS, 1050, 1000},
    {3, 2, TWO_PROGRAMS, 1150, 600},  {4, 2, TWO_PROGRAMS, 1100, 700},
    {6, 2, TWO_PROGRAMS, 1050, 100},  {7, 2, TWO_PROGRAMS, 1700, 200}, /* their starts */
    {7, 2, OWN_PROGRAMS, 2100, 10},   {8, 2, OWN_PROGRAMS, 1050, 1000},
    {9, 2, TWO_PROGRAMS, 1150, 10},   {10, 2, OWN_PROGRAMS, 1100, 1000},
    {11, 2, TWO_PROGRAMS, 1010, 10},  {11, 8, WRONG_HISTORY, 1010, 100},
};

static void
assert_limit(const struct limit *limit, enum order order)
{
	const struct mix *mix = &mixes[limit->mix];
	struct vm vm;

	set_up(&vm, mix, limit->cores, order, limit->knowledge);
	vm_run(&vm, FOREVER);
	ck_assert_msg(vm.now_us * 1000 <= vm_bound_us(&vm) * limit->bound &&
			  vm.over_us * 1000 <= vm.now_us * limit->over,
		      "%s, %u cores, %s, %s: %d of 1000 of the bound, %d of it above", mix->name,
		      limit->cores, order_words[order], knowledge_words[limit->knowledge],
		      (int)(vm.now_us * 1000 / vm_bound_us(&vm)),
		      (int)(vm.over_us * 1000 / vm.now_us));
	vm_free(&vm);
}

START_TEST(mixes_end_near_their_bound)
{
	for (size_t i = 0; i < LENGTH(limits); i++) {
		for (int order = 0; order < ORDERS; order++) {
			assert_limit(&limits[i], (enum order)order);
		}
	}
}
END_TEST

static void
assert_books(const struct mix *mix, enum knowledge knowledge)
{
	struct vm vm;

	set_up(&vm, mix, 4, INTERLEAVED, knowledge);
	vm.audited = true;
	for (unsigned i = 0; i < 40; i++) {
		vm_run(&vm, (i + 1) * 100 * MS);
		if (i % 2 == 0) {
			vm_kill(&vm, i / 2 % 4);
		} else {
			vm_revive(&vm, i / 2 % 4);
		}
		vm_audit(&vm);
	}
	vm_run(&vm, FOREVER);
	for (uint32_t i = 0; i < vm.task_count; i++) {
		ck_assert_uint_eq(vm.tasks[i].ends, 1);
	}
	vm_audit(&vm);
	ck_assert_uint_eq(scheduler_load(vm.scheduler).asked, 0);
	vm_free(&vm);
}

START_TEST(the_books_agree_also_when_workers_die)
{
	assert_books(&mixes[1], TWO_PROGRAMS);
	assert_books(&mixes[8], HINTS);
}
END_TEST

/* What takes no core is not held up by what does, however long and with however many threads. */
START_TEST(commands_that_wait_are_not_starved)
{
	static const struct vm_script hour = {{SLEEP(100 * MS), CPU(3600LL * SECOND)}, 1};
	static const struct vm_script nap = {{SLEEP(SECOND)}, 1};
	enum { NAPS = 300 };
	unsigned ended = 0;
	struct vm vm;

	vm_init(&vm, 2, 6 + NAPS);
	for (int i = 0; i < 6; i++) {
		vm_add(&vm, &hour, "grind");
	}
	for (int i = 0; i < NAPS; i++) {
		vm_add(&vm, &nap, "sleep")->sched.order = ready_order(-1, 0);
	}
	vm_run(&vm, 30LL * SECOND);
	for (uint32_t i = 6; i < vm.task_count; i++) {
		ended += vm.tasks[i].ends;
	}
	ck_assert_uint_eq(ended, NAPS);
	vm_free(&vm);
}
END_TEST

/* So many of one kind, of which this is known. */
static void
run_alike(struct vm *vm, unsigned cores, unsigned count, enum task_class hint)
{
	static const struct vm_script burn = {{CPU(250 * MS)}, 1};

	vm_init(vm, cores, count);
	for (unsigned i = 0; i < count; i++) {
		struct vm_task *task = vm_add(vm, &burn, "burn");

		task->more.hint = (uint8_t)hint;
		kind_learn_took(task->more.kind, 250 * MS, -1);
		kind_learn_use(task->more.kind, ADMISSION_CORE);
	}
	scheduler_no_more(vm->scheduler, true);
	vm_run(vm, FOREVER);
}

/* Five on two cores end after 2.5 times what each takes, and not after 3. */
START_TEST(the_last_one_shares_the_cores)
{
	struct vm vm;

	run_alike(&vm, 2, 5, TASK_CLASS_NONE);
	ck_assert_int_le(vm.now_us, 640 * MS);
	ck_assert_uint_le(vm.computing_most, 3);
	vm_free(&vm);
}
END_TEST

/* With one core nothing is gained; and who says that they compute wants them one a core. */
START_TEST(the_last_one_waits_where_it_gains_nothing_or_was_promised_a_core)
{
	struct vm vm;

	run_alike(&vm, 1, 2, TASK_CLASS_NONE);
	ck_assert_uint_eq(vm.computing_most, 1);
	vm_free(&vm);
	run_alike(&vm, 2, 5, TASK_CLASS_CPU);
	ck_assert_uint_eq(vm.computing_most, 2);
	vm_free(&vm);
}
END_TEST

/* It would only hold up the one that ends last anyway. */
START_TEST(the_last_one_waits_where_others_take_longer)
{
	static const struct vm_script burn = {{CPU(250 * MS)}, 1}, grind = {{CPU(2 * SECOND)}, 1};
	struct vm vm;
	struct vm_task *task;

	vm_init(&vm, 2, 3);
	task = vm_add(&vm, &grind, "grind");
	kind_learn_took(task->more.kind, 2 * SECOND, -1);
	kind_learn_use(task->more.kind, ADMISSION_CORE);
	for (int i = 0; i < 2; i++) {
		task = vm_add(&vm, &burn, "burn");
		kind_learn_took(task->more.kind, 250 * MS, -1);
		kind_learn_use(task->more.kind, ADMISSION_CORE);
	}
	scheduler_no_more(vm.scheduler, true);
	vm_run(&vm, FOREVER);
	ck_assert_uint_eq(vm.computing_most, 2);
	ck_assert_int_le(vm.now_us, 2050 * MS);
	vm_free(&vm);
}
END_TEST

START_TEST(table)
{
	const char *wanted = getenv("MIXES");
	unsigned cores = wanted == NULL ? 0 : (unsigned)strtoul(wanted, NULL, 10);

	for (size_t m = 0; cores > 0 && m < LENGTH(mixes); m++) {
		for (int k = 0; k < KNOWLEDGES; k++) {
			for (int o = 0; o < (mixes[m].parts[1].count > 0 ? ORDERS : 1); o++) {
				row(&mixes[m], cores, (enum order)o, (enum knowledge)k);
			}
		}
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    mixes_end_near_their_bound,
	    the_books_agree_also_when_workers_die,
	    the_last_one_shares_the_cores,
	    the_last_one_waits_where_others_take_longer,
	    the_last_one_waits_where_it_gains_nothing_or_was_promised_a_core,
	    commands_that_wait_are_not_starved,
	    table};

	return unit_run("mixes", tests, LENGTH(tests));
}
