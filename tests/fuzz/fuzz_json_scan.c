/* SPDX-License-Identifier: ISC */
/*
 * fuzz_json_scan: the scanner and jansson must agree on what is a JSON value, but for what jansson
 * cannot hold, and for NUL, which jansson passes over behind a number; and compacting must not
 * change it.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static bool
scan(struct span text, struct span *value)
{
	ptrdiff_t taken = json_scan_value(text, value);

	if (taken < 0) {
		return false;
	}
	for (size_t i = (size_t)taken; i < text.len; i++) {
		if (text.at[i] == '\0' || strchr(" \t\r\n", text.at[i]) == NULL) {
			return false;
		}
	}
	return true;
}

/* Numbers out of range, surrogates without a pair: JSON, but not for jansson. */
static bool
is_beyond(const json_error_t *wrong)
{
	return json_error_code(wrong) == json_error_numeric_overflow ||
	       strstr(wrong->text, "invalid Unicode") != NULL;
}

static void
walk(struct span value)
{
	struct json_members members;
	struct span key, member;
	int64_t us;
	uint64_t whole;
	char *bytes;
	size_t len;

	json_members_begin(&members, value);
	while (!members.failed && json_members_next(&members, &key, &member)) {
		walk(member);
	}
	json_elements_begin(&members, value);
	while (!members.failed && json_elements_next(&members, &member)) {
	}
	json_value_us(value, &us);
	json_value_uint(value, &whole);
	if (value.at[0] == '"' && json_value_base64(value, &bytes, &len)) {
		free(bytes);
	}
}

static void
check_compact(struct span value, const json_t *parsed)
{
	struct text compact = TEXT_INIT;
	json_t *again;

	json_compact(&compact, value);
	again = json_loadb(compact.data, compact.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (!json_equal(parsed, again)) {
		abort();
	}
	json_decref(again);
	text_free(&compact);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *copy = malloc(len + (len == 0));
	json_error_t wrong;
	json_t *parsed;
	struct span value;
	bool accepted;

	memcpy(copy, bytes, len);
	accepted = scan((struct span){copy, len}, &value);
	parsed = json_loadb(copy, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &wrong);
	if (memchr(copy, '\0', len) != NULL) {
		json_decref(parsed);
		parsed = NULL;
		if (accepted) {
			abort();
		}
	} else if (accepted != (parsed != NULL) && (parsed != NULL || !is_beyond(&wrong))) {
		abort();
	}
	if (accepted) {
		walk(value);
	}
	if (accepted && parsed != NULL) {
		check_compact(value, parsed);
	}
	json_decref(parsed);
	free(copy);
	return 0;
}
