/* SPDX-License-Identifier: ISC */
/* test_gate: named resources and memory: who may pass, who waits, which units are granted. */
#include <stdlib.h>
#include <string.h>

#include "supervisor/gate.h"
#include "supervisor/share.h"
#include "tests/unit.h"

#define MEMORY 1000

static void
add_use(struct task_rules *rules, const char *resource, uint32_t units)
{
	rules->uses = reallocarray(rules->uses, rules->use_count + 1, sizeof(struct task_use));
	ck_assert_ptr_nonnull(rules->uses);
	rules->uses[rules->use_count++] =
	    (struct task_use){.resource = strdup(resource), .units = units};
}

/* A task that uses so much of the resources a and b, and of memory. */
static struct task *
make(uint32_t a, uint32_t b, uint64_t memory)
{
	struct task_text *text = task_text_new(SPAN_LITERAL("{}"), SPAN_EMPTY, SPAN_EMPTY);
	struct task *task;

	text->memory = memory;
	text->rules = calloc(1, sizeof(*text->rules));
	ck_assert_ptr_nonnull(text->rules);
	if (a > 0) {
		add_use(text->rules, "a", a);
	}
	if (b > 0) {
		add_use(text->rules, "b", b);
	}
	task = task_new(text, 1, 0);
	task_text_release(text);
	task->sched.order = ready_order(0, 0);
	return task;
}

static struct gate *
make_gate_of(uint64_t a, uint64_t b, struct supply *shared)
{
	struct gate *gate = gate_new(MEMORY, shared);

	gate_declare(gate, "a", a);
	gate_declare(gate, "b", b);
	return gate;
}

static struct gate *
make_gate(uint64_t a, uint64_t b)
{
	return make_gate_of(a, b, NULL);
}

static void
assert_grants(const struct gate *gate, const struct task *task, const char *expected)
{
	struct text text = TEXT_INIT;

	gate_put_grants(gate, task, &text);
	unit_assert_text(&text, expected);
	text_free(&text);
}

START_TEST(what_there_is_not_is_forbidden)
{
	struct gate *gate = make_gate(2, 0);
	struct task *rows[] = {make(2, 0, MEMORY), make(3, 0, 0), make(0, 1, 0),
			       make(0, 0, MEMORY + 1), make(0, 0, 0)};

	ck_assert_ptr_null(gate_forbids(gate, rows[0]));
	ck_assert_ptr_nonnull(strstr(gate_forbids(gate, rows[1]), "there are only"));
	ck_assert_ptr_nonnull(strstr(gate_forbids(gate, rows[2]), "there are only"));
	ck_assert_ptr_nonnull(strstr(gate_forbids(gate, rows[3]), "\"memory\""));
	ck_assert_ptr_null(gate_forbids(gate, rows[4]));
	add_use(rows[4]->text->rules, "c", 1);
	ck_assert_ptr_nonnull(strstr(gate_forbids(gate, rows[4]), "does not have"));
	for (size_t i = 0; i < LENGTH(rows); i++) {
		task_free(rows[i]);
	}
	gate_free(gate);
	gate_free(NULL);
}
END_TEST

START_TEST(units_are_granted_by_the_lowest_free_number)
{
	struct gate *gate = make_gate(4, 2);
	struct task *one = make(2, 1, 0), *two = make(1, 0, 5), *three = make(2, 1, 0);

	ck_assert(gate_pass(gate, one));
	assert_grants(gate, one, "{\"STINT_A\":\"0,1\",\"STINT_B\":\"0\"}");
	ck_assert(gate_pass(gate, two));
	assert_grants(gate, two, "{\"STINT_A\":\"2\"}");
	ck_assert(!gate_pass(gate, three));
	assert_grants(gate, three, "");
	ck_assert_ptr_null(gate_opened(gate));
	ck_assert_uint_eq(gate_waiting(gate), 1);
	gate_give_back(gate, one);
	gate_give_back(gate, one); /* it holds nothing any more */
	ck_assert_ptr_eq(gate_opened(gate), three);
	assert_grants(gate, three, "{\"STINT_A\":\"0,1\",\"STINT_B\":\"0\"}");
	ck_assert_uint_eq(gate_waiting(gate), 0);
	task_free(one);
	task_free(two);
	task_free(three);
	gate_free(gate);
}
END_TEST

START_TEST(who_wants_much_is_not_overtaken)
{
	struct gate *gate = make_gate(3, 1);
	struct task *small = make(1, 0, 0), *large = make(3, 0, 0), *late = make(1, 0, 0);

	ck_assert(gate_pass(gate, small));
	ck_assert(!gate_pass(gate, large));
	ck_assert(!gate_pass(gate, late)); /* there are two, but another waits for them */
	gate_give_back(gate, small);
	ck_assert_ptr_eq(gate_opened(gate), large);
	ck_assert_ptr_null(gate_opened(gate));
	gate_give_back(gate, large);
	ck_assert_ptr_eq(gate_opened(gate), late);
	ck_assert_ptr_null(gate_take_any(gate));
	task_free(small);
	task_free(large);
	task_free(late);
	gate_free(gate);
}
END_TEST

START_TEST(memory_is_a_resource_without_numbers)
{
	struct gate *gate = make_gate(1, 1);
	struct task *first = make(0, 0, 600), *second = make(0, 0, 600), *third = make(1, 0, 1);
	struct task *user = make(1, 0, 0);

	ck_assert(gate_pass(gate, first));
	assert_grants(gate, first, "");
	ck_assert(!gate_waiting_for_memory(gate) || gate_waiting(gate) == 0);
	ck_assert(!gate_pass(gate, second));
	ck_assert(gate_waiting_for_memory(gate));
	ck_assert(gate_pass(gate, user));
	ck_assert(!gate_pass(gate, third));
	ck_assert_ptr_eq(gate_take_any(gate), second);
	ck_assert_uint_eq(gate_waiting(gate), 1);
	ck_assert_ptr_eq(gate_take_any(gate), third);
	ck_assert_ptr_null(gate_take_any(gate));
	task_free(first);
	task_free(second);
	task_free(third);
	task_free(user);
	gate_free(gate);
}
END_TEST

/* A task of a job of that share. */
static struct task *
make_of(const struct share *share, uint64_t memory)
{
	struct task *task = make(0, 0, memory);

	task->sched.share = (struct share *)(uintptr_t)share;
	return task;
}

START_TEST(memory_is_shared_and_the_job_of_higher_priority_goes_first)
{
	struct supply *memory = gate_memory_new(MEMORY);
	struct gate *gates[] = {gate_new(UINT64_MAX, memory), gate_new(500, memory)};
	struct share low = {.priority = 0, .weight = 1}, high = {.priority = 5, .weight = 1};
	struct task *first = make_of(&low, 900), *second = make_of(&low, 900);
	struct task *urgent = make_of(&high, 400), *too_much = make_of(&high, 501);

	ck_assert_ptr_nonnull(strstr(gate_forbids(gates[1], too_much), "\"memory\""));
	ck_assert(gate_pass(gates[0], first));
	ck_assert(!gate_pass(gates[0], second));
	ck_assert_ptr_eq(gate_memory_next(memory), second);
	ck_assert(!gate_pass(gates[1], urgent));
	ck_assert_ptr_eq(gate_memory_next(memory), urgent);
	ck_assert_uint_eq(gate_waiting(gates[0]), 1);
	ck_assert_uint_eq(gate_waiting(gates[1]), 1);
	ck_assert(gate_waiting_for_memory(gates[1]));
	gate_give_back(gates[0], first);
	ck_assert_ptr_eq(gate_opened(gates[0]), urgent); /* of the other gate */
	ck_assert_ptr_null(gate_opened(gates[0]));
	ck_assert_uint_eq(gate_holding(gates[1]), 1);
	ck_assert_ptr_null(gate_take_any(gates[1]));
	ck_assert_ptr_eq(gate_take_any(gates[0]), second);
	gate_give_back(gates[1], urgent);
	task_free(first);
	task_free(second);
	task_free(urgent);
	task_free(too_much);
	gate_free(gates[0]);
	gate_free(gates[1]);
	gate_memory_free(memory);
}
END_TEST

START_TEST(when_memory_becomes_less_who_wants_more_is_alone)
{
	struct supply *memory = gate_memory_new(MEMORY);
	struct gate *gate = gate_new(UINT64_MAX, memory);
	struct task *first = make(0, 0, 300), *large = make(0, 0, 900), *small = make(0, 0, 50);

	ck_assert_ptr_null(gate_forbids(gate, large));
	ck_assert(gate_pass(gate, first));
	gate_memory_set(memory, 100);
	ck_assert_ptr_nonnull(gate_forbids(gate, large));
	ck_assert(!gate_pass(gate, large)); /* it was read before */
	ck_assert(!gate_pass(gate, small));
	gate_give_back(gate, first);
	ck_assert_ptr_eq(gate_opened(gate), large);
	ck_assert_ptr_null(gate_opened(gate));
	gate_memory_set(memory, MEMORY);
	gate_look_again(gate);
	ck_assert_ptr_eq(gate_opened(gate), small);
	gate_give_back(gate, large);
	gate_give_back(gate, small);
	task_free(first);
	task_free(large);
	task_free(small);
	gate_free(gate);
	gate_memory_free(memory);
}
END_TEST

#define TASKS 200
#define UNITS 7

/* Of two jobs, by turns. */
struct crowd {
	struct gate *gates[2];
	struct task *tasks[TASKS];
	enum { OUTSIDE, WAITS, HOLDS, DONE } state[TASKS];
};

static void
enters(struct crowd *crowd, const struct task *task)
{
	for (int i = 0; i < TASKS; i++) {
		if (crowd->tasks[i] == task) {
			ck_assert_int_eq(crowd->state[i], WAITS);
			crowd->state[i] = HOLDS;
		}
	}
}

/* No more is held than there is, and no unit by two. */
static void
assert_limits(const struct crowd *crowd)
{
	uint64_t memory = 0;
	bool held[2][2][UNITS] = {{{false}}};

	for (int i = 0; i < TASKS; i++) {
		const struct task_rules *rules = task_rules(crowd->tasks[i]->text);
		const uint32_t *number = task_extra(crowd->tasks[i])->granted;

		if (crowd->state[i] != HOLDS) {
			continue;
		}
		memory += crowd->tasks[i]->text->memory;
		for (uint32_t n = 0; n < rules->use_count; n++) {
			for (uint32_t u = 0; u < rules->uses[n].units; u++) {
				bool *unit =
				    &held[i % 2][rules->uses[n].resource[0] - 'a'][*number++];

				ck_assert(!*unit);
				*unit = true;
			}
		}
	}
	ck_assert_uint_le(memory, MEMORY);
}

static void
step(struct crowd *crowd, uint64_t *seed)
{
	size_t i = unit_random(seed) % TASKS;
	struct task *opened;

	if (crowd->state[i] == OUTSIDE) {
		crowd->state[i] = gate_pass(crowd->gates[i % 2], crowd->tasks[i]) ? HOLDS : WAITS;
	} else if (crowd->state[i] == HOLDS) {
		gate_give_back(crowd->gates[i % 2], crowd->tasks[i]);
		crowd->state[i] = DONE;
	}
	while ((opened = gate_opened(crowd->gates[i % 2])) != NULL) {
		enters(crowd, opened);
	}
}

static unsigned
count(const struct crowd *crowd, int state)
{
	unsigned found = 0;

	for (int i = 0; i < TASKS; i++) {
		found += (int)crowd->state[i] == state;
	}
	return found;
}

START_TEST(a_random_crowd_keeps_the_limits_and_all_pass)
{
	struct supply *memory = gate_memory_new(MEMORY);
	const struct share shares[] = {{.weight = 1}, {.weight = 1, .priority = 1}};
	struct crowd crowd = {
	    .gates = {make_gate_of(UNITS, UNITS, memory), make_gate_of(UNITS, UNITS, memory)}};
	uint64_t seed = 21;

	for (int i = 0; i < TASKS; i++) {
		uint32_t a = (uint32_t)unit_random(&seed) % (UNITS + 1);
		uint32_t b = (uint32_t)unit_random(&seed) % (UNITS + 1);

		crowd.tasks[i] = make(a / 2, b, unit_random(&seed) % (MEMORY + 1));
		crowd.tasks[i]->sched.order = ready_order((int)(unit_random(&seed) % 3), 0);
		crowd.tasks[i]->sched.share = (struct share *)(uintptr_t)&shares[i % 2];
	}
	while (count(&crowd, DONE) < TASKS) {
		step(&crowd, &seed);
		assert_limits(&crowd);
		ck_assert_uint_eq(gate_waiting(crowd.gates[0]) + gate_waiting(crowd.gates[1]),
				  count(&crowd, WAITS));
		ck_assert(count(&crowd, WAITS) == 0 || count(&crowd, HOLDS) > 0);
	}
	for (int i = 0; i < TASKS; i++) {
		task_free(crowd.tasks[i]);
	}
	gate_free(crowd.gates[0]);
	gate_free(crowd.gates[1]);
	gate_memory_free(memory);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {what_there_is_not_is_forbidden,
				      units_are_granted_by_the_lowest_free_number,
				      who_wants_much_is_not_overtaken,
				      memory_is_a_resource_without_numbers,
				      memory_is_shared_and_the_job_of_higher_priority_goes_first,
				      when_memory_becomes_less_who_wants_more_is_alone,
				      a_random_crowd_keeps_the_limits_and_all_pass};

	return unit_run("gate", tests, LENGTH(tests));
}
