/* SPDX-License-Identifier: ISC */
/* test_task_reader: what the supervisor knows of a task: its own keys, the defaults, the matrix. */
#include <string.h>

#include "supervisor/task_reader.h"
#include "tests/unit.h"

#define TEXTS_MOST 16

struct job {
	struct defaults defaults;
	struct task_reader reader;
	struct text error;
	struct task_text *texts[TEXTS_MOST];
	int count;
};

static struct piece
piece_of(const char *text)
{
	return (struct piece){.file = "f", .prefix = "", .text = span_of(text), .line = 1};
}

/* NULL: nothing is said of it. */
static void
begin(struct job *job, const char *resources, const char *defaults)
{
	struct piece piece = piece_of(resources == NULL ? "{}" : resources);

	*job = (struct job){.count = 0};
	job->reader.defaults = &job->defaults;
	job->reader.ids = ids_new();
	ck_assert(resources_set(&job->defaults.resources, &piece, &job->error));
	piece = piece_of(defaults == NULL ? "{}" : defaults);
	ck_assert(defaults_set(&job->defaults, &piece, &job->error));
}

static void
drop_texts(struct job *job)
{
	while (job->count > 0) {
		task_text_release(job->texts[--job->count]);
	}
}

/* Reads what one task makes; the last one is the answer, NULL if something is wrong. */
static struct task_text *
take(struct job *job, const char *task)
{
	struct piece piece = piece_of(task);
	struct task_text *text;

	drop_texts(job);
	text_clear(&job->error);
	task_reader_begin(&job->reader, &piece, job->reader.ordinal + 1);
	while (task_reader_next(&job->reader, &text, &job->error)) {
		if (text == NULL) {
			ck_assert_int_gt(job->count, 0);
			return job->texts[job->count - 1];
		}
		ck_assert_int_lt(job->count, TEXTS_MOST);
		job->texts[job->count++] = text;
	}
	ck_assert(task_reader_next(&job->reader, &text, &job->error));
	ck_assert_ptr_null(text);
	return NULL;
}

static void
end(struct job *job)
{
	drop_texts(job);
	task_reader_clear(&job->reader);
	defaults_clear(&job->defaults);
	ids_free(job->reader.ids);
	text_free(&job->error);
}

static const char *
spec_of(const struct task_text *text)
{
	return unit_string((struct span){text->bytes, text->spec_len});
}

static void
assert_refused(struct job *job, const char *task, const char *said)
{
	ck_assert_msg(take(job, task) == NULL, "accepted: %s", task);
	text_terminate(&job->error);
	ck_assert_msg(strncmp(job->error.data, said, strlen(said)) == 0, "%s\n  %s\nnot\n  %s",
		      task, job->error.data, said);
}

START_TEST(a_plain_task_has_no_rules)
{
	struct task_text *text;
	struct job job;

	begin(&job, NULL, NULL);
	text = take(&job, "{\"sleep\":1.5}");
	ck_assert_ptr_null(text->rules);
	ck_assert_uint_eq(task_rules(text)->retry, RETRY_ALWAYS);
	ck_assert_uint_eq(task_rules(text)->crash_limit, 3);
	ck_assert_uint_eq(text->memory, 0);
	ck_assert_uint_eq(text->cpus, 1);
	ck_assert_uint_eq(text->hint, TASK_CLASS_NONE);
	ck_assert_int_eq(text->expected_us, 1500000);
	ck_assert_uint_eq(text->grace_s, 5);
	ck_assert_uint_eq(task_program(text).len, 0);
	ck_assert_uint_eq(task_text_id(text).len, 0);
	ck_assert_uint_eq(text->group_len, 0);
	end(&job);
}
END_TEST

START_TEST(what_the_supervisor_heeds_is_not_part_of_the_spec)
{
	struct task_text *text;
	struct job job;
	uint64_t hash;

	begin(&job, "{\"gpu\":2}", NULL);
	text = take(&job, "{\"shell\":\"gzip a\"}");
	hash = text->hash;
	text =
	    take(&job,
		 "{\"id\":\"i\",\"name\":\"n\",\"repeat\":2,\"needs\":[\"1\"],\"needs_any_status\":"
		 "true,\"priority\":-7,\"retries\":2,\"backoff\":\"1s\",\"retry\":[\"crash\"],"
		 "\"crash_limit\":9,\"uses\":\"gpu\",\"timeout\":\"300%\",\"shell\":\"gzip a\"}");
	ck_assert_str_eq(spec_of(text), "{\"shell\":\"gzip a\"}");
	ck_assert(text->hash == hash);
	ck_assert_str_eq(text->rules->needs[0], "1");
	ck_assert_ptr_null(text->rules->needs[1]);
	ck_assert(text->rules->needs_any_status);
	ck_assert_int_eq(text->rules->priority, -7);
	ck_assert_uint_eq(text->rules->retries, 2);
	ck_assert_int_eq(text->rules->backoff_us, 1000000);
	ck_assert_uint_eq(text->rules->retry, RETRY_CRASH);
	ck_assert_uint_eq(text->rules->crash_limit, 9);
	ck_assert_uint_eq(text->rules->timeout_percent, 300);
	ck_assert_uint_eq(text->rules->use_count, 1);
	ck_assert_str_eq(text->rules->uses[0].resource, "gpu");
	ck_assert_str_eq(unit_string(task_text_id(text)), "i");
	ck_assert_str_eq(unit_string(task_program(text)), "gzip");
	ck_assert_int_eq(text->expected_us, -1);
	text = take(&job,
		    "{\"shell\":\"gzip a\",\"timeout\":5,\"grace\":0,\"memory\":\"1K\",\"cpus\":2,"
		    "\"nice\":5,\"class\":\"wait\"}");
	ck_assert_str_eq(
	    spec_of(text),
	    "{\"shell\":\"gzip a\",\"timeout\":5,\"grace\":0,\"memory\":\"1K\",\"cpus\":2,"
	    "\"nice\":5,\"class\":\"wait\"}");
	ck_assert(text->hash == hash);
	ck_assert_uint_eq(text->memory, 1024);
	ck_assert_uint_eq(text->cpus, 2);
	ck_assert_uint_eq(text->hint, TASK_CLASS_WAIT);
	ck_assert_uint_eq(text->grace_s, 0);
	ck_assert(!text->computes);
	end(&job);
}
END_TEST

/* What --resume takes for another task. */
START_TEST(the_hash_is_of_what_is_done)
{
	static const char *const same[] = {
	    " { \"shell\" : \"a\" ,\t\"env\" : { \"A\":\"1\", \"B\" : \"2\" }, \"cwd\":\"/\" } ",
	    "{\"cwd\":\"/\",\"env\":{\"B\":\"2\",\"A\":\"1\"},\"shell\":\"a\"}",
	    "{\"id\":\"i\",\"shell\":\"a\",\"env\":{\"A\":\"1\",\"B\":\"2\"},\"tag\":\"t\",\"cwd\":"
	    "\"/\","
	    "\"timeout\":5,\"grace\":1,\"class\":\"cpu\",\"memory\":5,\"cpus\":2,\"nice\":1}",
	    "{\"m\\u0061trix\":{\"x\":[\"a\"]},\"shell\":\"{x}\",\"env\":{\"A\":\"1\",\"B\":\"2\"},"
	    "\"cwd\":\"/\"}",
	};
	static const char *const other[] = {
	    "{\"shell\":\"b\",\"env\":{\"A\":\"1\",\"B\":\"2\"},\"cwd\":\"/\"}",
	    "{\"shell\":\"a\",\"env\":{\"A\":\"2\",\"B\":\"1\"},\"cwd\":\"/\"}",
	    "{\"shell\":\"a\",\"env\":{\"A\":\"1\",\"B\":\"2\",\"C\":\"\"},\"cwd\":\"/\"}",
	    "{\"shell\":\"a\",\"env\":{\"A\":\"1\"},\"cwd\":\"/\"}",
	    "{\"shell\":\"a\",\"env\":{\"A\":\"1\",\"B\":\"2\"},\"stdin\":\"/\"}",
	    "{\"exec\":[\"a\"],\"env\":{\"A\":\"1\",\"B\":\"2\"},\"cwd\":\"/\"}",
	    "{\"shell\":\"a\",\"env\":{\"A\":\"1\",\"B\":\"2\"},\"cwd\":\"/\",\"max_output\":0}",
	};
	struct job job, with_defaults;
	uint64_t hash;

	begin(&job, NULL, NULL);
	begin(&with_defaults, NULL, "{\"cwd\":\"/\",\"env\":{\"B\":\"2\"},\"timeout\":1}");
	hash = take(&with_defaults, "{\"env\":{\"A\":\"1\"},\"shell\":\"a\"}")->hash;
	for (size_t i = 0; i < LENGTH(same); i++) {
		ck_assert_msg(take(&job, same[i])->hash == hash, "%s", same[i]);
	}
	for (size_t i = 0; i < LENGTH(other); i++) {
		ck_assert_msg(take(&job, other[i])->hash != hash, "%s", other[i]);
	}
	end(&with_defaults);
	end(&job);
}
END_TEST

START_TEST(a_key_of_the_task_wins_over_the_default)
{
	struct task_text *text;
	struct job job;

	begin(&job, "{\"gpu\":2,\"net\":1}",
	      "{\"priority\":3,\"retries\":4,\"timeout\":\"200%\",\"grace\":\"1500ms\",\"uses\":"
	      "\"gpu\",\"memory\":\"1M\","
	      "\"cpus\":3,\"class\":\"wait\",\"retry\":\"never\",\"crash_limit\":1}");
	text = take(&job, "{\"shell\":\"a\"}");
	ck_assert_str_eq(spec_of(text), "{\"shell\":\"a\",\"grace\":\"1500ms\",\"memory\":\"1M\","
					"\"cpus\":3,\"class\":\"wait\"}");
	ck_assert_uint_eq(text->grace_s, 2);
	ck_assert_int_eq(text->rules->priority, 3);
	ck_assert_uint_eq(text->rules->retries, 4);
	ck_assert_uint_eq(text->rules->retry, 0);
	ck_assert_uint_eq(text->rules->timeout_percent, 200);
	ck_assert_str_eq(text->rules->uses[0].resource, "gpu");
	ck_assert_uint_eq(text->memory, 1 << 20);
	ck_assert_uint_eq(text->cpus, 3);
	text = take(&job, "{\"shell\":\"a\",\"priority\":0,\"timeout\":1,\"uses\":[],\"memory\":5,"
			  "\"class\":\"cpu\",\"needs\":[2]}");
	ck_assert_str_eq(
	    spec_of(text),
	    "{\"shell\":\"a\",\"timeout\":1,\"memory\":5,\"class\":\"cpu\",\"grace\":\"1500ms\","
	    "\"cpus\":3}");
	ck_assert_int_eq(text->rules->priority, 0);
	ck_assert_uint_eq(text->rules->retries, 4);
	ck_assert_uint_eq(text->rules->timeout_percent, 0);
	ck_assert_uint_eq(text->rules->use_count, 0);
	ck_assert_str_eq(text->rules->needs[0], "2");
	ck_assert_uint_eq(text->memory, 5);
	ck_assert_uint_eq(text->hint, TASK_CLASS_CPU);
	ck_assert(text->computes);
	end(&job);
}
END_TEST

START_TEST(a_matrix_makes_tasks_of_one_group)
{
	struct task_text *text;
	struct job job;

	begin(&job, NULL, NULL);
	text = take(&job,
		    "{\"id\":\"a\\\"b\",\"matrix\":{\"x\":[1,2],\"y\":[\"q\"]},\"sleep\":\"{x}\","
		    "\"needs\":[\"p.{y}\"]}");
	ck_assert_int_eq(job.count, 2);
	ck_assert_str_eq(unit_string(task_text_id(text)), "a\\\"b.x=2,y=q");
	ck_assert_uint_eq(text->group_len, strlen("a\\\"b"));
	ck_assert_uint_eq(text->ordinal, 1);
	ck_assert_str_eq(spec_of(text), "{\"sleep\":2}");
	ck_assert_str_eq(text->rules->needs[0], "p.q");
	ck_assert(text->hash != job.texts[0]->hash);
	text = take(&job, "{\"matrix\":{\"x\":[1,2]},\"sleep\":0}");
	ck_assert_str_eq(unit_string(task_text_id(text)), "2.x=2");
	ck_assert_uint_eq(text->group_len, 1);
	ck_assert(text->hash == job.texts[0]->hash);
	text = take(&job, "{\"id\":\"i{x}\",\"matrix\":{\"x\":[1,2]},\"sleep\":0}");
	ck_assert_str_eq(unit_string(task_text_id(text)), "i2");
	ck_assert_uint_eq(text->group_len, 0);
	assert_refused(&job, "{\"id\":\"a\\\"b\",\"sleep\":0}",
		       "f:1: id: \"a\"b\" was used before");
	assert_refused(&job, "{\"id\":\"2\",\"sleep\":0}", "f:1: id: \"2\" was used before");
	assert_refused(&job, "{\"id\":\"2.x=1\",\"sleep\":0}",
		       "f:1: id: \"2.x=1\" was used before");
	end(&job);
}
END_TEST

START_TEST(a_matrix_may_be_a_default)
{
	struct task_text *text;
	struct job job;

	begin(
	    &job, NULL,
	    "{\"matrix\":{\"x\":[1,2]},\"env\":{\"A\":\"{x}\",\"B\":\"b\"},\"stdout\":\"o.{x}\"}");
	text = take(&job, "{\"shell\":\"f\",\"env\":{\"B\":\"{x}{x}\"}}");
	ck_assert_int_eq(job.count, 2);
	ck_assert_str_eq(spec_of(text), "{\"shell\":\"f\",\"env\":{\"B\":\"22\",\"A\":\"2\"},"
					"\"stdout\":\"o.2\"}");
	text = take(&job, "{\"shell\":\"f\",\"matrix\":{\"y\":[\"z\"]},\"stdout\":\"{y}\"}");
	ck_assert_int_eq(job.count, 1);
	ck_assert_str_eq(spec_of(text),
			 "{\"shell\":\"f\",\"stdout\":\"z\",\"env\":{\"A\":\"{x}\",\"B\":\"b\"}}");
	assert_refused(&job, "{\"shell\":\"f\",\"env\":5}", "f:1: env: must be an object");
	end(&job);
}
END_TEST

START_TEST(mistakes_in_a_matrix_are_named)
{
	static const char *const rows[][2] = {
	    {"{\"sleep\":0,\"matrix\":[]}", "f:1: matrix: must be an object of arrays"},
	    {"{\"sleep\":0,\"matrix\":{}}", "f:1: matrix: must be an object of arrays"},
	    {"{\"sleep\":0,\n\"matrix\":{\"a\":[1],\n\"b\":[]}}",
	     "f:3: matrix.b: must be an array of one"},
	    {"{\"sleep\":0,\"matrix\":{\"a\":1}}", "f:1: matrix.a: must be an array of one"},
	    {"{\"sleep\":0,\"matrix\":{\"a\":[1,[]]}}",
	     "f:1: matrix.a[1]: must be a string, a number"},
	    {"{\"sleep\":0,\"matrix\":{\"a\":[null]}}",
	     "f:1: matrix.a[0]: must be a string, a number"},
	    {"{\"sleep\":0,\"matrix\":{\"1a\":[1]}}", "f:1: matrix.1a: not a name for {NAME}"},
	    {"{\"sleep\":0,\"matrix\":{\"\":[1]}}", "f:1: matrix.: not a name for {NAME}"},
	    {"{\"sleep\":0,\"matrix\":{\"a\":[1,1]}}", "f:1: id: \"9.a=1\" was used before"},
	    {"{\"sleep\":0,\"matrix\":{\"a\":[1],\"a\":[2]}}", "f:1: column 32: not valid JSON"},
	    {"{\"matrix\":{\"a\":[1]}}", "f:1: no action"},
	    {"{\"matrix\":{\"a\":[1]},\"sleep\":0", "f:1: column 29: not valid JSON"},
	    {"{\"matrix\":{\"a\":[1,2]},\"sleep\":\"{a}x\"}", "f:1: sleep: not a duration"},
	    {"{\"matrix\":{\"a\":[1,2]},\"slep\":\"{a}x\"}", "f:1: slep: unknown key"},
	    {"{\"matrix\":{\"a\":[1,2]},\"id\":\"\",\"sleep\":0}", "f:1: id: must not be empty"},
	    {"{\"matrix\":{\"a\":[1,2]},\"id\":5,\"sleep\":0}", "f:1: id: must be a string"},
	    {"{\"matrix\":{\"a\":[1],\"b\":[1]},\"id\":\"i{b}\",\"sleep\":0}",
	     "f:1: id: must have {a}"},
	    {"{\"matrix\":{\"a\":[\"\\n\"]},\"sleep\":0}", "f:1: id: must not have control"},
	    {"{\"matrix\":{\"a\":[\"x y\"]},\"shell\":\"echo $(({a}))\"}",
	     "f:1: {a} cannot be quoted where its shell command has it; write $VALUE there and "
	     "give it \"env\": {\"VALUE\": \"{a}\"} (a=x y)"},
	    {"{\"matrix\":\"x\\", "f:1: column 13: not valid JSON"},
	    {"[\"matrix\"]", "f:1: a task must be a JSON object"},
	    {"{\"m\\u0061trix\":{\"a\":[]},\"sleep\":0}", "f:1: matrix.a: must be an array"},
	};
	struct job job;

	begin(&job, NULL, NULL);
	for (size_t i = 0; i < LENGTH(rows); i++) {
		assert_refused(&job, rows[i][0], rows[i][1]);
	}
	end(&job);
}
END_TEST

/* Which values they were is said behind the message. */
START_TEST(the_bad_combination_is_named)
{
	struct job job;

	begin(&job, NULL, NULL);
	ck_assert_ptr_null(
	    take(&job, "{\"matrix\":{\"a\":[0,\"\\u00e4\"],\"b\":[7]},\"sleep\":\"{a}\"}"));
	text_terminate(&job.error);
	ck_assert_ptr_nonnull(strstr(job.error.data, "(a=\xc3\xa4,b=7)"));
	ck_assert_int_eq(job.count, 1);
	end(&job);
}
END_TEST

START_TEST(a_matrix_has_a_largest)
{
	struct text task = TEXT_INIT;
	struct job job;

	begin(&job, NULL, NULL);
	text_string(&task, "{\"sleep\":0,\"matrix\":{");
	for (int axis = 0; axis < 20; axis++) {
		text_printf(&task, "%s\"k%d\":[1,2]", axis == 0 ? "" : ",", axis);
	}
	text_string(&task, "}}");
	text_terminate(&task);
	assert_refused(&job, task.data, "f:1: matrix.k19: makes more than 1000000 tasks of one");
	text_free(&task);
	end(&job);
}
END_TEST

START_TEST(only_what_there_is_can_be_used)
{
	struct job job;

	begin(&job, "{\"gpu\":2,\"licence\":1,\"memory\":\"1G\"}", NULL);
	ck_assert_uint_eq(job.defaults.resources.count, 3);
	ck_assert_uint_eq(resources_find(&job.defaults.resources, "memory")->units, 1 << 30);
	ck_assert_ptr_nonnull(take(&job, "{\"sleep\":0,\"uses\":{\"gpu\":2,\"licence\":1}}"));
	ck_assert_ptr_nonnull(take(&job, "{\"sleep\":0,\"memory\":\"1G\"}"));
	assert_refused(&job, "{\"sleep\":0,\"uses\":\"gpus\"}",
		       "f:1: uses: no resource \"gpus\", did you mean \"gpu\"?");
	assert_refused(&job, "{\"sleep\":0,\"uses\":\"disk\"}",
		       "f:1: uses: no resource \"disk\"; the job's head declares");
	assert_refused(&job, "{\"sleep\":0,\"uses\":{\"gpu\":3}}",
		       "f:1: uses: 3 of gpu, but \"resources\" has only 2");
	assert_refused(&job, "{\"sleep\":0,\"memory\":\"1.1G\"}",
		       "f:1: memory: 1181116006 bytes, but");
	assert_refused(&job, "{\"sleep\":0,\"matrix\":{\"g\":[\"gpu\",\"gpo\"]},\"uses\":\"{g}\"}",
		       "f:1: uses: no resource \"gpo\", did you mean \"gpu\"? (g=gpo)");
	end(&job);
}
END_TEST

START_TEST(mistakes_in_resources_are_named)
{
	static const char *const rows[][2] = {
	    {"[]", "f:1: must be an object"},
	    {"{\"gpu\":0}", "f:1: gpu: must be from 1 to 1000000"},
	    {"{\"gpu\":1000001}", "f:1: gpu: must be from 1 to 1000000"},
	    {"{\"gpu\":\"2\"}", "f:1: gpu: must be a whole number"},
	    {"{\"9\":1}", "f:1: 9: not the name of a resource"},
	    {"{\"_a\":1}", "f:1: _a: not the name of a resource"},
	    {"{\"a-b\":1}", "f:1: a-b: not the name of a resource"},
	    {"{\"memory\":0}", "f:1: memory: must be from 1"},
	    {"{\"memory\":\"x\"}", "f:1: memory: not a size"},
	    {"{\"cpus\":2}", "f:1: cpus: the cores are counted"},
	    {"{\"run\":2}", "f:1: run: tasks would get it as a STINT_ variable"},
	    {"{\"Task_ID\":2}", "f:1: Task_ID: tasks would get it as a STINT_ variable"},
	    {"{\"gpu\":1,\"GPU\":2}", "f:1: GPU: differs from \"gpu\" in case only"},
	    {"{\"Memory\":1,\"memory\":2}", "f:1: memory: differs from \"Memory\" in case"},
	    {"{\"gpu\":1,\n\"gpu\":2}", "f:2: column"},
	};
	struct text error = TEXT_INIT;

	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct piece piece = piece_of(rows[i][0]);
		struct resources resources = {0, NULL};

		text_clear(&error);
		ck_assert_msg(!resources_set(&resources, &piece, &error), "%s", rows[i][0]);
		text_terminate(&error);
		ck_assert_msg(strncmp(error.data, rows[i][1], strlen(rows[i][1])) == 0,
			      "%s\n  %s\nnot\n  %s", rows[i][0], error.data, rows[i][1]);
		resources_clear(&resources);
	}
	text_free(&error);
}
END_TEST

/* A program's name goes into JSON between quotes, and its length into a byte. */
START_TEST(a_program_is_cut_to_fit)
{
	struct text task = TEXT_INIT;
	struct task_text *text;
	struct job job;

	begin(&job, NULL, NULL);
	for (int c = 0; c < 3; c++) {
		text_clear(&task);
		text_string(&task, "{\"exec\":[\"");
		for (int i = 0; i < 300; i++) {
			text_string(&task, c == 0 ? "a" : c == 1 ? "\\\"" : "\xc3\xa4");
		}
		text_string(&task, "\"]}");
		text_terminate(&task);
		text = take(&job, task.data);
		ck_assert_uint_ge(task_program(text).len, 120);
		ck_assert(text_is_utf8(task_program(text).at, task_program(text).len));
	}
	text_free(&task);
	end(&job);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_plain_task_has_no_rules,
	    what_the_supervisor_heeds_is_not_part_of_the_spec,
	    the_hash_is_of_what_is_done,
	    a_key_of_the_task_wins_over_the_default,
	    a_matrix_makes_tasks_of_one_group,
	    a_matrix_may_be_a_default,
	    mistakes_in_a_matrix_are_named,
	    the_bad_combination_is_named,
	    a_matrix_has_a_largest,
	    only_what_there_is_can_be_used,
	    mistakes_in_resources_are_named,
	    a_program_is_cut_to_fit,
	};

	return unit_run("task_reader", tests, LENGTH(tests));
}
