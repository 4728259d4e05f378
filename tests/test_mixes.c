/* SPDX-License-Identifier: ISC */
/*
 * test_mixes: what admission makes of mixes of commands, in virtual time: how close to the bound
 * they end, how many compute at once. MIXES=1 prints a table of them all.
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

START_TEST(table)
{
	static const unsigned cores[] = {1, 2, 8, 64};
	const char *wanted = getenv("MIXES");

	if (wanted == NULL) {
		return;
	}
	for (size_t m = 0; m < LENGTH(mixes); m++) {
		for (size_t c = 0; c < LENGTH(cores); c++) {
			for (int k = 0; k < KNOWLEDGES; k++) {
				for (int o = 0; o < (mixes[m].parts[1].count > 0 ? ORDERS : 1);
				     o++) {
					row(&mixes[m], cores[c], (enum order)o, (enum knowledge)k);
				}
			}
		}
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {table};

	return unit_run("mixes", tests, LENGTH(tests));
}
