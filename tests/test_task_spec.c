/* SPDX-License-Identifier: ISC */
/* test_task_spec: every key and action as it is decoded, and what is said of each mistake. */
#include <stdlib.h>
#include <string.h>

#include "ipc/duration.h"
#include "ipc/task_spec.h"
#include "tests/spec_texts.h"
#include "tests/unit.h"

START_TEST(actions_are_decoded)
{
	struct task_spec *spec = spec_good("{\"sleep\": \"1500ms\"}");

	ck_assert_uint_eq(spec->count, 1);
	ck_assert_int_eq(spec->actions[0].type, ACTION_sleep);
	ck_assert_int_eq(spec->actions[0].us, 1500000);
	ck_assert_uint_eq(spec->repeat, 1);
	ck_assert_int_eq(spec->timeout_us, 0);
	ck_assert_int_eq(spec->hint, TASK_CLASS_NONE);
	ck_assert_ptr_null(spec->context);
	ck_assert_ptr_null(spec->id);
	ck_assert_ptr_null(spec->name);
	task_spec_free(spec);
	spec = spec_good("{\"exec\": [\"ls\", \"\", \"-l \\u00e9\"]}");
	ck_assert_str_eq(spec->actions[0].strings[0], "ls");
	ck_assert_str_eq(spec->actions[0].strings[1], "");
	ck_assert_str_eq(spec->actions[0].strings[2], "-l \xc3\xa9");
	ck_assert_ptr_null(spec->actions[0].strings[3]);
	task_spec_free(spec);
	spec = spec_good("{\"shell\": \"a | b\"}");
	ck_assert_str_eq(spec->actions[0].string, "a | b");
	task_spec_free(spec);
	spec = spec_good("{\"print\": \"\"}");
	ck_assert_str_eq(spec->actions[0].string, "");
	task_spec_free(spec);
	task_spec_free(NULL);
}
END_TEST

START_TEST(cpu_ops_are_decoded)
{
	static const struct {
		const char *text;
		enum cpu_op op;
		uint64_t arg;
	} rows[] = {{"{\"cpu\":{\"spin\":0.25}}", OP_spin, 250000},
		    {"{\"cpu\":{\"spin\":0}}", OP_spin, 0},
		    {"{\"cpu\":{\"spin\":\"3650d\"}}", OP_spin, DURATION_MOST_US},
		    {"{\"cpu\":{\"primes\":0}}", OP_primes, 0},
		    {"{\"cpu\":{\"primes\":1000000000000}}", OP_primes, UINT64_C(1000000000000)},
		    {"{\"cpu\":{\"pi\":1}}", OP_pi, 1},
		    {"{\"cpu\":{\"pi\":1000000}}", OP_pi, 1000000},
		    {"{\"cpu\":{\"matmul\":8192}}", OP_matmul, 8192},
		    {"{\"cpu\":{\"loop\":9007199254740992}}", OP_loop, UINT64_C(1) << 53}};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct task_spec *spec = spec_good(rows[i].text);

		ck_assert_int_eq(spec->actions[0].type, ACTION_cpu);
		ck_assert_int_eq(spec->actions[0].op, rows[i].op);
		ck_assert_uint_eq(spec->actions[0].arg, rows[i].arg);
		task_spec_free(spec);
	}
}
END_TEST

START_TEST(every_key_is_decoded)
{
	struct task_spec *spec =
	    spec_good("{\"id\":\"\\u00e4 1\",\"name\":\"n\",\"repeat\":1000000000,"
		      "\"timeout\":\"2m\",\"class\":\"wait\",\"cwd\":\"/\",\"env\":"
		      "{\"A\":\"1=2\",\"B\":null,\"C\":\"\"},\"stdin\":\"i\",\"stdout\":"
		      "\"o\",\"stderr\":\"stdout\",\"max_output\":0,\"shell\":\"x\"}");

	ck_assert_str_eq(spec->id, "\xc3\xa4 1");
	ck_assert_str_eq(spec->name, "n");
	ck_assert_uint_eq(spec->repeat, 1000000000);
	ck_assert_int_eq(spec->timeout_us, 120000000);
	ck_assert_int_eq(spec->hint, TASK_CLASS_WAIT);
	ck_assert_str_eq(spec->context->cwd, "/");
	ck_assert_str_eq(spec->context->env[0], "A=1=2");
	ck_assert_str_eq(spec->context->env[1], "B");
	ck_assert_str_eq(spec->context->env[2], "C=");
	ck_assert_ptr_null(spec->context->env[3]);
	ck_assert_str_eq(spec->context->input, "i");
	ck_assert_str_eq(spec->context->output, "o");
	ck_assert_str_eq(spec->context->error, "stdout");
	ck_assert_uint_eq(spec->context->max_output, 0);
	task_spec_free(spec);
	spec = spec_good("{\"shell\":\"x\",\"cwd\":\"/\"}");
	ck_assert_uint_eq(spec->context->max_output, TASK_OUTPUT_DEFAULT);
	ck_assert_ptr_null(spec->context->env);
	task_spec_free(spec);
}
END_TEST

START_TEST(steps_are_actions_one_after_the_other)
{
	struct task_spec *spec = spec_good("{\"steps\":[{\"print\":\"One\"},{\"sleep\":1},{\"cpu\":"
					   "{\"loop\":3}},{\"exec\":[\"a\"]},{\"shell\":\"b\"}]}");

	ck_assert_uint_eq(spec->count, 5);
	ck_assert_str_eq(spec->actions[0].string, "One");
	ck_assert_int_eq(spec->actions[1].us, 1000000);
	ck_assert_uint_eq(spec->actions[2].arg, 3);
	ck_assert(!task_spec_computes(spec, 0));
	ck_assert(!task_spec_computes(spec, 1));
	ck_assert(task_spec_computes(spec, 2));
	ck_assert(task_spec_computes(spec, 3));
	ck_assert(task_spec_computes(spec, 4));
	task_spec_free(spec);
	spec =
	    spec_good("{\"class\":\"wait\",\"steps\":[{\"exec\":[\"a\"]},{\"cpu\":{\"loop\":3}}]}");
	ck_assert(!task_spec_computes(spec, 0));
	ck_assert(task_spec_computes(spec, 1)); /* the hint is for commands */
	task_spec_free(spec);
}
END_TEST

START_TEST(the_number_of_steps_has_a_limit)
{
	struct spec_error error;
	struct text text = TEXT_INIT;

	for (int count = 10000; count <= 10001; count++) {
		struct task_spec *spec;

		text_clear(&text);
		text_string(&text, "{\"steps\":[{\"print\":\"\"}");
		for (int i = 1; i < count; i++) {
			text_string(&text, ",{\"sleep\":0}");
		}
		text_string(&text, "]}");
		spec = task_spec_parse((struct span){text.data, text.len}, SPEC_TASK, &error);
		ck_assert_int_eq(spec != NULL, count == 10000);
		task_spec_free(spec);
	}
	text_free(&text);
}
END_TEST

START_TEST(mistakes_in_keys_are_named)
{
	static const struct mistake mistakes[] = {
	    {"{\"slep\":1}", "slep: unknown key, did you mean \"sleep\"?"},
	    {"{\"sleep\":1,\"tiemout\":2}", "tiemout: unknown key, did you mean \"timeout\"?"},
	    {"{\"sleep\":1,\"zzzzzzzz\":2}", "zzzzzzzz: unknown key"},
	    {"{\"sleep\":1,\"print\":\"x\"}", "print: a second action"},
	    {"{}", ": no action"},
	    {"{\"id\":\"x\"}", ": no action"},
	    {"[]", ": a task must be a JSON object"},
	    {"1", ": a task must be a JSON object"},
	    {"null", ": a task must be a JSON object"},
	    {"{\"id\":1,\"sleep\":1}", "id: must be a string"},
	    {"{\"id\":\"\",\"sleep\":1}", "id: must not be empty"},
	    {"{\"id\":\"a\\tb\",\"sleep\":1}", "id: must not have control characters"},
	    {"{\"id\":\"\\u007f\",\"sleep\":1}", "id: must not have control characters"},
	    {"{\"name\":\"\",\"sleep\":1}", "name: must not be empty"},
	    {"{\"repeat\":0,\"sleep\":1}", "repeat: must be from 1 to 1000000000"},
	    {"{\"repeat\":1000000001,\"sleep\":1}", "repeat: must be from 1 to 1000000000"},
	    {"{\"repeat\":-1,\"sleep\":1}", "repeat: must be from 1 to 1000000000"},
	    {"{\"repeat\":1.0,\"sleep\":1}", "repeat: must be a whole number"},
	    {"{\"timeout\":0,\"sleep\":1}", "timeout: must be more than 0"},
	    {"{\"timeout\":-1,\"sleep\":1}", "timeout: must be from 0 seconds to ten years"},
	    {"{\"timeout\":null,\"sleep\":1}", "timeout: must be a duration"},
	    {"{\"class\":\"CPU\",\"sleep\":1}", "class: must be \"cpu\" or \"wait\""},
	    {"{\"class\":1,\"sleep\":1}", "class: must be \"cpu\" or \"wait\""},
	    {"{\"cwd\":\"\",\"sleep\":1}", "cwd: must not be empty"},
	    {"{\"env\":[],\"sleep\":1}", "env: must be an object of strings"},
	    {"{\"env\":{\"A\":1},\"sleep\":1}", "env.A: must be a string, or null"},
	    {"{\"env\":{\"\":\"\"},\"sleep\":1}", "env.: not the name of a variable"},
	    {"{\"env\":{\"A=B\":\"\"},\"sleep\":1}", "env.A=B: not the name of a variable"},
	    {"{\"stdin\":1,\"sleep\":1}", "stdin: must be a string"},
	    {"{\"max_output\":4194305,\"sleep\":1}", "max_output: must be from 0 to 4194304"},
	    {"{\"max_output\":\"1\",\"sleep\":1}", "max_output: must be a whole number"},
	};

	spec_assert_mistakes(SPEC_TASK, mistakes, LENGTH(mistakes));
}
END_TEST

START_TEST(mistakes_in_actions_are_named)
{
	static const struct mistake mistakes[] = {
	    {"{\"sleep\":-1}", "sleep: must be from 0 seconds to ten years"},
	    {"{\"sleep\":315360001}", "sleep: must be from 0 seconds to ten years"},
	    {"{\"sleep\":\"1 s\"}", "sleep: not a duration; write"},
	    {"{\"sleep\":[1]}", "sleep: must be a duration"},
	    {"{\"sleep\":true}", "sleep: must be a duration"},
	    {"{\"exec\":\"ls\"}", "exec: must be an array"},
	    {"{\"exec\":{}}", "exec: must be an array"},
	    {"{\"exec\":[]}", "exec: must hold the command"},
	    {"{\"exec\":[\"\"]}", "exec[0]: must not be empty"},
	    {"{\"exec\":[\"a\",\"b\",3]}", "exec[2]: must be a string"},
	    {"{\"shell\":\"\"}", "shell: must not be empty"},
	    {"{\"shell\":[]}", "shell: must be a string"},
	    {"{\"print\":null}", "print: must be a string"},
	    {"{\"cpu\":1}", "cpu: must be an object with one of"},
	    {"{\"cpu\":{}}", "cpu: must be an object"},
	    {"{\"cpu\":{\"pi\":1,\"spin\":1}}", "cpu: must be an object with one of"},
	    {"{\"cpu\":{\"prims\":1}}", "cpu.prims: unknown operation, did you mean \"primes\"?"},
	    {"{\"cpu\":{\"xyzzy\":1}}", "cpu.xyzzy: unknown operation; there are"},
	    {"{\"cpu\":{\"pi\":0}}", "cpu.pi: must be from 1 to 1000000"},
	    {"{\"cpu\":{\"pi\":1000001}}", "cpu.pi: must be from 1 to 1000000"},
	    {"{\"cpu\":{\"matmul\":8193}}", "cpu.matmul: must be from 0 to 8192"},
	    {"{\"cpu\":{\"loop\":1.5}}", "cpu.loop: must be a whole number"},
	    {"{\"cpu\":{\"spin\":\"x\"}}", "cpu.spin: not a duration"},
	    {"{\"steps\":[]}", "steps: must be an array of 1 to 10000"},
	    {"{\"steps\":{}}", "steps: must be an array of 1 to 10000"},
	    {"{\"steps\":[1]}", "steps[0]: a step must be one of"},
	    {"{\"steps\":[{}]}", "steps[0]: a step must be one of"},
	    {"{\"steps\":[{\"sleep\":0},{\"sleep\":1,\"id\":\"x\"}]}",
	     "steps[1]: a step is one action"},
	    {"{\"steps\":[{\"steps\":[]}]}", "steps[0]: a step must be one of"},
	    {"{\"steps\":[{\"sleep\":0},{\"sleep\":-1}]}", "steps[1].sleep: must be from 0"},
	    {"{\"steps\":[{\"exec\":[\"a\",2]}]}", "steps[0].exec[1]: must be a string"},
	    {"{\"steps\":[{\"cpu\":{\"primes\":-1}}]}", "steps[0].cpu.primes: must be from 0"},
	    {"{\"sleep\":1,\"steps\":[{\"sleep\":1}]}", "steps: a second action"},
	    {"{\"steps\":[{\"print\":\"a\"}],\"sleep\":1}", "sleep: a second action"},
	};

	spec_assert_mistakes(SPEC_TASK, mistakes, LENGTH(mistakes));
}
END_TEST

START_TEST(mistakes_in_json_have_line_and_column)
{
	static const struct mistake mistakes[] = {
	    {"", "1:1: not valid JSON"},
	    {"{\"sleep\":1", "1:10: not valid JSON"},
	    {"{\n \"sleep\":x}", "2:10: not valid JSON"},
	    {"{\"sleep\":1,\"sleep\":2}", "1:18: not valid JSON: duplicate object key"},
	    {"{\"sleep\":1e999}", "1:14: not valid JSON"},
	    {"{\"print\":\"\xff\"}", "1:10: not valid JSON"},
	    {"{\"print\":\"\\u0000\"}", "1:17: not valid JSON"},
	    {"{\"sleep\":99999999999999999999}", "1:29: not valid JSON"}};

	spec_assert_mistakes(SPEC_TASK, mistakes, LENGTH(mistakes));
}
END_TEST

START_TEST(defaults_have_neither_action_nor_id)
{
	static const struct mistake mistakes[] = {
	    {"{\"id\":\"x\"}", "id: cannot be a default"},
	    {"{\"sleep\":1}", "sleep: cannot be a default"},
	    {"[]", ": must be a JSON object"},
	    {"{\"tmeout\":1}", "tmeout: unknown key, did you mean \"timeout\"?"},
	    {"{\"slep\":1}", "slep: unknown key; stint-jobs(5)"},
	    {"{\"needs\":[\"a\"]}", "needs: cannot be a default"},
	    {"{\"repeat\":0}", "repeat: must be from 1"}};
	struct spec_error error;
	struct task_spec *spec =
	    task_spec_parse(SPAN_LITERAL("{\"timeout\":1,\"env\":{}}"), SPEC_DEFAULTS, &error);

	ck_assert_ptr_nonnull(spec);
	ck_assert_int_eq(spec->timeout_us, 1000000);
	ck_assert_uint_eq(spec->keys, UINT32_C(1) << task_key_find(SPAN_LITERAL("timeout")) |
					  UINT32_C(1) << task_key_find(SPAN_LITERAL("env")));
	task_spec_free(spec);
	ck_assert_int_lt(task_key_find(SPAN_LITERAL("id")), 0);
	ck_assert_int_lt(task_key_find(SPAN_LITERAL("sleep")), 0);
	ck_assert_int_lt(task_key_find(SPAN_EMPTY), 0);
	spec_assert_mistakes(SPEC_DEFAULTS, mistakes, LENGTH(mistakes));
}
END_TEST

START_TEST(ids_have_a_longest)
{
	for (size_t len = TASK_ID_MAX; len <= TASK_ID_MAX + 1; len++) {
		struct text text = TEXT_INIT;
		struct spec_error error;
		struct task_spec *spec;

		text_string(&text, "{\"sleep\":1,\"id\":\"");
		for (size_t i = 0; i < len; i++) {
			text_char(&text, 'i');
		}
		text_string(&text, "\"}");
		spec = task_spec_parse((struct span){text.data, text.len}, SPEC_TASK, &error);
		ck_assert_int_eq(spec != NULL, len == TASK_ID_MAX);
		task_spec_free(spec);
		text_free(&text);
	}
}
END_TEST

/* What is said of a mistake goes into records, which are JSON. */
START_TEST(messages_are_utf8_however_long_the_key)
{
	for (size_t len = 40; len < 400; len++) {
		struct text text = TEXT_INIT, said = TEXT_INIT;
		struct spec_error error;

		text_string(&text, "{\"");
		for (size_t i = 0; i < len; i++) {
			text_char(&text, 'k');
		}
		text_string(&text, "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\":1}");
		ck_assert_ptr_null(
		    task_spec_parse((struct span){text.data, text.len}, SPEC_TASK, &error));
		spec_describe(&error, &said);
		ck_assert_msg(text_is_utf8(said.data, said.len), "a key of %zu bytes", len + 8);
		text.data[text.len - 3] = 'x'; /* now it is not JSON */
		ck_assert_ptr_null(
		    task_spec_parse((struct span){text.data, text.len}, SPEC_TASK, &error));
		spec_describe(&error, &said);
		ck_assert_msg(text_is_utf8(said.data, said.len), "%s", said.data);
		text_free(&text);
		text_free(&said);
	}
}
END_TEST

/* Two libraries read the text; neither may pass over what the other refuses. */
START_TEST(a_nul_byte_is_refused_wherever_it_is)
{
	static const char text[] = "{\"sleep\":1 ,\"id\":\"x\"} ";
	size_t len = sizeof(text) - 1;

	for (size_t at = 0; at <= len; at++) {
		struct spec_error error;
		char bytes[sizeof(text)];

		memcpy(bytes, text, at);
		bytes[at] = '\0';
		memcpy(bytes + at + 1, text + at, len - at);
		ck_assert_msg(task_spec_parse((struct span){bytes, len + 1}, SPEC_TASK, &error) ==
				  NULL,
			      "NUL at %zu", at);
	}
}
END_TEST

START_TEST(messages_about_json_are_utf8)
{
	static const char *const texts[] = {
	    "{\"\\\u0792\"", "{\"\\\U0001f600\"",     "\"\u0792",
	    "\u0792",        "{\"\u0792\"\U0001f600", "{\"\u0792\":\u0792}"};
	struct text said = TEXT_INIT;

	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct spec_error error;

		ck_assert_ptr_null(task_spec_parse(span_of(texts[i]), SPEC_TASK, &error));
		spec_describe(&error, &said);
		ck_assert_msg(text_is_utf8(said.data, said.len), "%s: %s", texts[i], said.data);
	}
	text_free(&said);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    actions_are_decoded,
	    cpu_ops_are_decoded,
	    every_key_is_decoded,
	    steps_are_actions_one_after_the_other,
	    the_number_of_steps_has_a_limit,
	    mistakes_in_keys_are_named,
	    mistakes_in_actions_are_named,
	    mistakes_in_json_have_line_and_column,
	    defaults_have_neither_action_nor_id,
	    ids_have_a_longest,
	    messages_are_utf8_however_long_the_key,
	    messages_about_json_are_utf8,
	    a_nul_byte_is_refused_wherever_it_is,
	};

	return unit_run("task_spec", tests, LENGTH(tests));
}
