/* SPDX-License-Identifier: ISC */
/*
 * recorded_needs: what tasks needed, ids in the records, as places of the tasks that have them. See
 * recorded_parts.h. In the supervisor.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "supervisor/ids.h"
#include "supervisor/recorded_parts.h"

/* A count, then two words of hash for each id. */
const uint32_t *
recorded_keep_needs(struct recorded_parts *parts, struct span array)
{
	struct json_members elements;
	struct span value;
	uint32_t count = 0, *kept;

	text_clear(&parts->list);
	text_bytes(&parts->list, &count, sizeof(count));
	json_elements_begin(&elements, array);
	while (!elements.failed && json_elements_next(&elements, &value)) {
		uint64_t hash;

		text_clear(&parts->plain);
		if (value.at[0] != '"' || !json_value_append(&parts->plain, value) ||
		    parts->plain.len == 0) {
			continue;
		}
		hash = ids_hash(parts->plain.data, parts->plain.len);
		text_bytes(&parts->list, &hash, sizeof(hash));
		count++;
	}
	kept = recorded_keep(parts, parts->list.data, parts->list.len);
	kept[0] = count;
	return kept;
}

/*
 * What an id stands for that no task has: the tasks that `repeat` and `matrix` have made of it, whose
 * ids are that one, a point, and a number or "key=value,...".
 */
struct families {
	struct id_table first; /* of such an id: its first member, + 1 */
	struct member {
		uint32_t place;
		uint32_t next; /* + 1; 0: that was the last */
	} * members;
	uint32_t count;
	uint32_t room;
	bool made;
};

static void
add_member(struct families *families, uint64_t hash, uint32_t place)
{
	if (families->count == families->room) {
		families->room = families->room < 64 ? 64 : families->room * 2;
		families->members =
		    reallocarray(families->members, families->room, sizeof(*families->members));
		if (families->members == NULL) {
			err(3, "results");
		}
	}
	families->members[families->count++] =
	    (struct member){place, id_table_get(&families->first, hash)};
	id_table_set(&families->first, hash, families->count);
}

/* From the last to the first, so that each family begins with its first. */
static void
families_make(struct families *families, const struct recorded_run *run)
{
	families->made = true;
	for (size_t i = run->count; i-- > 0;) {
		const char *id = run->tasks[i].id, *point = strchr(id, '.');

		for (; point != NULL; point = strchr(point + 1, '.')) {
			const char *rest = point + 1;
			size_t digits = strspn(rest, "0123456789");

			if (point > id &&
			    (strchr(rest, '=') != NULL || (digits > 0 && rest[digits] == '\0'))) {
				add_member(families, ids_hash(id, (size_t)(point - id)),
					   (uint32_t)i);
			}
		}
	}
}

/* The places of what the id stands for, into the list; how many there are. */
static uint32_t
put_needed(struct recorded_run *run, struct families *families, uint64_t hash)
{
	struct text *list = &run->parts->list;
	uint32_t place = id_table_get(&run->parts->places, hash), found = 0;

	if (place != 0) {
		place--;
		text_bytes(list, &place, sizeof(place));
		return 1;
	}
	if (!families->made) {
		families_make(families, run);
	}
	if (families->members == NULL) {
		return 0;
	}
	for (uint32_t at = id_table_get(&families->first, hash); at != 0; found++) {
		const struct member *member = &families->members[at - 1];

		text_bytes(list, &member->place, sizeof(member->place));
		at = member->next;
	}
	return found;
}

void
recorded_resolve_needs(struct recorded_run *run)
{
	struct recorded_parts *parts = run->parts;
	struct families families = {.first = {.value_words = 1}};

	for (size_t i = 0; i < run->count; i++) {
		struct recorded_task *task = &run->tasks[i];
		const uint32_t *hashes = task->needs;

		text_clear(&parts->list);
		for (uint32_t k = 0; hashes != NULL && k < hashes[0]; k++) {
			uint64_t hash;

			memcpy(&hash, (const char *)(hashes + 1) + k * sizeof(hash), sizeof(hash));
			task->need_count += put_needed(run, &families, hash);
		}
		task->needs = task->need_count == 0
				  ? NULL
				  : recorded_keep(parts, parts->list.data, parts->list.len);
	}
	free(families.members);
	id_table_free(&families.first);
}
