/* SPDX-License-Identifier: ISC */
/*
 * test_graph_rules: random graphs against a reference that holds no state but what has ended: the
 * rules as they are written down, looked up anew each time.
 */
#include <stdlib.h>

#include "supervisor/graph.h"
#include "tests/unit.h"

#define MOST 24

struct naive {
	unsigned count;
	bool needs[MOST][MOST];
	bool group[MOST];
	bool any[MOST];
	uint32_t parts[MOST];
	uint32_t out[MOST]; /* parts that were handed out and have not ended */
	uint32_t ended[MOST];
	enum task_status status[MOST]; /* of the first part that was not ok */
	int64_t us[MOST];
	int64_t wall_us[MOST];
	bool started[MOST];
	uint32_t node[MOST];
};

static bool naive_skipped(const struct naive *, unsigned i);

static bool
naive_bad(const struct naive *naive, unsigned i)
{
	for (unsigned k = 0; naive->group[i] && k < naive->count; k++) {
		if (naive->needs[i][k] && naive_bad(naive, k)) {
			return true;
		}
	}
	return naive->status[i] != STATUS_ok || naive_skipped(naive, i);
}

static bool
naive_skipped(const struct naive *naive, unsigned i)
{
	for (unsigned k = 0; !naive->any[i] && !naive->group[i] && k < naive->count; k++) {
		if (naive->needs[i][k] && naive_bad(naive, k)) {
			return true;
		}
	}
	return false;
}

static bool
naive_ended(const struct naive *naive, unsigned i)
{
	for (unsigned k = 0; naive->group[i] && k < naive->count; k++) {
		if (naive->needs[i][k] && !naive_ended(naive, k)) {
			return false;
		}
	}
	return naive->group[i] || naive_skipped(naive, i) || naive->ended[i] == naive->parts[i];
}

static bool
naive_ready(const struct naive *naive, unsigned i)
{
	for (unsigned k = 0; k < naive->count; k++) {
		if (naive->needs[i][k] && !naive_ended(naive, k)) {
			return false;
		}
	}
	return !naive->group[i] && !naive_skipped(naive, i);
}

static int64_t
naive_rank(const struct naive *naive, unsigned i)
{
	int64_t behind = 0, us;

	for (unsigned k = 0; k < naive->count; k++) {
		if (naive->needs[k][i] && (us = naive_rank(naive, k)) > behind) {
			behind = us;
		}
	}
	return behind + naive->us[i];
}

/* The longest path that ends with i, of nodes that all ran. */
static int64_t
naive_finish(const struct naive *naive, unsigned i)
{
	int64_t before = 0, us;

	for (unsigned k = 0; k < naive->count; k++) {
		if (naive->needs[i][k] && (us = naive_finish(naive, k)) > before) {
			before = us;
		}
	}
	return before + naive->wall_us[i];
}

static void
make_random(struct naive *naive, struct graph *graph, uint64_t *seed)
{
	*naive = (struct naive){.count = 2 + (unsigned)(unit_random(seed) % (MOST - 2))};
	for (unsigned i = 0; i < naive->count; i++) {
		naive->group[i] = i > 1 && unit_random(seed) % 8 == 0;
		naive->any[i] = unit_random(seed) % 4 == 0;
		naive->parts[i] =
		    naive->group[i] ? 0 : 1 + (uint32_t)(unit_random(seed) % 8 / 6 * 2);
		naive->us[i] = naive->group[i] ? 0 : (int64_t)(unit_random(seed) % 100);
		naive->node[i] = naive->group[i] ? graph_add_group(graph)
						 : graph_add(graph, naive->parts[i], naive->any[i]);
		graph_expect(graph, naive->node[i], naive->us[i]);
		for (unsigned k = 0; k < i; k++) {
			naive->needs[i][k] = unit_random(seed) % 5 == 0;
		}
		naive->needs[i][0] |= naive->group[i];
	}
	for (unsigned i = 0; i < naive->count; i++) { /* in any order of the edges */
		for (unsigned k = i; k-- > 0;) {
			if (naive->needs[i][k]) {
				graph_need(graph, naive->node[i], naive->node[k]);
			}
		}
	}
}

static unsigned
index_of(const struct naive *naive, uint32_t node)
{
	unsigned i = 0;

	while (naive->node[i] != node) {
		i++;
		ck_assert_uint_lt(i, naive->count);
	}
	return i;
}

/* Takes all that the graph hands out now: just those that the reference would. */
static void
take_all(struct naive *naive, struct graph *graph, bool skipped[MOST])
{
	uint32_t node;
	uint64_t held = 0;

	while ((node = graph_next_ready(graph)) != 0) {
		unsigned i = index_of(naive, node);

		ck_assert(!naive->started[i]);
		naive->started[i] = true;
		naive->out[i] = naive->parts[i];
	}
	while ((node = graph_next_skipped(graph)) != 0) {
		unsigned i = index_of(naive, node);

		ck_assert(!skipped[i]);
		skipped[i] = true;
		ck_assert(naive_bad(naive, index_of(naive, graph_cause(graph, node))));
	}
	for (unsigned i = 0; i < naive->count; i++) {
		ck_assert_int_eq(skipped[i], naive_skipped(naive, i));
		ck_assert_int_eq(naive->started[i], naive_ready(naive, i));
		ck_assert_int_eq(graph_status(graph, naive->node[i]) != STATUS_ok,
				 naive_bad(naive, i));
		held += !naive->started[i] && !skipped[i] ? naive->parts[i] : 0;
	}
	ck_assert_uint_eq(graph_held(graph), held);
	ck_assert_uint_eq(graph_queued(graph), 0);
}

/* Ends a part of one that runs. False: nothing does. */
static bool
end_one(struct naive *naive, struct graph *graph, uint64_t *seed, unsigned bad_of_8)
{
	unsigned start = (unsigned)unit_random(seed) % naive->count, i = start;
	int64_t wall_us = (int64_t)(unit_random(seed) % 100);
	enum task_status status = unit_random(seed) % 8 < bad_of_8
				      ? STATUS_failed + (unsigned)unit_random(seed) % 6
				      : STATUS_ok;

	while (naive->out[i] == 0) {
		i = (i + 1) % naive->count;
		if (i == start) {
			return false;
		}
	}
	naive->out[i]--;
	naive->ended[i]++;
	naive->status[i] = naive->status[i] == STATUS_ok ? status : naive->status[i];
	naive->wall_us[i] = wall_us > naive->wall_us[i] ? wall_us : naive->wall_us[i];
	ck_assert_int_eq(graph_ended(graph, naive->node[i], status, wall_us),
			 naive->ended[i] == naive->parts[i]);
	return true;
}

static void
assert_path(const struct naive *naive, const struct graph *graph)
{
	int64_t longest = 0, us = 0;
	uint32_t *path;
	size_t count;

	for (unsigned i = 0; i < naive->count; i++) {
		us = naive->group[i] ? 0 : naive_finish(naive, i);
		longest = us > longest ? us : longest;
	}
	ck_assert_int_eq(graph_path_us(graph), longest);
	count = graph_path(graph, &path);
	us = 0;
	for (size_t k = 0; k < count; k++) {
		us += naive->wall_us[index_of(naive, path[k])];
	}
	ck_assert_int_eq(us, longest);
	free(path);
}

static void
run_random(uint64_t *seed)
{
	struct graph *graph = graph_new();
	bool skipped[MOST] = {false};
	unsigned bad_of_8 = (unsigned)unit_random(seed) % 3;
	struct naive naive;
	uint32_t *circle;

	make_random(&naive, graph, seed);
	ck_assert_uint_gt(naive.count, 0);
	ck_assert_uint_eq(graph_cycle(graph, &circle), 0);
	graph_rank(graph, 0);
	for (unsigned i = 0; i < naive.count; i++) {
		ck_assert_int_eq(graph_rank_us(graph, naive.node[i]), naive_rank(&naive, i));
		if (!naive.group[i] && graph_start(graph, naive.node[i])) {
			naive.started[i] = true;
			naive.out[i] = naive.parts[i];
		}
	}
	do {
		take_all(&naive, graph, skipped);
	} while (end_one(&naive, graph, seed, bad_of_8));
	for (unsigned i = 0; i < naive.count; i++) {
		ck_assert(naive_ended(&naive, i));
	}
	if (bad_of_8 == 0) {
		assert_path(&naive, graph);
	}
	graph_free(graph);
}

START_TEST(random_graphs_do_what_the_rules_say)
{
	uint64_t seed = 20240611;

	for (int i = 0; i < 3000; i++) {
		run_random(&seed);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    random_graphs_do_what_the_rules_say,
	};

	return unit_run("graph_rules", tests, LENGTH(tests));
}
