/* SPDX-License-Identifier: ISC */
/* test_task_rules: the keys of limits, retries, needs and resources, and their mistakes. */
#include "tests/spec_texts.h"
#include "tests/unit.h"

START_TEST(keys_of_limits_are_decoded)
{
	struct task_spec *spec =
	    spec_good("{\"sleep\":0,\"grace\":0,\"memory\":\"1.5G\",\"cpus\":4096,"
		      "\"nice\":-20,\"timeout\":\"300%\"}");

	ck_assert_int_eq(spec->context->grace_us, 0);
	ck_assert_uint_eq(spec->context->memory, UINT64_C(3) << 29);
	ck_assert_uint_eq(spec->context->cpus, 4096);
	ck_assert_int_eq(spec->context->nice, -20);
	ck_assert_int_eq(spec->timeout_us, 0);
	ck_assert_uint_eq(spec->rules->timeout_percent, 300);
	task_spec_free(spec);
	spec = spec_good("{\"sleep\":0,\"memory\":4096}");
	ck_assert_int_eq(spec->context->grace_us, TASK_GRACE_US);
	ck_assert_uint_eq(spec->context->memory, 4096);
	ck_assert_uint_eq(spec->context->cpus, 1);
	ck_assert_ptr_null(spec->rules);
	task_spec_free(spec);
}
END_TEST

START_TEST(keys_for_the_supervisor_are_decoded)
{
	struct task_spec *spec = spec_good(
	    "{\"sleep\":0,\"needs\":[\"a\",7,\"b c\"],\"priority\":-1000,\"retries\":10000,"
	    "\"uses\":{\"gpu\":2,\"n_1\":1000000}}");

	ck_assert_str_eq(spec->rules->needs[0], "a");
	ck_assert_str_eq(spec->rules->needs[1], "7");
	ck_assert_str_eq(spec->rules->needs[2], "b c");
	ck_assert_ptr_null(spec->rules->needs[3]);
	ck_assert(!spec->rules->needs_any_status);
	ck_assert_int_eq(spec->rules->priority, -1000);
	ck_assert_uint_eq(spec->rules->retries, 10000);
	ck_assert_uint_eq(spec->rules->retry, RETRY_ALWAYS);
	ck_assert_uint_eq(spec->rules->crash_limit, TASK_CRASHES);
	ck_assert_int_eq(spec->rules->backoff_us, 0);
	ck_assert_uint_eq(spec->rules->use_count, 2);
	ck_assert_str_eq(spec->rules->uses[0].resource, "gpu");
	ck_assert_uint_eq(spec->rules->uses[0].units, 2);
	ck_assert_uint_eq(spec->rules->uses[1].units, 1000000);
	task_spec_free(spec);
	spec = spec_good("{\"sleep\":0,\"needs\":[],\"uses\":[\"a\",\"b\"],\"priority\":1000}");
	ck_assert_ptr_null(spec->rules->needs);
	ck_assert_uint_eq(spec->rules->use_count, 2);
	ck_assert_uint_eq(spec->rules->uses[1].units, 1);
	task_spec_free(spec);
}
END_TEST

START_TEST(what_is_tried_again_is_decoded)
{
	static const struct {
		const char *text;
		unsigned bits;
	} rows[] = {
	    {"\"always\"", RETRY_ALWAYS},  {"\"never\"", 0},
	    {"\"failed\"", RETRY_FAILED},  {"\"timeout\"", RETRY_TIMEOUT},
	    {"\"crash\"", RETRY_CRASH},    {"[\"crash\",\"timeout\"]", RETRY_CRASH | RETRY_TIMEOUT},
	    {"[\"failed\"]", RETRY_FAILED}};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct text text = TEXT_INIT;
		struct task_spec *spec;

		text_printf(&text, "{\"sleep\":0,\"retry\":%s}", rows[i].text);
		text_terminate(&text);
		spec = spec_good(text.data);
		ck_assert_uint_eq(spec->rules->retry, rows[i].bits);
		task_spec_free(spec);
		text_free(&text);
	}
}
END_TEST

START_TEST(arguments_may_be_bytes)
{
	struct task_spec *spec =
	    spec_good("{\"exec\":[{\"base64\":\"/2E=\"},{\"base64\":\"\"},\"x\"]}");

	ck_assert_str_eq(spec->actions[0].strings[0], "\xff\x61");
	ck_assert_str_eq(spec->actions[0].strings[1], "");
	ck_assert_str_eq(spec->actions[0].strings[2], "x");
	task_spec_free(spec);
}
END_TEST

START_TEST(what_is_expected_is_summed_up)
{
	static const struct {
		const char *text;
		int64_t wall_us, cpu_us;
		bool known;
	} rows[] = {
	    {"{\"sleep\":1.5}", 1500000, 0, true},
	    {"{\"cpu\":{\"spin\":2}}", 2000000, 2000000, true},
	    {"{\"print\":\"\"}", 0, 0, true},
	    {"{\"cpu\":{\"loop\":2}}", 0, 0, false},
	    {"{\"exec\":[\"sleep\",\"1\"]}", 0, 0, false},
	    {"{\"steps\":[{\"sleep\":1},{\"print\":\"\"},{\"cpu\":{\"spin\":1}}]}", 2000000,
	     1000000, true},
	    {"{\"steps\":[{\"sleep\":1},{\"shell\":\"x\"},{\"sleep\":1}]}", 2000000, 0, false},
	};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct task_spec *spec = spec_good(rows[i].text);
		int64_t wall_us = -1, cpu_us = -1;

		ck_assert_int_eq(task_spec_expected(spec, &wall_us, &cpu_us), rows[i].known);
		ck_assert_int_eq(wall_us, rows[i].wall_us);
		ck_assert_int_eq(cpu_us, rows[i].cpu_us);
		task_spec_free(spec);
	}
}
END_TEST

#define TEN   "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4"
#define FORTY TEN TEN TEN TEN

START_TEST(mistakes_are_named)
{
	static const struct mistake mistakes[] = {
	    {"{\"needs\":\"a\",\"sleep\":1}", "needs: must be an array of ids"},
	    {"{\"needs\":[\"a\",true],\"sleep\":1}", "needs[1]: must be the id of a task"},
	    {"{\"needs\":[\"\"],\"sleep\":1}", "needs[0]: must not be empty"},
	    {"{\"needs\":[0],\"sleep\":1}", "needs[0]: no task has this number"},
	    {"{\"needs\":[1.0],\"sleep\":1}", "needs[0]: must be the id of a task"},
	    {"{\"needs\":[\"7\",\"a\",7],\"sleep\":1}", "needs: has \"7\" twice"},
	    {"{\"needs\":[\"a" FORTY FORTY "\",\"a" FORTY FORTY "\"],\"sleep\":1}",
	     "needs: has \"a" FORTY
	     "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4?\" twice"},
	    {"{\"needs_any_status\":1,\"sleep\":1}", "needs_any_status: must be true or false"},
	    {"{\"priority\":1001,\"sleep\":1}", "priority: must be from -1000 to 1000"},
	    {"{\"priority\":-1001,\"sleep\":1}", "priority: must be from -1000 to 1000"},
	    {"{\"priority\":\"1\",\"sleep\":1}", "priority: must be a whole number"},
	    {"{\"retries\":10001,\"sleep\":1}", "retries: must be from 0 to 10000"},
	    {"{\"retries\":-1,\"sleep\":1}", "retries: must be from 0 to 10000"},
	    {"{\"backoff\":-1,\"sleep\":1}", "backoff: must be from 0 seconds"},
	    {"{\"retry\":\"allways\",\"sleep\":1}",
	     "retry: unknown word, did you mean \"always\"?"},
	    {"{\"retry\":\"xyzzy\",\"sleep\":1}", "retry: must be \"always\", \"failed\""},
	    {"{\"retry\":3,\"sleep\":1}", "retry: must be \"always\""},
	    {"{\"retry\":[],\"sleep\":1}", "retry: must have a word in it"},
	    {"{\"retry\":[\"crash\",\"crash\"],\"sleep\":1}", "retry[1]: is there twice"},
	    {"{\"retry\":[\"never\"],\"sleep\":1}", "retry[0]: must be \"failed\", \"timeout\""},
	    {"{\"retry\":[\"fail\"],\"sleep\":1}",
	     "retry[0]: unknown word, did you mean \"failed\"?"},
	    {"{\"crash_limit\":0,\"sleep\":1}", "crash_limit: must be from 1 to 50"},
	    {"{\"crash_limit\":51,\"sleep\":1}", "crash_limit: must be from 1 to 50"},
	    {"{\"grace\":\"-1\",\"sleep\":1}", "grace: not a duration"},
	    {"{\"cpus\":0,\"sleep\":1}", "cpus: must be from 1 to 4096"},
	    {"{\"cpus\":4097,\"sleep\":1}", "cpus: must be from 1 to 4096"},
	    {"{\"memory\":0,\"sleep\":1}", "memory: must be from 1 to"},
	    {"{\"memory\":\"0K\",\"sleep\":1}", "memory: must be more than 0"},
	    {"{\"memory\":1.5,\"sleep\":1}", "memory: not a size; write bytes"},
	    {"{\"memory\":\"1X\",\"sleep\":1}", "memory: not a size; write bytes"},
	    {"{\"nice\":20,\"sleep\":1}", "nice: must be from -20 to 19"},
	    {"{\"nice\":-21,\"sleep\":1}", "nice: must be from -20 to 19"},
	    {"{\"uses\":3,\"sleep\":1}", "uses: must be \"gpu\", [\"gpu\",\"net\"]"},
	    {"{\"uses\":\"\",\"sleep\":1}", "uses: not the name of a resource"},
	    {"{\"uses\":\"a-b\",\"sleep\":1}", "uses: not the name of a resource"},
	    {"{\"uses\":[\"a\",\"a\"],\"sleep\":1}", "uses[1]: is there twice; write {\"a\": 2}"},
	    {"{\"uses\":[1],\"sleep\":1}", "uses[0]: must be the name of a resource"},
	    {"{\"uses\":{\"a\":0},\"sleep\":1}", "uses.a: must be from 1 to 1000000"},
	    {"{\"uses\":{\"memory\":1},\"sleep\":1}",
	     "uses.memory: write it as the key \"memory\""},
	    {"{\"uses\":[\"cpus\"],\"sleep\":1}", "uses[0]: write it as the key \"cpus\""},
	    {"{\"timeout\":\"0%\",\"sleep\":1}", "timeout: must be from \"1%\" to \"1000000%\""},
	    {"{\"timeout\":\"1000001%\",\"sleep\":1}", "timeout: must be from \"1%\""},
	    {"{\"timeout\":\"1.5%\",\"sleep\":1}", "timeout: must be from \"1%\""},
	    {"{\"timeout\":\"%\",\"sleep\":1}", "timeout: must be from \"1%\""},
	    {"{\"timeout\":\"5%%\",\"sleep\":1}", "timeout: must be from \"1%\""},
	    {"{\"timeout\":\"-5%\",\"sleep\":1}", "timeout: must be from \"1%\""},
	};

	spec_assert_mistakes(SPEC_TASK, mistakes, LENGTH(mistakes));
}
END_TEST

START_TEST(mistakes_in_bytes_are_named)
{
	static const struct mistake mistakes[] = {
	    {"{\"exec\":[{\"base64\":\"\"}]}", "exec[0]: must not be empty"},
	    {"{\"exec\":[{\"base64\":\"AA==\"}]}", "exec[0]: must not have NUL bytes"},
	    {"{\"exec\":[{\"base64\":\"A\"}]}", "exec[0]: not base64"},
	    {"{\"exec\":[{\"base64\":\"\u00e4AA\"}]}", "exec[0]: not base64"},
	    {"{\"exec\":[\"a\",{\"base64\":1}]}", "exec[1]: must be a string, or {\"base64\""},
	    {"{\"exec\":[\"a\",{\"b64\":\"\"}]}", "exec[1]: must be a string, or {\"base64\""},
	    {"{\"exec\":[\"a\",{}]}", "exec[1]: must be a string, or {\"base64\""},
	};

	spec_assert_mistakes(SPEC_TASK, mistakes, LENGTH(mistakes));
}
END_TEST

START_TEST(needs_have_a_most)
{
	for (int count = 100000; count <= 100001; count++) {
		struct text text = TEXT_INIT;
		struct spec_error error;
		struct task_spec *spec;

		text_string(&text, "{\"sleep\":0,\"needs\":[1");
		for (int i = 2; i <= count; i++) {
			text_printf(&text, ",%d", i);
		}
		text_string(&text, "]}");
		spec = task_spec_parse((struct span){text.data, text.len}, SPEC_TASK, &error);
		ck_assert_int_eq(spec != NULL, count == 100000);
		task_spec_free(spec);
		text_free(&text);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    keys_of_limits_are_decoded,     keys_for_the_supervisor_are_decoded,
	    what_is_tried_again_is_decoded, arguments_may_be_bytes,
	    what_is_expected_is_summed_up,  mistakes_are_named,
	    mistakes_in_bytes_are_named,    needs_have_a_most,
	};

	return unit_run("task_rules", tests, LENGTH(tests));
}
