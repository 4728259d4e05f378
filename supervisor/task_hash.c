/* SPDX-License-Identifier: ISC */
/* task_hash: see task_hash.h. In the supervisor; pure. */
#include "supervisor/task_hash.h"

#include "ipc/json_scan.h"
#include "ipc/task_spec.h"
#include "supervisor/ids.h"

/* A key and its value, which stand side by side in compact text. */
static uint64_t
hash_member(struct span key, struct span value)
{
	return ids_hash(key.at, (size_t)(value.at + value.len - key.at));
}

static uint64_t
hash_variables(struct span env)
{
	struct json_members members;
	struct span key, value;
	uint64_t sum = 0;

	json_members_begin(&members, env);
	while (json_members_next(&members, &key, &value)) {
		sum += hash_member(key, value);
	}
	return ids_hash((const char *)&sum, sizeof(sum));
}

uint64_t
task_hash(struct span spec)
{
	struct json_members members;
	struct span key, value;
	uint64_t sum = 0;

	json_members_begin(&members, spec);
	while (json_members_next(&members, &key, &value)) {
		if (!task_key_is_limit(key)) {
			sum +=
			    span_is(key, "env") ? hash_variables(value) : hash_member(key, value);
		}
	}
	return sum == 0 ? 1 : sum;
}
