/* SPDX-License-Identifier: ISC */
/*
 * control_shown: tasks of which a client saw what they wrote while they ran, so that it is not shown
 * again with their records: hashes of their ids. In the supervisor, of stintd; pure.
 */
#ifndef SUPERVISOR_CONTROL_SHOWN_H
#define SUPERVISOR_CONTROL_SHOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct control_shown {
	uint64_t *hashes; /* in no order: there are no more than run at a time, and write */
	size_t count, room;
};

void control_shown_add(struct control_shown *, uint64_t hash);
bool control_shown_take(struct control_shown *, uint64_t hash); /* true: it was there */
void control_shown_free(struct control_shown *);

#endif
