/* SPDX-License-Identifier: ISC */
/* test_graph: what waits, what is skipped and when; and at length. */
#include <stdlib.h>
#include <string.h>

#include "supervisor/graph.h"
#include "tests/unit.h"

#define CHAIN 1000000

/* Of a million checks one is said: Check writes each to a pipe. */
static void
want(bool *good, bool condition)
{
	*good = *good && condition;
}

static void
end_ok(struct graph *graph, uint32_t node, int64_t wall_us)
{
	ck_assert(graph_ended(graph, node, STATUS_ok, wall_us));
}

static void
assert_circle(struct graph *graph, const uint32_t *expected, size_t count)
{
	uint32_t *nodes;

	ck_assert_uint_eq(graph_cycle(graph, &nodes), count);
	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_eq(nodes[i], expected[i]);
	}
	free(nodes);
	graph_free(graph);
}

START_TEST(a_diamond_runs_from_its_top)
{
	struct graph *graph = graph_new();
	uint32_t node[5], *path;

	for (int i = 1; i < 5; i++) {
		node[i] = graph_add(graph, 1, false);
		graph_expect(graph, node[i], i * 10);
	}
	graph_need(graph, node[2], node[1]);
	graph_need(graph, node[3], node[1]);
	graph_need(graph, node[4], node[2]);
	graph_need(graph, node[4], node[3]);
	ck_assert_uint_eq(graph_cycle(graph, &path), 0);
	graph_rank(graph, 0);
	ck_assert_int_eq(graph_rank_us(graph, node[1]), 80);
	ck_assert_int_eq(graph_rank_us(graph, node[2]), 60);
	ck_assert_int_eq(graph_rank_us(graph, node[3]), 70);
	ck_assert_uint_eq(graph_held(graph), 3);
	ck_assert(!graph_start(graph, node[2]));
	ck_assert(graph_start(graph, node[1]));
	ck_assert_uint_eq(graph_next_ready(graph), 0);
	end_ok(graph, node[1], 5);
	ck_assert_uint_eq(graph_held(graph), 1);
	ck_assert_uint_eq(graph_queued(graph), 2);
	ck_assert_uint_eq(graph_next_ready(graph), node[2]);
	ck_assert_uint_eq(graph_next_ready(graph), node[3]);
	ck_assert_uint_eq(graph_next_ready(graph), 0);
	end_ok(graph, node[3], 1);
	ck_assert_uint_eq(graph_next_ready(graph), 0);
	end_ok(graph, node[2], 2);
	ck_assert_uint_eq(graph_next_ready(graph), node[4]);
	ck_assert(!graph_start(graph, node[4]));
	end_ok(graph, node[4], 3);
	ck_assert_uint_eq(graph_held(graph) + graph_queued(graph), 0);
	ck_assert_int_eq(graph_path_us(graph), 10);
	ck_assert_uint_eq(graph_path(graph, &path), 3);
	ck_assert_uint_eq(path[0], node[1]);
	ck_assert_uint_eq(path[1], node[2]);
	ck_assert_uint_eq(path[2], node[4]);
	free(path);
	graph_free(graph);
}
END_TEST

static struct graph *
make_chain(uint32_t length)
{
	struct graph *graph = graph_new();
	bool good = true;

	for (uint32_t i = 1; i <= length; i++) {
		want(&good, graph_add(graph, 1, false) == i);
		if (i > 1) {
			graph_need(graph, i, i - 1);
		}
	}
	ck_assert(good);
	return graph;
}

START_TEST(a_chain_of_a_million_runs_to_its_end)
{
	struct graph *graph = make_chain(CHAIN);
	uint32_t *path, node = 1;
	bool good = true;

	ck_assert_uint_eq(graph_cycle(graph, &path), 0);
	for (uint32_t i = 1; i <= CHAIN; i++) {
		graph_expect(graph, i, INT64_MAX / CHAIN * 2);
	}
	graph_expect(graph, CHAIN, 7);
	graph_rank(graph, 0);
	ck_assert_int_eq(graph_rank_us(graph, CHAIN), 7);
	ck_assert_int_eq(graph_rank_us(graph, 1), INT64_MAX);
	ck_assert(graph_start(graph, 1));
	for (uint32_t i = 1; i < CHAIN; i++) {
		want(&good, graph_ended(graph, node, STATUS_ok, 2));
		node = graph_next_ready(graph);
		want(&good, node == i + 1);
	}
	ck_assert(good);
	end_ok(graph, node, 2);
	ck_assert_int_eq(graph_path_us(graph), 2 * CHAIN);
	ck_assert_uint_eq(graph_path(graph, &path), CHAIN);
	ck_assert_uint_eq(path[CHAIN - 1], CHAIN);
	free(path);
	graph_free(graph);
}
END_TEST

START_TEST(a_chain_of_a_million_is_skipped_at_once)
{
	struct graph *graph = make_chain(CHAIN);
	bool good = true;

	ck_assert(graph_start(graph, 1));
	ck_assert(graph_ended(graph, 1, STATUS_timeout, 1));
	ck_assert_uint_eq(graph_next_ready(graph), 0);
	ck_assert_uint_eq(graph_held(graph), 0);
	ck_assert_uint_eq(graph_queued(graph), CHAIN - 1);
	ck_assert_int_eq(graph_status(graph, 1), STATUS_timeout);
	for (uint32_t i = 2; i <= CHAIN; i++) {
		want(&good, graph_next_skipped(graph) == i);
		want(&good, graph_cause(graph, i) == i - 1);
		want(&good, graph_status(graph, i) == STATUS_skipped);
		want(&good, !graph_ended(graph, i, STATUS_skipped, 0));
	}
	ck_assert(good);
	ck_assert_uint_eq(graph_next_skipped(graph), 0);
	ck_assert_uint_eq(graph_queued(graph), 0);
	graph_free(graph);
}
END_TEST

START_TEST(one_that_takes_any_status_waits_for_all_and_runs)
{
	struct graph *graph = graph_new();
	uint32_t fails = graph_add(graph, 1, false), runs = graph_add(graph, 1, false);
	uint32_t behind = graph_add(graph, 1, false), cleans = graph_add(graph, 1, true);
	uint32_t last = graph_add(graph, 1, false);

	graph_need(graph, behind, fails);
	graph_need(graph, cleans, fails);
	graph_need(graph, cleans, behind);
	graph_need(graph, cleans, runs);
	graph_need(graph, last, cleans);
	ck_assert(graph_start(graph, fails) && graph_start(graph, runs));
	ck_assert(graph_ended(graph, fails, STATUS_failed, 1));
	ck_assert_uint_eq(graph_next_skipped(graph), behind);
	ck_assert_uint_eq(graph_next_skipped(graph), 0);
	ck_assert_uint_eq(graph_next_ready(graph), 0);
	end_ok(graph, runs, 1);
	ck_assert_uint_eq(graph_next_ready(graph), cleans);
	end_ok(graph, cleans, 1);
	ck_assert_uint_eq(graph_next_ready(graph), last);
	graph_free(graph);
}
END_TEST

/* The first repeat that fails decides for those behind; the end is that of the last. */
START_TEST(repeats_end_together_and_fail_one_by_one)
{
	struct graph *graph = graph_new();
	uint32_t thrice = graph_add(graph, 3, false), plain = graph_add(graph, 2, false);
	uint32_t any = graph_add(graph, 1, true);

	graph_need(graph, plain, thrice);
	graph_need(graph, any, thrice);
	ck_assert(graph_start(graph, thrice));
	ck_assert_uint_eq(graph_held(graph), 3);
	ck_assert(!graph_ended(graph, thrice, STATUS_ok, 4));
	ck_assert_uint_eq(graph_held(graph), 3);
	ck_assert(!graph_ended(graph, thrice, STATUS_crashed, 9));
	ck_assert_uint_eq(graph_next_skipped(graph), plain);
	ck_assert_uint_eq(graph_held(graph), 1);
	ck_assert_uint_eq(graph_next_ready(graph), 0);
	ck_assert(graph_ended(graph, thrice, STATUS_failed, 4));
	ck_assert(!graph_ended(graph, thrice, STATUS_ok, 100));
	ck_assert_int_eq(graph_status(graph, thrice), STATUS_crashed);
	ck_assert_uint_eq(graph_next_ready(graph), any);
	ck_assert_int_eq(graph_path_us(graph), 9);
	graph_free(graph);
}
END_TEST

START_TEST(a_group_is_bad_with_its_first_and_ends_with_its_last)
{
	struct graph *graph = graph_new();
	uint32_t a = graph_add(graph, 1, false), b = graph_add(graph, 1, false);
	uint32_t group = graph_add_group(graph);
	uint32_t plain = graph_add(graph, 1, false), any = graph_add(graph, 1, true);

	graph_need(graph, group, a);
	graph_need(graph, group, b);
	graph_need(graph, plain, group);
	graph_need(graph, any, group);
	ck_assert(graph_start(graph, a) && graph_start(graph, b));
	ck_assert(graph_ended(graph, b, STATUS_failed, 1));
	ck_assert_uint_eq(graph_next_skipped(graph), plain);
	ck_assert_uint_eq(graph_cause(graph, plain), b);
	ck_assert_int_eq(graph_status(graph, group), STATUS_failed);
	ck_assert_uint_eq(graph_next_ready(graph), 0);
	ck_assert_uint_eq(graph_next_group(graph), 0);
	end_ok(graph, a, 1);
	ck_assert_uint_eq(graph_next_group(graph), group);
	ck_assert_uint_eq(graph_next_ready(graph), any);
	graph_free(graph);
}
END_TEST

START_TEST(circles_are_found)
{
	struct graph *graph = make_chain(3);
	uint32_t group;

	graph_need(graph, 2, 2);
	assert_circle(graph, (uint32_t[]){2}, 1);
	graph = make_chain(5);
	graph_need(graph, 2, 4); /* each needs the one before: 4, 3, 2 and 4 again */
	assert_circle(graph, (uint32_t[]){2, 4, 3}, 3);
	graph = make_chain(CHAIN);
	graph_need(graph, 1, CHAIN);
	ck_assert_uint_eq(graph_held(graph), CHAIN);
	graph_free(graph);
	graph = make_chain(2);
	group = graph_add_group(graph);
	graph_need(graph, group, 2);
	graph_need(graph, 1, group);
	assert_circle(graph, (uint32_t[]){1, 2}, 2);
	graph_free(NULL);
}
END_TEST

START_TEST(a_circle_of_a_million_is_found)
{
	struct graph *graph = make_chain(CHAIN);
	uint32_t *nodes;

	graph_need(graph, 1, CHAIN);
	ck_assert_uint_eq(graph_cycle(graph, &nodes), CHAIN);
	ck_assert_uint_eq(nodes[0], 1);
	ck_assert_uint_eq(nodes[1], CHAIN);
	ck_assert_uint_eq(nodes[CHAIN - 1], 2);
	free(nodes);
	graph_free(graph);
}
END_TEST

START_TEST(one_whose_need_had_failed_before_it_came_is_skipped)
{
	struct graph *graph = graph_new();
	uint32_t open = graph_add(graph, 1, false), waits = graph_add(graph, 2, false);
	uint32_t plain = graph_add(graph, 3, false), behind = graph_add(graph, 4, false);

	ck_assert(graph_start(graph, open));
	graph_need(graph, behind, plain);
	graph_need(graph, waits, open);
	ck_assert_uint_eq(graph_held(graph), 6);
	graph_skip(graph, plain);
	ck_assert_uint_eq(graph_held(graph), 2);
	ck_assert_uint_eq(graph_queued(graph), 7);
	graph_skip(graph, waits);
	graph_skip(graph, waits);
	ck_assert_uint_eq(graph_held(graph), 0);
	ck_assert_uint_eq(graph_next_skipped(graph), plain);
	ck_assert_uint_eq(graph_next_skipped(graph), behind);
	ck_assert_uint_eq(graph_next_skipped(graph), waits);
	ck_assert_uint_eq(graph_next_skipped(graph), 0);
	end_ok(graph, open, 1);
	ck_assert_uint_eq(graph_next_ready(graph), 0);
	graph_free(graph);
}
END_TEST

/* Takes what is ready or skipped, ends and forgets it. */
static void
take_all(struct graph *graph)
{
	uint32_t node;

	while ((node = graph_next_ready(graph)) != 0) {
		graph_ended(graph, node, STATUS_ok, 1);
		graph_release(graph, node);
	}
	while ((node = graph_next_skipped(graph)) != 0) {
		graph_release(graph, node);
	}
}

/* Nodes end while more come, as in a stream: memory is that of what is open. */
START_TEST(numbers_are_used_again)
{
	struct graph *graph = graph_new();
	uint32_t open[8] = {0}, highest = 0;
	bool good = true;

	for (uint32_t i = 0; i < CHAIN; i++) {
		uint32_t *slot = &open[i % 8], before = open[(i + 7) % 8], next;

		if (*slot != 0) {
			want(&good,
			     graph_ended(graph, *slot, i % 3 == 0 ? STATUS_failed : STATUS_ok, 1));
			graph_release(graph, *slot);
		}
		*slot = graph_add(graph, 1, false);
		want(&good, graph_start(graph, *slot));
		if (before != 0) {
			next = graph_add(graph, 1, false);
			highest = next > highest ? next : highest;
			graph_need(graph, next, before);
			graph_need(graph, next, *slot);
		}
		take_all(graph);
	}
	ck_assert(good);
	ck_assert_uint_lt(highest, 40);
	graph_free(graph);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_diamond_runs_from_its_top,
	    a_chain_of_a_million_runs_to_its_end,
	    a_chain_of_a_million_is_skipped_at_once,
	    one_that_takes_any_status_waits_for_all_and_runs,
	    repeats_end_together_and_fail_one_by_one,
	    a_group_is_bad_with_its_first_and_ends_with_its_last,
	    circles_are_found,
	    a_circle_of_a_million_is_found,
	    one_whose_need_had_failed_before_it_came_is_skipped,
	    numbers_are_used_again,
	};

	return unit_run("graph", tests, LENGTH(tests));
}
