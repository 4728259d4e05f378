/* SPDX-License-Identifier: ISC */
/* record_index: see record_index.h. Pure; in the supervisor. */
#include "supervisor/record_index.h"

#include <err.h>
#include <stdlib.h>

#include "supervisor/id_table.h"

/* The words of a task's value. */
enum { SPEC_LOW, SPEC_HIGH, LAST /* 0: it was dropped */, WORDS };

struct record_index {
	struct id_table tasks;
};

struct record_index *
record_index_new(void)
{
	struct record_index *index = calloc(1, sizeof(*index));

	if (index == NULL) {
		err(3, "resume");
	}
	index->tasks.value_words = WORDS;
	return index;
}

void
record_index_free(struct record_index *index)
{
	if (index != NULL) {
		id_table_free(&index->tasks);
		free(index);
	}
}

bool
record_index_put(struct record_index *index, uint64_t id, uint64_t spec, uint32_t number)
{
	bool is_new;
	uint32_t *task = id_table_put(&index->tasks, id, &is_new);

	task[SPEC_LOW] = (uint32_t)spec;
	task[SPEC_HIGH] = (uint32_t)(spec >> 32);
	task[LAST] = number;
	return is_new;
}

bool
record_index_get(const struct record_index *index, uint64_t id, uint64_t *spec)
{
	const uint32_t *task = id_table_find(&index->tasks, id);

	*spec = task == NULL ? 0 : (uint64_t)task[SPEC_HIGH] << 32 | task[SPEC_LOW];
	return task != NULL;
}

uint32_t
record_index_last(const struct record_index *index, uint64_t id)
{
	const uint32_t *task = id_table_find(&index->tasks, id);

	return task == NULL ? 0 : task[LAST];
}

bool
record_index_drop(struct record_index *index, uint64_t id)
{
	uint32_t *task = id_table_find(&index->tasks, id);

	if (task == NULL || task[LAST] == 0) {
		return false;
	}
	task[LAST] = 0;
	return true;
}

void
record_index_remove(struct record_index *index, uint64_t id)
{
	id_table_remove(&index->tasks, id);
}

size_t
record_index_memory(const struct record_index *index)
{
	return id_table_memory(&index->tasks);
}
