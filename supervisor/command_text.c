/* SPDX-License-Identifier: ISC */
/* command_text: see command_text.h. Pure; in the supervisor. */
#include "supervisor/command_text.h"

#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("_-+=.,:/@%^", c) != NULL);
}

void
command_text_quote(struct text *out, struct span word)
{
	size_t plain = 0;

	while (plain < word.len && is_plain(word.at[plain])) {
		plain++;
	}
	if (plain > 0 && plain == word.len) {
		text_span(out, word);
		return;
	}
	text_char(out, '\'');
	for (size_t i = 0; i < word.len; i++) {
		if (word.at[i] == '\'') {
			text_string(out, "'\\''");
		} else {
			text_char(out, word.at[i]);
		}
	}
	text_char(out, '\'');
}

/* A word that is not UTF-8 is {"base64": …}. */
static void
put_base64_word(struct text *out, struct span object)
{
	struct json_members members;
	struct span key, value;
	char *bytes;
	size_t len;

	if (json_members_begin(&members, object) && json_members_next(&members, &key, &value) &&
	    json_value_base64(value, &bytes, &len)) {
		command_text_quote(out, (struct span){bytes, len});
		free(bytes);
	}
}

static void
put_words(struct text *out, struct span array)
{
	struct json_members elements;
	struct span value;
	struct text word = TEXT_INIT;
	bool first = true;

	json_elements_begin(&elements, array);
	while (!elements.failed && json_elements_next(&elements, &value)) {
		if (!first) {
			text_char(out, ' ');
		}
		first = false;
		text_clear(&word);
		if (value.at[0] == '{') {
			put_base64_word(out, value);
		} else if (json_value_append(&word, value)) {
			command_text_quote(out, (struct span){word.data, word.len});
		}
	}
	text_free(&word);
}

void
command_text_put(struct text *out, struct span spec)
{
	struct json_members members;
	struct span key, value;

	json_members_begin(&members, spec);
	while (!members.failed && json_members_next(&members, &key, &value)) {
		if (span_is(key, "shell") && json_value_append(out, value)) {
			return;
		}
		if (span_is(key, "exec") && value.at[0] == '[') {
			put_words(out, value);
			return;
		}
	}
	text_span(out, spec);
}
