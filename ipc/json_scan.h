/* SPDX-License-Identifier: ISC */
/*
 * json_scan: finds its way through JSON text without building anything: where a value ends, which
 * members an object has. For the wire, where most text is only passed on, and for slicing a job
 * file into tasks; values that are to be understood go to jansson. Pure; any process.
 *
 * Strict: UTF-8, JSON's own grammar, nesting at most JSON_SCAN_DEPTH.
 */
#ifndef IPC_JSON_SCAN_H
#define IPC_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/text.h"

#define JSON_SCAN_DEPTH 2048 /* jansson's own limit */

/*
 * The value that begins at `text` (leading white space allowed): its span into `value`.
 * Returns the bytes taken, or -1 when there is no complete, valid value.
 */
ptrdiff_t json_scan_value(struct span text, struct span *value);

/*
 * The members of an object, one after the other:
 *	struct json_members m;
 *	if (json_members_begin(&m, object)) while (json_members_next(&m, &key, &value)) …
 *	if (m.failed) …
 * `key` is without its quotes and as it stands in the text (escapes are not resolved).
 */
struct json_members {
	struct span rest;
	bool first;
	bool failed; /* the text is not a valid object, with nothing but white space behind it */
};

bool json_members_begin(struct json_members *, struct span object);
bool json_members_next(struct json_members *, struct span *key, struct span *value);

/* The value of the first member of that name; SPAN_EMPTY: there is none, or it is no object. */
struct span json_member(struct span object, const char *wanted);

/* Likewise the elements of an array. */
bool json_elements_begin(struct json_members *, struct span array);
bool json_elements_next(struct json_members *, struct span *value);

/* Appends `value`, valid JSON, without the white space between its tokens. */
void json_compact(struct text *, struct span value);

#endif
