/* SPDX-License-Identifier: ISC */
/* task_value: see task_value.h. Pure; any process. */
#include "ipc/task_value.h"

#include <inttypes.h>
#include <string.h>

#include "ipc/duration.h"
#include "ipc/memory.h"
#include "ipc/size.h"

char *
spec_string(json_t *value, bool empty_too, struct spec_error *error)
{
	if (!json_is_string(value)) {
		spec_fail(error, "must be a string");
		return NULL;
	}
	if (!empty_too && json_string_length(value) == 0) {
		spec_fail(error, "must not be empty");
		return NULL;
	}
	return memory_check(strdup(json_string_value(value)));
}

bool
spec_duration(json_t *value, int64_t *us, struct spec_error *error)
{
	if (json_is_number(value)) {
		return duration_of_seconds(json_number_value(value), us) ||
		       spec_fail(error, "must be from 0 seconds to ten years");
	}
	if (json_is_string(value)) {
		return duration_parse(json_string_value(value), us) ||
		       spec_fail(error,
				 "not a duration; write seconds (1.5) or \"1500ms\", \"1.5s\", "
				 "\"2m\", \"1h\", \"1d\"");
	}
	return spec_fail(error, "must be a duration: seconds (1.5) or a string (\"2m\")");
}

bool
spec_whole(json_t *value, uint64_t least, uint64_t most, uint64_t *whole, struct spec_error *error)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value)) {
		return spec_fail(error, "must be a whole number");
	}
	if (number < 0 || (uint64_t)number < least || (uint64_t)number > most) {
		return spec_fail(error, "must be from %ju to %ju", (uintmax_t)least,
				 (uintmax_t)most);
	}
	*whole = (uint64_t)number;
	return true;
}

bool
spec_integer(json_t *value, int64_t least, int64_t most, int64_t *number, struct spec_error *error)
{
	if (!json_is_integer(value)) {
		return spec_fail(error, "must be a whole number");
	}
	*number = json_integer_value(value);
	return (*number >= least && *number <= most) ||
	       spec_fail(error, "must be from %" PRId64 " to %" PRId64, least, most);
}

bool
spec_bool(json_t *value, bool *flag, struct spec_error *error)
{
	*flag = json_is_true(value);
	return json_is_boolean(value) || spec_fail(error, "must be true or false");
}

bool
spec_size(json_t *value, uint64_t *bytes, struct spec_error *error)
{
	if (json_is_integer(value)) {
		return spec_whole(value, 1, SIZE_MOST, bytes, error);
	}
	if (!json_is_string(value) || !size_parse(json_string_value(value), bytes)) {
		return spec_fail(error, "not a size; write bytes (1048576) or \"512K\", \"200M\", "
					"\"1.5G\", \"2T\"");
	}
	return *bytes > 0 || spec_fail(error, "must be more than 0");
}
