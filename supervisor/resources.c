/* SPDX-License-Identifier: ISC */
/* resources: see resources.h. In the supervisor; pure. */
#include "supervisor/resources.h"

#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ipc/nearest.h"
#include "ipc/task_value.h"

#define RESOURCES_MOST 1000
#define MEMORY         "memory" /* the one that is counted in bytes, and wanted by a key */

/* Tasks see what they were granted of "gpu" as STINT_GPU: no two may be the same there. */
static bool
check_variable(const struct resources *resources, const char *name, struct spec_error *error)
{
	static const char *const taken[] = {"job", "task_id", "attempt", "worker", "slot", "run"};

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		if (strcasecmp(name, taken[i]) == 0) {
			return spec_fail(error,
					 "tasks would get it as a STINT_ variable that means "
					 "something else; give it another name");
		}
	}
	for (uint32_t i = 0; i < resources->count; i++) {
		if (strcasecmp(name, resources->list[i].name) == 0) {
			return spec_fail(error,
					 "differs from \"%s\" in case only; tasks could not tell "
					 "the one from the other",
					 resources->list[i].name);
		}
	}
	return true;
}

static bool
take_resource(struct resources *resources, const char *name, json_t *value,
	      struct spec_error *error)
{
	struct resource *resource = &resources->list[resources->count];
	uint64_t units = 0;

	if (strcmp(name, "cpus") == 0) {
		return spec_fail(error, "the cores are counted without this; -j limits them");
	}
	if (!task_resource_is_name(name)) {
		return spec_fail(error, "not the name of a resource: a letter, then letters, "
					"digits and _, at most 64");
	}
	if (!check_variable(resources, name, error)) {
		return false;
	}
	if (strcmp(name, MEMORY) == 0 ? !spec_size(value, &units, error)
				      : !spec_whole(value, 1, TASK_UNITS_MOST, &units, error)) {
		return false;
	}
	resource->name = strdup(name);
	if (resource->name == NULL) {
		err(3, "resources");
	}
	resource->units = units;
	resources->count++;
	return true;
}

static bool
take_all(struct resources *resources, json_t *object, struct spec_error *error)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object)) {
		return spec_fail(error, "must be an object, as {\"gpu\": 2, \"memory\": \"16G\"}");
	}
	if (json_object_size(object) > RESOURCES_MOST) {
		return spec_fail(error, "more than %d resources", RESOURCES_MOST);
	}
	resources->list = calloc(json_object_size(object) + 1, sizeof(*resources->list));
	if (resources->list == NULL) {
		err(3, "resources");
	}
	json_object_foreach(object, name, value)
	{
		spec_enter(error, name, -1);
		if (!take_resource(resources, name, value, error)) {
			return false;
		}
		spec_leave(error);
	}
	return true;
}

bool
resources_set(struct resources *resources, const struct piece *piece, struct text *error)
{
	struct spec_error wrong = {.depth = 0};
	json_error_t syntax;
	json_t *object = json_loadb(piece->text.at, piece->text.len,
				    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &syntax);
	bool good;

	if (object == NULL) {
		wrong.line = syntax.line < 1 ? 1 : syntax.line;
		wrong.column = syntax.column < 1 ? 1 : syntax.column;
		good = spec_fail(&wrong, "not valid JSON: %s", syntax.text);
	} else {
		good = take_all(resources, object, &wrong);
	}
	if (!good) {
		jobfile_describe(piece, &wrong, error);
	}
	json_decref(object);
	return good;
}

void
resources_clear(struct resources *resources)
{
	for (uint32_t i = 0; i < resources->count; i++) {
		free(resources->list[i].name);
	}
	free(resources->list);
	*resources = (struct resources){0, NULL};
}

const struct resource *
resources_find(const struct resources *resources, const char *name)
{
	for (uint32_t i = 0; i < resources->count; i++) {
		if (strcmp(resources->list[i].name, name) == 0) {
			return &resources->list[i];
		}
	}
	return NULL;
}

static bool
fail_undeclared(const struct resources *resources, const char *name, struct spec_error *error)
{
	struct nearest nearest = NEAREST_INIT(name);

	for (uint32_t i = 0; i < resources->count; i++) {
		if (strcmp(resources->list[i].name, MEMORY) != 0) {
			nearest_offer(&nearest, resources->list[i].name);
		}
	}
	if (nearest.word != NULL) {
		return spec_fail(error, "no resource \"%s\", did you mean \"%s\"?", name,
				 nearest.word);
	}
	return spec_fail(error,
			 "no resource \"%s\"; the job's head declares what there is: "
			 "\"resources\": {\"%s\": 1}",
			 name, name);
}

bool
resources_suffice(const struct resources *resources, const struct task_rules *rules,
		  uint64_t memory, struct spec_error *error)
{
	const struct resource *found = resources_find(resources, MEMORY);

	error->depth = error->line = 0;
	if (found != NULL && memory > found->units) {
		spec_enter(error, MEMORY, -1);
		return spec_fail(error, "%" PRIu64 " bytes, but \"resources\" has only %" PRIu64,
				 memory, found->units);
	}
	for (uint32_t i = 0; rules != NULL && i < rules->use_count; i++) {
		const struct task_use *use = &rules->uses[i];

		spec_enter(error, "uses", -1);
		found = resources_find(resources, use->resource);
		if (found == NULL) {
			return fail_undeclared(resources, use->resource, error);
		}
		if (use->units > found->units) {
			return spec_fail(error,
					 "%" PRIu32 " of %s, but \"resources\" has only %" PRIu64,
					 use->units, use->resource, found->units);
		}
		spec_leave(error);
	}
	return true;
}
