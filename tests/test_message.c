/* SPDX-License-Identifier: ISC */
/* test_message: every row of ipc/messages.def there and back; what a hostile peer may send. */
#include <string.h>

#include "ipc/message.h"
#include "tests/unit.h"

#define BIT(field) (UINT32_C(1) << FIELD_##field)
#define HAS(field) BIT(field)
#define DOWN       MESSAGE_DOWN
#define UP         MESSAGE_UP

static const struct {
	const char *name;
	enum message_direction direction;
	uint32_t required;
	uint32_t optional;
} rows[] = {
#define MESSAGE(name, direction, required, optional) {#name, direction, required, optional},
#include "ipc/messages.def"
#undef MESSAGE
};

enum kind { UINT, STRING, OBJECT, ARRAY };

static const struct {
	const char *name;
	enum kind kind;
} fields[] = {
#define FIELD(name, kind) {#name, kind},
#include "ipc/messages.def"
#undef FIELD
};

static const char *const samples[] = {
    [UINT] = "9007199254740992",
    [STRING] = "\"a \\\"\\u00e9\\n\xc3\xa9\"",
    [OBJECT] = "{ \"type\":\"bye\" , \"a\":[{}]}",
    [ARRAY] = "[1, \"]\"]",
};

static const char *const misfits[][3] = {
    [UINT] = {"\"1\"", "1.5", "9007199254740993"},
    [STRING] = {"1", "null", "{\"a\":1}"},
    [OBJECT] = {"[1]", "\"{}\"", "null"},
    [ARRAY] = {"{}", "\"[]\"", "true"},
};

/* A field as message_uint(), message_raw() write it. */
static void
put_field(struct text *out, int field)
{
	if (fields[field].kind == UINT) {
		message_uint(out, (enum message_field)field, UINT64_C(1) << 53);
	} else {
		message_raw(out, (enum message_field)field, span_of(samples[fields[field].kind]));
	}
}

static struct span
make(struct text *out, int type, uint32_t has)
{
	text_clear(out);
	message_begin(out, (enum message_type)type);
	for (int i = 0; i < MESSAGE_FIELDS; i++) {
		if (has & UINT32_C(1) << i) {
			put_field(out, i);
		}
	}
	message_end(out);
	ck_assert_int_eq(out->data[out->len - 1], '\n');
	return (struct span){out->data, out->len - 1};
}

static void
assert_fields(const struct message *message, uint32_t has)
{
	ck_assert_uint_eq(message->has, has);
#define CHECK_UINT(member)   ck_assert_uint_eq(message->member, UINT64_C(1) << 53)
#define CHECK_STRING(member) ck_assert_str_eq(unit_string(message->member), samples[STRING])
#define CHECK_OBJECT(member) ck_assert_str_eq(unit_string(message->member), samples[OBJECT])
#define CHECK_ARRAY(member)  ck_assert_str_eq(unit_string(message->member), samples[ARRAY])
#define FIELD(name, kind)           \
	if (has & BIT(name)) {      \
		CHECK_##kind(name); \
	}
#include "ipc/messages.def"
#undef FIELD
}

START_TEST(every_row_comes_back_with_every_set_of_fields)
{
	struct text out = TEXT_INIT;
	struct message message;

	for (int type = 0; type < MESSAGE_TYPES; type++) {
		uint32_t optional = rows[type].optional, some = optional;

		ck_assert_str_eq(message_name((enum message_type)type), rows[type].name);
		for (;; some = (some - 1) & optional) {
			uint32_t has = rows[type].required | some;
			struct span line = make(&out, type, has);

			ck_assert_ptr_null(message_decode(line, rows[type].direction, &message));
			ck_assert_int_eq((int)message.type, type);
			assert_fields(&message, has);
			if (some == 0) {
				break;
			}
		}
	}
	text_free(&out);
}
END_TEST

START_TEST(a_required_field_must_be_there)
{
	struct text out = TEXT_INIT;
	struct message message;

	for (int type = 0; type < MESSAGE_TYPES; type++) {
		for (int i = 0; i < MESSAGE_FIELDS; i++) {
			uint32_t bit = UINT32_C(1) << i, all = rows[type].required;
			struct span line = make(&out, type, (all | rows[type].optional) & ~bit);
			const char *why = message_decode(line, rows[type].direction, &message);

			ck_assert_int_eq(why != NULL, (all & bit) != 0);
		}
	}
	text_free(&out);
}
END_TEST

START_TEST(a_message_of_the_other_direction_is_refused)
{
	struct text out = TEXT_INIT;
	struct message message;

	for (int type = 0; type < MESSAGE_TYPES; type++) {
		struct span line = make(&out, type, rows[type].required);

		ck_assert_ptr_nonnull(
		    message_decode(line, rows[type].direction == UP ? DOWN : UP, &message));
	}
	text_free(&out);
}
END_TEST

START_TEST(a_field_of_the_wrong_kind_is_refused)
{
	struct text out = TEXT_INIT;
	struct message message;

	for (int i = 0; i < MESSAGE_FIELDS; i++) {
		for (size_t k = 0; k < LENGTH(misfits[0]); k++) {
			text_clear(&out);
			text_printf(&out, "{\"type\":\"bye\",\"%s\":%s}", fields[i].name,
				    misfits[fields[i].kind][k]);
			ck_assert_msg(
			    message_decode((struct span){out.data, out.len}, UP, &message) != NULL,
			    "%s: %s", fields[i].name, misfits[fields[i].kind][k]);
		}
	}
	text_free(&out);
}
END_TEST

START_TEST(unknown_and_foreign_members_are_passed_over)
{
	struct message message;
	const char *line =
	    " { \"new\":[{\"task\":1}] , \"type\" : \"bye\", \"typ\":\"hello\",\"\":null,"
	    "\"count\":3, \"errors\":1 } \r";

	ck_assert_ptr_null(message_decode(span_of(line), UP, &message));
	ck_assert_int_eq(message.type, MESSAGE_bye);
	ck_assert_uint_eq(message.has, 0); /* count does not belong to bye */
	ck_assert(!MESSAGE_HAS(&message, count));
}
END_TEST

START_TEST(strings_are_escaped)
{
	struct text out = TEXT_INIT;
	struct message message;

	message_begin(&out, MESSAGE_bye);
	message_string(&out, FIELD_error, "a\n\"b\"\\");
	message_end(&out);
	unit_assert_text(&out, "{\"type\":\"bye\",\"error\":\"a\\n\\\"b\\\"\\\\\"}\n");
	message_begin(&out, MESSAGE_recall);
	message_key(&out, FIELD_count);
	text_string(&out, "12");
	message_end(&out);
	ck_assert_ptr_null(message_decode((struct span){out.data, out.len}, DOWN,
					  &message)); /* newline is space */
	ck_assert_uint_eq(message.count, 12);
	text_free(&out);
}
END_TEST

START_TEST(hostile_lines_are_refused)
{
	static const char *const lines[] = {"",
					    " ",
					    "{",
					    "}",
					    "{}",
					    "[]",
					    "null",
					    "\"bye\"",
					    "bye",
					    "{\"type\":\"bye\"",
					    "{\"type\":\"bye\"}}",
					    "{\"type\":\"bye\"}{\"type\":\"bye\"}",
					    "{\"type\":\"bye\"} x",
					    "{\"type\":bye}",
					    "{\"type\":1}",
					    "{\"type\":[\"bye\"]}",
					    "{\"type\":null}",
					    "{\"type\":\"\"}",
					    "{\"type\":\"by\"}",
					    "{\"type\":\"byee\"}",
					    "{\"type\":\"Bye\"}",
					    "{\"type\":\"bye\",}",
					    "{,\"type\":\"bye\"}",
					    "{type:\"bye\"}",
					    "{\"type\" \"bye\"}",
					    "{'type':'bye'}",
					    "{\"type\":\"bye\",\"error\":\"\xff\"}",
					    "{\"type\":\"bye\",\"error\":\"a\nb\"}",
					    "{\"type\":\"bye\",\"error\":\"a}",
					    "{\"type\":\"bye\",\"x\":01}",
					    "{\"type\":\"bye\",\"x\":nul}",
					    "\xef\xbb\xbf{\"type\":\"bye\"}",
					    "{\"type\":\"bye\",\"x\":NaN}",
					    "{\"type\":\"bye\" /* */}",
					    "{\"type\":\"bye\",\"task\":-1}",
					    "{\"type\":\"bye\",\"task\":1e2}",
					    "{\"error\":\"x\"}"};
	struct message message;

	for (size_t i = 0; i < LENGTH(lines); i++) {
		ck_assert_msg(message_decode(span_of(lines[i]), UP, &message) != NULL, "%s",
			      lines[i]);
	}
	ck_assert_ptr_nonnull(
	    message_decode((struct span){"{\"type\":\"bye\"}\0", 15}, UP, &message));
	ck_assert_ptr_nonnull(message_decode(SPAN_EMPTY, UP, &message));
}
END_TEST

START_TEST(no_prefix_of_a_message_is_one)
{
	struct text out = TEXT_INIT;
	struct message message;

	for (int type = 0; type < MESSAGE_TYPES; type++) {
		struct span line = make(&out, type, rows[type].required | rows[type].optional);

		for (struct span part = {line.at, 0}; part.len < line.len; part.len++) {
			ck_assert_ptr_nonnull(message_decode(part, rows[type].direction, &message));
		}
	}
	text_free(&out);
}
END_TEST

START_TEST(deep_nesting_is_refused)
{
	struct text out = TEXT_INIT;
	struct message message;

	text_string(&out, "{\"type\":\"bye\",\"x\":");
	for (int i = 0; i < 1000000; i++) {
		text_char(&out, '[');
	}
	ck_assert_ptr_nonnull(message_decode((struct span){out.data, out.len}, UP, &message));
	text_free(&out);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    every_row_comes_back_with_every_set_of_fields,
	    a_required_field_must_be_there,
	    a_message_of_the_other_direction_is_refused,
	    a_field_of_the_wrong_kind_is_refused,
	    unknown_and_foreign_members_are_passed_over,
	    strings_are_escaped,
	    hostile_lines_are_refused,
	    no_prefix_of_a_message_is_one,
	    deep_nesting_is_refused,
	};

	return unit_run("message", tests, LENGTH(tests));
}
