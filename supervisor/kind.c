/* SPDX-License-Identifier: ISC */
/* kind: see kind.h. Pure; in the supervisor. */
#include "supervisor/kind.h"

#include <err.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#define USE_SHIFT 2 /* the average is that of the last 4 or so */

struct kinds {
	void *tree; /* of struct kind, by is_program and name; tsearch(3) */
	struct kind **all;
	unsigned count;
};

static int
compare(const void *a, const void *b)
{
	const struct kind *left = a, *right = b;

	if (left->is_program != right->is_program) {
		return left->is_program - right->is_program;
	}
	return strcmp(left->name, right->name);
}

struct kinds *
kinds_new(void)
{
	struct kinds *kinds = calloc(1, sizeof(*kinds));

	if (kinds == NULL || (kinds->all = calloc(KINDS_MOST, sizeof(*kinds->all))) == NULL) {
		err(3, "kinds");
	}
	return kinds;
}

void
kinds_free(struct kinds *kinds)
{
	if (kinds == NULL) {
		return;
	}
	for (unsigned i = 0; i < kinds->count; i++) {
		tdelete(kinds->all[i], &kinds->tree, compare);
		free(kinds->all[i]->name);
		free(kinds->all[i]);
	}
	free(kinds->all);
	free(kinds);
}

static struct kind *
add(struct kinds *kinds, const struct kind *wanted)
{
	struct kind *kind = calloc(1, sizeof(*kind));

	if (kind == NULL || (kind->name = strdup(wanted->name)) == NULL) {
		err(3, "kinds");
	}
	kind->is_program = wanted->is_program;
	LIST_INIT(&kind->names);
	TAILQ_INIT(&kind->ready);
	if (tsearch(kind, &kinds->tree, compare) == NULL) {
		err(3, "kinds");
	}
	kinds->all[kinds->count++] = kind;
	return kind;
}

struct kind *
kinds_get(struct kinds *kinds, struct span name, bool is_program)
{
	struct kind wanted = {.name = strndup(name.at, name.len), .is_program = is_program};
	struct kind **found, *kind = NULL;

	if (wanted.name == NULL) {
		err(3, "kinds");
	}
	found = tfind(&wanted, &kinds->tree, compare);
	if (found != NULL) {
		kind = *found;
	} else if (kinds->count < KINDS_MOST) {
		kind = add(kinds, &wanted);
	}
	free(wanted.name);
	return kind;
}

void
kind_set_program(struct kind *kind, struct kind *program)
{
	if (kind->program == program || kind->several) {
		return;
	}
	if (kind->program == NULL) {
		kind->program = program;
		LIST_INSERT_HEAD(&program->names, kind, sibling);
	} else { /* what it learns says nothing of any of them */
		LIST_REMOVE(kind, sibling);
		kind->program = NULL;
		kind->several = true;
	}
}

void
kinds_each(struct kinds *kinds, void (*call)(void *, struct kind *), void *context)
{
	for (unsigned i = 0; i < kinds->count; i++) {
		call(context, kinds->all[i]);
	}
}

void
kind_learn_use(struct kind *kind, uint32_t use)
{
	if (kind->ended++ == 0) {
		kind->use = use;
	} else {
		kind->use += (uint32_t)(((int64_t)use - (int64_t)kind->use) / (1 << USE_SHIFT));
	}
	kind->changed = true;
	if (kind->program != NULL) {
		kind_learn_use(kind->program, use);
	}
}

void
kind_learn_took(struct kind *kind, int64_t wall_us, int64_t cpu_us)
{
	kind->walls_us[kind->wall_next] = wall_us;
	kind->cpus_us[kind->wall_next] = cpu_us;
	kind->wall_next = (uint8_t)((kind->wall_next + 1) % KIND_WALLS);
	kind->wall_count = (uint8_t)(kind->wall_count + (kind->wall_count < KIND_WALLS));
	kind->changed = true;
}

/* The one that knows something: a name that was never seen is taken for its program. */
static const struct kind *
known(const struct kind *kind)
{
	if (kind != NULL && kind->ended == 0 && kind->program != NULL) {
		kind = kind->program;
	}
	return kind == NULL || kind->ended == 0 ? NULL : kind;
}

enum kind_class
kind_class(const struct kind *kind)
{
	kind = known(kind);
	if (kind == NULL) {
		return KIND_UNKNOWN;
	}
	return kind->use < KIND_LIGHT   ? KIND_WAITS
	       : kind->use < KIND_HEAVY ? KIND_MIXED
					: KIND_COMPUTES;
}

uint32_t
kind_use(const struct kind *kind)
{
	kind = known(kind);
	return kind == NULL ? 1000 : kind->use;
}

static int
compare_walls(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static int64_t
median(const int64_t *values, unsigned count)
{
	int64_t sorted[KIND_WALLS];

	memcpy(sorted, values, count * sizeof(*values));
	qsort(sorted, count, sizeof(sorted[0]), compare_walls);
	return sorted[count / 2];
}

int64_t
kind_median_us(const struct kind *kind)
{
	return kind == NULL || kind->wall_count == 0 ? -1
						     : median(kind->walls_us, kind->wall_count);
}

bool
kind_alone(const struct kind *kind, int64_t *wall_us, int64_t *cpu_us)
{
	int64_t cpus[KIND_WALLS];
	unsigned known = 0, alone = 0;

	for (unsigned i = 0; kind != NULL && i < kind->wall_count; i++) {
		if (kind->cpus_us[i] >= 0) {
			alone += kind->cpus_us[i] * 1000 >= kind->walls_us[i] * KIND_ALONE;
			cpus[known++] = kind->cpus_us[i];
		}
	}
	if (known == 0) {
		return false;
	}
	*cpu_us = median(cpus, known);
	*wall_us = kind_median_us(kind);
	if (alone * 5 >= known && *wall_us > *cpu_us) {
		*wall_us = *cpu_us;
	}
	return true;
}
