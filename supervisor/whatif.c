/* SPDX-License-Identifier: ISC */
/* whatif: see whatif.h. In the supervisor; pure. */
#include "supervisor/whatif.h"

#include <err.h>
#include <stdlib.h>

#define TRIED_MOST    UINT64_C(4000000) /* tasks, while the knee is searched for */
#define MANY          200000            /* tasks of which fewer numbers of workers are tried */
#define COMMANDS_EACH 16 /* that a machine has room for, a worker, however small it is */
#define NEAR(us)      ((us) + (us)*WHATIF_NEAR / 100)
#define SAME(a, b)    ((a) <= (b) + (b) / 10)

static void *
check(void *memory)
{
	if (memory == NULL) {
		err(3, "what-if");
	}
	return memory;
}

void
whatif_free(struct whatif *whatif)
{
	free(whatif->rows);
	whatif->rows = NULL;
	whatif->count = whatif->room = 0;
}

const struct whatif_row *
whatif_predict(struct whatif *whatif, unsigned workers, unsigned waiting)
{
	struct simulation_setup setup = {.workers = workers,
					 .waiting_most =
					     waiting == 0 ? whatif->waiting_most : waiting,
					 .commands_most = whatif->commands_most};
	struct whatif_row *row;

	if (setup.commands_most < COMMANDS_EACH * workers) {
		setup.commands_most = COMMANDS_EACH * workers;
	}
	for (size_t i = 0; i < whatif->count; i++) {
		if (whatif->rows[i].workers == workers && whatif->rows[i].waiting == waiting) {
			return &whatif->rows[i];
		}
	}
	if (whatif->count == whatif->room) {
		whatif->room = whatif->room == 0 ? 64 : whatif->room * 2;
		whatif->rows =
		    check(reallocarray(whatif->rows, whatif->room, sizeof(*whatif->rows)));
	}
	row = &whatif->rows[whatif->count++];
	*row = (struct whatif_row){.workers = workers, .waiting = waiting};
	simulation_run(whatif->plan, &setup, &row->result);
	whatif->tried += whatif->plan->task_count;
	return row;
}

/* ---- the knee --------------------------------------------------------------------------------- */

static unsigned
most_workers(const struct plan *plan)
{
	uint64_t most = plan->task_count == 0 ? 1 : plan->task_count;

	return most < SIMULATION_WORKERS_MOST ? (unsigned)most : SIMULATION_WORKERS_MOST;
}

/* Fewer cannot do: each core has so much to compute. */
static unsigned
least_workers(const struct plan *plan, int64_t good_us, unsigned most)
{
	int64_t least = good_us <= 0 ? 1 : (plan->cpu_us + good_us - 1) / good_us;

	return least < 1 ? 1 : least > (int64_t)most ? most : (unsigned)least;
}

static bool
may_try(const struct whatif *whatif, struct whatif_knee *knee)
{
	if (whatif->tried + whatif->plan->task_count > TRIED_MOST && whatif->count > 3) {
		knee->about = true;
		return false;
	}
	return true;
}

/* From one number of workers in the table to the next. */
static unsigned
factor(const struct plan *plan)
{
	return plan->task_count > MANY ? 10 : 2;
}

static bool
is_good(struct whatif *whatif, const struct whatif_knee *knee, unsigned workers, int64_t good_us)
{
	return whatif_predict(whatif, workers, knee->waiting)->result.wall_us <= good_us;
}

/* It is no less than `low`, and `most` is good: first among the numbers of the table, then between. */
static unsigned
search(struct whatif *whatif, struct whatif_knee *knee, unsigned low, unsigned most,
       int64_t good_us)
{
	unsigned high = 1;

	while (high < low) {
		high *= factor(whatif->plan);
	}
	while (high < most && !is_good(whatif, knee, high, good_us)) {
		low = high + 1;
		high *= factor(whatif->plan);
	}
	high = high < most ? high : most;
	while (low < high && may_try(whatif, knee)) {
		unsigned at = low <= high / 4 ? low * 2 : low + (high - low) / 2;

		if (is_good(whatif, knee, at, good_us)) {
			high = at;
		} else {
			low = at + 1;
		}
	}
	return high;
}

static enum whatif_why
why(const struct plan *plan, const struct whatif_row *best)
{
	int64_t wall_us = best->result.wall_us;

	if (SAME(wall_us, plan->path_us)) {
		return plan->path_tasks > 1 ? WHATIF_PATH : WHATIF_LONGEST;
	}
	if (best->result.gated) {
		return WHATIF_RESOURCES;
	}
	if (best->result.limited) {
		return WHATIF_WAITING;
	}
	return SAME(wall_us, plan->cpu_us / best->workers) ? WHATIF_CPU : WHATIF_FIT;
}

void
whatif_find_knee(struct whatif *whatif, unsigned waiting, struct whatif_knee *knee)
{
	const struct plan *plan = whatif->plan;
	unsigned most = most_workers(plan), low;
	int64_t good_us;
	const struct whatif_row *best;

	*knee = (struct whatif_knee){.waiting = waiting};
	best = whatif_predict(whatif, most, waiting);
	knee->best_us = best->result.wall_us;
	knee->why = why(plan, best);
	good_us = NEAR(knee->best_us);
	low = least_workers(plan, good_us, most);
	knee->workers = search(whatif, knee, low, most, good_us);
	knee->wall_us = whatif_predict(whatif, knee->workers, waiting)->result.wall_us;
}

size_t
whatif_choose(const struct whatif *whatif, const struct whatif_knee *knee, unsigned **workers)
{
	unsigned *list = check(calloc(40, sizeof(*list)));
	size_t count = 0;

	for (unsigned n = 1; n <= SIMULATION_WORKERS_MOST; n *= factor(whatif->plan)) {
		bool past = count > 0 && list[count - 1] > knee->workers;

		if (past) {
			break;
		}
		if (count > 0 && list[count - 1] < knee->workers && n > knee->workers) {
			list[count++] = knee->workers;
		}
		list[count++] = n;
	}
	if (list[count - 1] < knee->workers) {
		list[count++] = knee->workers;
	}
	*workers = list;
	return count;
}

/* ---- measures --------------------------------------------------------------------------------- */

static double
per_wall(const struct whatif_row *row, double us)
{
	return row->result.wall_us > 0 ? us / (double)row->result.wall_us : 0;
}

double
whatif_parallelism(const struct plan *plan, const struct whatif_row *row)
{
	return per_wall(row, (double)plan->cpu_us);
}

double
whatif_concurrency(const struct whatif_row *row)
{
	return per_wall(row, (double)row->result.task_wall_us);
}

double
whatif_efficiency(const struct plan *plan, const struct whatif_row *row)
{
	double cpu_us = (double)plan->cpu_us / row->workers, path_us = (double)plan->path_us;

	return per_wall(row, cpu_us > path_us ? cpu_us : path_us);
}

/* ---- words ------------------------------------------------------------------------------------ */

const char *
whatif_why_name(enum whatif_why reason)
{
	static const char *const names[] = {"path",      "longest", "waiting",
					    "resources", "cpu",     "fit"};

	return names[reason];
}

static void
put_why(const struct plan *plan, const struct whatif_knee *knee, struct text *out)
{
	switch (knee->why) {
	case WHATIF_PATH:
		text_printf(out, "the critical path is %s (%.3f s)", plan->path.data,
			    (double)plan->path_us / 1e6);
		return;
	case WHATIF_LONGEST:
		text_printf(out, "the longest task is %s (%.3f s)", plan->path.data,
			    (double)plan->path_us / 1e6);
		return;
	case WHATIF_WAITING:
		text_string(out, "no more tasks may wait at once");
		return;
	case WHATIF_RESOURCES:
		text_string(out, "the job's resources are taken");
		return;
	case WHATIF_CPU:
	case WHATIF_FIT:
		text_string(out, "the tasks do not fit together any better");
		return;
	}
}

void
whatif_knee_words(const struct plan *plan, const struct whatif_knee *knee, struct text *out)
{
	if (knee->why == WHATIF_CPU) {
		text_printf(out,
			    "up to %u workers each brings something: there are %.3f s to compute",
			    knee->workers, (double)plan->cpu_us / 1e6);
		return;
	}
	text_printf(out, "past %s%u worker%s nothing is gained: ", knee->about ? "about " : "",
		    knee->workers, knee->workers == 1 ? "" : "s");
	put_why(plan, knee, out);
}
