/* SPDX-License-Identifier: ISC */
/* model: see model.h. */
#include "ipc/model.h"

#include <stddef.h>
#include <string.h>

const struct model models[] = {
    {"sync", false, true, COMPUTE_IN_LOOP, false, "nothing overlaps"},
    {"async", false, false, COMPUTE_IN_LOOP, false, "waits overlap, computing blocks them"},
    {"threads", false, false, COMPUTE_IN_POOL, false, "waits and computing overlap, a thread each"},
    {"gil", false, false, COMPUTE_IN_POOL, true, "waits overlap, one thread computes at a time"},
    {"processes", true, true, COMPUTE_IN_LOOP, false, "a task on each core, waiting or not"},
    {"hybrid", true, false, COMPUTE_IN_THREAD, false,
     "a core for each that computes, waits for free"},
};

const int model_count = sizeof(models) / sizeof(models[0]);

const struct model *
model_find(const char *name)
{
	for (int i = 0; i < model_count; i++) {
		if (strcmp(models[i].name, name) == 0) {
			return &models[i];
		}
	}
	return NULL;
}

const struct model *
model_default(void)
{
	return model_find("hybrid");
}
