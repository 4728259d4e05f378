/* SPDX-License-Identifier: ISC */
/* top_told: see top_told.h. Of stint top. */
#include "supervisor/top_told.h"

#include <stdio.h>

#include "ipc/clock.h"
#include "ipc/json_scan.h"
#include "ipc/json_value.h"

static uint64_t
count(struct span object, const char *key)
{
	struct span value = json_member(object, key);
	uint64_t number = 0;

	return value.len > 0 && json_value_uint(value, &number) ? number : 0;
}

static int64_t
seconds(struct span object, const char *key)
{
	struct span value = json_member(object, key);
	int64_t us = 0;

	return value.len > 0 && json_value_us(value, &us) ? us : 0;
}

static uint64_t
sum(struct span object)
{
	struct json_members members;
	struct span key, value;
	uint64_t all = 0, number;

	json_members_begin(&members, object);
	while (!members.failed && json_members_next(&members, &key, &value)) {
		all += json_value_uint(value, &number) ? number : 0;
	}
	return all;
}

static void
put_why(struct top_told *told, struct span string)
{
	struct text why = TEXT_INIT;

	if (string.len > 0 && json_value_append(&why, string)) {
		snprintf(told->why, sizeof(told->why), "%.*s",
			 (int)text_cut((struct span){why.data, why.len}, sizeof(told->why) - 1),
			 why.data);
	}
	text_free(&why);
}

struct top_told
top_told_read(struct span value)
{
	struct span jobs = json_member(value, "jobs"), ended = json_member(value, "ended");
	struct top_told told = {
	    .paused = span_is(json_member(value, "paused"), "true"),
	    .draining = span_is(json_member(value, "draining"), "true"),
	    .cores = count(value, "cores"),
	    .computing = count(value, "computing"),
	    .waiting = count(value, "waiting"),
	    .ready = count(value, "ready"),
	    .running = count(jobs, "running"),
	    .queued = count(jobs, "queued"),
	    .held = count(jobs, "held"),
	    .ended = count(jobs, "ended"),
	    .failed = count(ended, "failed"),
	    .cancelled = count(ended, "cancelled"),
	    .done = sum(json_member(value, "tasks")),
	};

	put_why(&told, json_member(value, "trouble"));
	put_why(&told, json_member(value, "store_hangs"));
	put_why(&told, json_member(value, "broken"));
	told.asked = (double)seconds(value, "asked") / US_PER_SECOND;
	told.up_us = seconds(value, "up");
	return told;
}

void
top_told_put_notice(const struct top_told *told, struct text *out)
{
	if (told->why[0] != '\0') {
		text_string(out, told->why);
	} else if (told->paused) {
		text_string(out, "paused: nothing is started before `stint resume`");
	} else if (told->draining) {
		text_string(out, "drains: takes no more jobs before `stint resume`");
	}
}
