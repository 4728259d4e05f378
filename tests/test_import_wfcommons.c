/* SPDX-License-Identifier: ISC */
/*
 * test_import_wfcommons: small workflows in each layout of WfFormat, and all that is wrong with
 * such files: what comes out as a job file, or what is said of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/import.h"
#include "tests/unit.h"

/* A workflow of 1.5 with these tasks and what is known of how they went. */
#define NEW(specified, executed)                                              \
	"{\"schemaVersion\": \"1.5\", \"name\": \"w\", \"workflow\": {"       \
	"\"specification\": {\"files\": [], \"tasks\": [" specified "]},\n"   \
	"\"execution\": {\"makespanInSeconds\": 1, \"tasks\": [" executed "]" \
	"}}}"

#define OLD(version, list, tasks)                                          \
	"{\"schemaVersion\": \"" version "\", \"name\": \"w\", \"wms\": {" \
	"\"name\": \"x\"}, \"workflow\": {\"makespan\": 1, \"" list "\": [\n" tasks "]}}"

#define A     "{\"id\": \"a\", \"name\": \"n\", \"parents\": [], \"children\": []}"
#define A_RAN "{\"id\": \"a\", \"runtimeInSeconds\": 1}"
#define HEAD  "{\"stint\":1,\"name\":\"w\",\"tasks\":["

/* One task, "a", of which this is known beside its id. */
#define RAN(more) NEW(A, "{\"id\": \"a\"" more "}")

static struct text out = TEXT_INIT;

/* What the source becomes, or what is wrong with it. */
static bool
convert(const char *json, enum import_as as, double scale)
{
	/* A copy of its own, so that a sanitizer sees who reads past it. */
	size_t len = strlen(json);
	char *bytes = memcpy(malloc(len + 1), json, len + 1);
	struct import_source source = {.file = "f", .bytes = {bytes, len}, .as = as};
	struct import_job job = {.count = 0};
	uint32_t task = 0;
	bool good;

	text_clear(&out);
	good = import_wfcommons.read(&source, &job, &out);
	if (good && !import_job_write(&job, as, scale, &out, &task)) {
		text_clear(&out);
		text_printf(&out, "task %u is too long", task);
		good = false;
	}
	import_job_clear(&job);
	free(bytes);
	return good;
}

static void
becomes(const char *json, enum import_as as, double scale, const char *expected)
{
	bool good = convert(json, as, scale);

	text_terminate(&out);
	ck_assert_msg(good, "%s\nis refused: %s", json, out.data);
	unit_assert_text(&out, expected);
}

static void
refused(const char *json, enum import_as as, const char *expected)
{
	bool good = convert(json, as, 1);

	text_terminate(&out);
	ck_assert_msg(!good && strcmp(out.data, expected) == 0, "%.400s\n%s: %.999s\nnot: %s", json,
		      good ? "becomes" : "is refused", out.data, expected);
}

/* What one task becomes, of which only this is known. */
static void
task_becomes(const char *json, enum import_as as, const char *expected)
{
	struct text all = TEXT_INIT;

	text_string(&all, HEAD "\n{\"id\":\"a\",\"name\":\"n\"");
	text_string(&all, expected);
	text_string(&all, "}\n]}\n");
	text_terminate(&all);
	becomes(json, as, 1, all.data);
	text_free(&all);
}

#define STEPS(cpu, wait) ",\"steps\":[{\"cpu\":{\"spin\":" #cpu "}},{\"sleep\":" #wait "}]"

START_TEST(both_layouts)
{
	becomes(NEW("{\"id\": \"a\", \"name\": \"first\", \"parents\": []},"
		    "{\"id\": \"b\", \"name\": \"second\", \"parents\": [\"a\"]}",
		    "{\"id\": \"b\", \"runtimeInSeconds\": 4, \"avgCPU\": 25.0},"
		    "{\"id\": \"a\", \"runtimeInSeconds\": 0.5, \"avgCPU\": 100}"),
		IMPORT_STEPS, 1,
		HEAD "\n{\"id\":\"a\",\"name\":\"first\"" STEPS(
		    0.5,
		    0) "},\n"
		       "{\"id\":\"b\",\"name\":\"second\",\"needs\":[\"a\"]" STEPS(1, 3) "}\n]}\n");
	becomes(OLD("1.4", "tasks",
		    "{\"id\": \"ID1\", \"name\": \"first_ID1\", \"type\": \"compute\","
		    " \"runtimeInSeconds\": 0.5, \"parents\": []},\n"
		    "{\"id\": \"ID2\", \"name\": \"x_ID2\", \"category\": \"second\","
		    " \"runtimeInSeconds\": 4, \"avgCPU\": 25, \"parents\": [\"first_ID1\"]}"),
		IMPORT_STEPS, 1,
		HEAD "\n{\"id\":\"ID1\",\"name\":\"first\"" STEPS(
		    0.5, 0) "},\n"
			    "{\"id\":\"ID2\",\"name\":\"second\",\"needs\":[\"ID1\"]" STEPS(
				1, 3) "}\n]}\n");
	becomes(OLD("1.0", "jobs",
		    "{\"name\": \"b_ID2\", \"runtime\": 4, \"avgCPU\": 25,"
		    " \"parents\": [\"a_ID1\"], \"arguments\": [\"x\"]},\n"
		    "{\"name\": \"a_ID1\", \"runtime\": 0.5}"),
		IMPORT_STEPS, 1,
		HEAD "\n{\"id\":\"b_ID2\",\"name\":\"b\",\"needs\":[\"a_ID1\"]" STEPS(
		    1, 3) "},\n"
			  "{\"id\":\"a_ID1\",\"name\":\"a\"" STEPS(0.5, 0) "}\n]}\n");
}
END_TEST

START_TEST(times)
{
	task_becomes(RAN(",\"runtimeInSeconds\": 2"), IMPORT_STEPS, STEPS(2, 0));
	task_becomes(RAN(",\"runtimeInSeconds\": 2, \"avgCPU\": 0"), IMPORT_STEPS, STEPS(0, 2));
	task_becomes(RAN(",\"runtimeInSeconds\": 2, \"avgCPU\": 12.5"), IMPORT_STEPS,
		     STEPS(0.25, 1.75));
	task_becomes(RAN(",\"runtimeInSeconds\": 0, \"avgCPU\": 0.0"), IMPORT_STEPS, STEPS(0, 0));
	task_becomes(RAN(",\"runtimeInSeconds\": 1e-6"), IMPORT_STEPS, STEPS(0.000001, 0));
	task_becomes(RAN(",\"runtimeInSeconds\": 100000"), IMPORT_STEPS, STEPS(100000, 0));
	becomes(RAN(",\"runtimeInSeconds\": 2, \"avgCPU\": 50"), IMPORT_STEPS, 0.1,
		HEAD "\n{\"id\":\"a\",\"name\":\"n\"" STEPS(0.1, 0.1) "}\n]}\n");
	ck_assert(!convert(RAN(",\"runtimeInSeconds\": 315360001"), IMPORT_STEPS, 1));
	ck_assert(convert(RAN(",\"runtimeInSeconds\": 315360001"), IMPORT_STEPS, 0.5));
	ck_assert(!convert(RAN(",\"runtimeInSeconds\": 1e300"), IMPORT_STEPS, 1));
}
END_TEST

START_TEST(cores)
{
	/* A spin computes on one core: as long as the task took. */
	task_becomes(RAN(",\"runtimeInSeconds\": 2, \"avgCPU\": 400"), IMPORT_STEPS,
		     ",\"cpus\":4" STEPS(2, 0));
	task_becomes(RAN(",\"runtimeInSeconds\": 2, \"avgCPU\": 385"), IMPORT_STEPS,
		     ",\"cpus\":4" STEPS(2, 0));
	task_becomes(RAN(",\"runtimeInSeconds\": 2, \"avgCPU\": 177.5"), IMPORT_STEPS, STEPS(2, 0));
	task_becomes(RAN(",\"runtimeInSeconds\": 2, \"avgCPU\": 180"), IMPORT_STEPS,
		     ",\"cpus\":2" STEPS(2, 0));
	/* Cores that it asked for and left idle are not held. */
	task_becomes(RAN(",\"runtimeInSeconds\": 2, \"avgCPU\": 50, \"coreCount\": 4"),
		     IMPORT_STEPS, STEPS(1, 1));
	task_becomes(RAN(",\"runtimeInSeconds\": 2, \"avgCPU\": 300, \"coreCount\": 1.0"),
		     IMPORT_STEPS, ",\"cpus\":3" STEPS(2, 0));
	task_becomes(RAN(",\"runtimeInSeconds\": 2, \"coreCount\": 2.5"), IMPORT_STEPS,
		     ",\"cpus\":3" STEPS(2, 0));
	task_becomes(RAN(",\"runtimeInSeconds\": 2, \"coreCount\": 0"), IMPORT_STEPS, STEPS(2, 0));
	task_becomes(RAN(",\"cores\": 3, \"command\": {\"program\": \"p\"}"), IMPORT_EXEC,
		     ",\"cpus\":3,\"exec\":[\"p\"]");
	task_becomes(RAN(",\"coreCount\": 2, \"avgCPU\": 50, \"command\": {\"program\": \"p\"}"),
		     IMPORT_EXEC, ",\"cpus\":2,\"exec\":[\"p\"]");
	task_becomes(RAN(",\"avgCPU\": 390, \"command\": {\"program\": \"p\"}"), IMPORT_EXEC,
		     ",\"cpus\":4,\"exec\":[\"p\"]");
}
END_TEST

START_TEST(memory)
{
	/* What there is is what all together take, so that nothing waits for it. */
	becomes(NEW("{\"id\": \"a\"},{\"id\": \"b\"},{\"id\": \"c\"}",
		    "{\"id\": \"a\", \"runtimeInSeconds\": 1, \"memoryInBytes\": 3000.5},"
		    "{\"id\": \"b\", \"runtimeInSeconds\": 1, \"memory\": 2},"
		    "{\"id\": \"c\", \"runtimeInSeconds\": 1, \"memoryInBytes\": 0}"),
		IMPORT_STEPS, 1,
		"{\"stint\":1,\"name\":\"w\",\"resources\":{\"memory\":5000},\"tasks\":[\n"
		"{\"id\":\"a\",\"name\":\"a\",\"memory\":3000" STEPS(
		    1, 0) "},\n"
			  "{\"id\":\"b\",\"name\":\"b\",\"memory\":2000" STEPS(
			      1, 0) "},\n"
				    "{\"id\":\"c\",\"name\":\"c\"" STEPS(1, 0) "}\n]}\n");
	/* A command would be killed for a byte more than it took then. */
	task_becomes(RAN(",\"memoryInBytes\": 9, \"command\": {\"program\": \"p\"}"), IMPORT_EXEC,
		     ",\"exec\":[\"p\"]");
}
END_TEST

#define COMMAND(command) RAN(",\"runtimeInSeconds\": 1, \"command\": {" command "}")

START_TEST(commands)
{
	task_becomes(COMMAND("\"program\": \"/bin/p\", \"arguments\": [ \"-x\",\n \"a b\", \"\" ]"),
		     IMPORT_EXEC, ",\"exec\":[\"/bin/p\",\"-x\",\"a b\",\"\"]");
	task_becomes(COMMAND("\"program\": \"caf\\u00e9\\\"\""), IMPORT_EXEC,
		     ",\"exec\":[\"caf\\u00e9\\\"\"]");
	/* A script, as Nextflow records it. */
	task_becomes(COMMAND("\"arguments\": [], \"program\": \"a \\\\\\n  b > c\""), IMPORT_EXEC,
		     ",\"shell\":\"a \\\\\\n  b > c\"");
	task_becomes(COMMAND("\"program\": \"java -jar x\", \"arguments\": [\"it's\", \"y\"]"),
		     IMPORT_EXEC, ",\"shell\":\"java -jar x 'it'\\\\''s' y\"");
	/* Replayed by its times, it may be anything that has the right type. */
	task_becomes(COMMAND("\"arguments\": [\"\\u0000\"]"), IMPORT_STEPS, STEPS(1, 0));

	refused(RAN(""), IMPORT_EXEC,
		"f:2: workflow.execution.tasks[0].command: missing; without --as exec the task is "
		"replayed by its times");
	refused(COMMAND("\"program\": \"\""), IMPORT_EXEC,
		"f:2: workflow.execution.tasks[0].command: names no program; without --as exec the "
		"task is replayed by its times");
	refused(COMMAND("\"program\": \"a\\u0000\""), IMPORT_EXEC,
		"f:2: workflow.execution.tasks[0].command: its program must be a string without "
		"\\u0000");
	refused(COMMAND("\"program\": \"a\", \"arguments\": [\"b\", \"\\u0000\"]"), IMPORT_EXEC,
		"f:2: workflow.execution.tasks[0].command: its arguments[1] must be a string "
		"without \\u0000");
	refused(COMMAND("\"program\": \"a\", \"arguments\": [1]"), IMPORT_STEPS,
		"f:2: workflow.execution.tasks[0].command: its arguments[0] must be a string "
		"without \\u0000");
	refused(COMMAND("\"program\": \"a\", \"arguments\": \"b\""), IMPORT_STEPS,
		"f:2: workflow.execution.tasks[0].command: its arguments must be an array of "
		"strings");
	refused(RAN(",\"runtimeInSeconds\": 1, \"command\": \"x\""), IMPORT_STEPS,
		"f:2: workflow.execution.tasks[0].command: must be an object: {\"program\", "
		"\"arguments\"}");
}
END_TEST

/* The kind of a task of this id, name and program. */
static void
is_called(const char *id, const char *name, const char *program, const char *expected)
{
	struct text json = TEXT_INIT, task = TEXT_INIT;

	text_printf(&json,
		    "{\"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": {\"tasks\": "
		    "[{\"id\": \"%s\", \"name\": \"%s\"}]}, \"execution\": {\"tasks\": [{\"id\": "
		    "\"%s\", \"runtimeInSeconds\": 1, \"command\": {\"program\": \"%s\"}}]}}}",
		    id, name, id, program);
	text_terminate(&json);
	text_printf(&task, "{\"stint\":1,\"tasks\":[\n{\"id\":\"%s\",\"name\":\"%s\"%s}\n]}\n", id,
		    expected, STEPS(1, 0));
	text_terminate(&task);
	becomes(json.data, IMPORT_STEPS, 1, task.data);
	text_free(&json);
	text_free(&task);
}

START_TEST(kinds)
{
	is_called("split_ID0000012", "split_ID0000012", "bin/split", "bin/split");
	is_called("split_ID0000012", "split_ID0000012", "", "split");
	is_called("split_ID0000012", "split_ID0000012", "split the\\nfile", "split");
	is_called("split_12", "split_12", "", "split");
	is_called("ID0000012", "split_ID0000012", "", "split");
	is_called("b77", "split_b77", "x", "split");
	is_called("FASTQC_3", "FASTQC", "fastqc --quiet", "FASTQC");
	is_called("7", "step_1", "x", "step_1");
	is_called("12", "12", "", "12");
	is_called("_12", "_12", "", "_12");
}
END_TEST

START_TEST(needs)
{
	/* Said from either end, or from both, and more than once: one need. */
	becomes(NEW("{\"id\": \"a\", \"children\": [\"b\", \"c\"]},"
		    "{\"id\": \"b\", \"parents\": [\"a\", \"a\"]},"
		    "{\"id\": \"c\", \"parents\": [\"b\", \"\\u0061\"]}",
		    "{\"id\": \"a\", \"runtimeInSeconds\": 1},"
		    "{\"id\": \"b\", \"runtimeInSeconds\": 1},"
		    "{\"id\": \"c\", \"runtimeInSeconds\": 1}"),
		IMPORT_STEPS, 1,
		HEAD "\n{\"id\":\"a\",\"name\":\"a\"" STEPS(
		    1, 0) "},\n"
			  "{\"id\":\"b\",\"name\":\"b\",\"needs\":[\"a\"]" STEPS(
			      1, 0) "},\n"
				    "{\"id\":\"c\",\"name\":\"c\",\"needs\":[\"a\",\"b\"]" STEPS(
					1, 0) "}\n]}\n");
}
END_TEST

START_TEST(bound)
{
	static const char *const json =
	    NEW("{\"id\": \"a\"},{\"id\": \"b\", \"parents\": [\"a\"]},{\"id\": \"c\"}",
		"{\"id\": \"a\", \"runtimeInSeconds\": 1},"
		"{\"id\": \"b\", \"runtimeInSeconds\": 4, \"avgCPU\": 50},"
		"{\"id\": \"c\", \"runtimeInSeconds\": 7}");
	struct import_source source = {.file = "f", .bytes = span_of(json)};
	struct import_job job = {.count = 0};

	ck_assert(import_wfcommons.read(&source, &job, &out));
	ck_assert_double_eq_tol(import_job_bound(&job, 1), 10, 1e-9);
	ck_assert_double_eq_tol(import_job_bound(&job, 2), 7, 1e-9);
	import_job_clear(&job);
}
END_TEST

static const struct {
	const char *json;
	const char *expected;
} wrong[] = {
    {"", "f:1: not WfFormat: empty"},
    {" \n", "f:1: not WfFormat: empty"},
    {"[]", "f:1: not WfFormat: must be an object"},
    {"{}", "f:1: not WfFormat: \"schemaVersion\" is missing"},
    {"{\"stint\": 1, \"tasks\": []}", "f:1: not WfFormat: \"schemaVersion\" is missing"},
    {"{\"schemaVersion\": \"1.5\"}", "f:1: not WfFormat: \"workflow\" is missing"},
    {"{\"schemaVersion\": \"1.5\",\n\"workflow\": []}", "f:2: workflow: must be an object"},
    {"{\"schemaVersion\": \"1.5\", \"workflow\": {}}",
     "f:1: workflow: has none of \"specification\", \"tasks\" and \"jobs\""},
    {"{\"schemaVersion\": 1.5, \"workflow\": {}}",
     "f:1: schemaVersion: must be a string, as \"1.5\""},
    {"{\"schemaVersion\": \"2.0\", \"workflow\": {}}",
     "f:1: schemaVersion: \"2.0\" is not known; 1.0 to 1.5 are"},
    {"{\"schemaVersion\": \"1.5\", \"name\": 3, \"workflow\": {}}",
     "f:1: name: must be a string without \\u0000"},
    {"{\"schemaVersion\": \"1.5\", \"workflow\": {},\n\"workflow\": {}}",
     "f:2: has \"workflow\" twice"},
    {"{\"schemaVersion\": \"1.5\", \"workflow\": {}} x",
     "f:1: column 42: not valid JSON: end of file expected near 'x'"},
    {"{\"schemaVersion\": \"1.5\", \"workflow\": {\"tasks\": [",
     "f:1: column 48: not valid JSON: ']' expected near end of file"},
    {"{\"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": {}}}",
     "f:1: workflow.specification: has no \"tasks\""},
    {"{\"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": {\"tasks\": {}}}}",
     "f:1: workflow.specification.tasks: must be an array of tasks"},
    {"{\"schemaVersion\": \"1.5\", \"workflow\": {\"specification\": {\"tasks\": [" A "]}}}",
     "f:1: workflow.execution: missing; how long the tasks took is not known"},
    {NEW("", ""), "f:1: workflow.specification.tasks: has no tasks"},
    {OLD("1.4", "tasks", ""), "f:1: workflow.tasks: has no tasks"},
    {NEW("7", ""), "f:1: workflow.specification.tasks[0]: must be an object"},
    {NEW("{}", ""), "f:1: workflow.specification.tasks[0].id: missing; every task has one"},
    {NEW("{\"id\": 1}", ""), "f:1: workflow.specification.tasks[0].id: must be a string"},
    {NEW("{\"id\": \"\"}", ""),
     "f:1: workflow.specification.tasks[0].id: must have 1 to 1024 bytes"},
    {NEW("{\"id\": \"a\\u0000\"}", ""),
     "f:1: workflow.specification.tasks[0].id: must not have control characters"},
    {NEW("{\"id\": \"a\", \"id\": \"a\"}", ""),
     "f:1: workflow.specification.tasks[0]: has \"id\" twice"},
    {NEW(A ",\n" A, ""), "f:2: workflow.specification.tasks[1].id: \"a\" is that of "
			 "workflow.specification.tasks[0], too; must be unique"},
    {OLD("1.2", "jobs", "{\"name\": \"a\", \"runtime\": 1},\n{\"name\": \"a\", \"runtime\": 1}"),
     "f:3: workflow.jobs[1].name: \"a\" is that of workflow.jobs[0], too; must be unique"},
    {NEW(A, ""), "f:1: workflow.specification.tasks[0]: its id is not in "
		 "workflow.execution.tasks; how long it took is not known"},
    {NEW(A, A_RAN ", " A_RAN),
     "f:2: workflow.execution.tasks[1].id: \"a\" is here for the second time"},
    {NEW(A, "{\"id\": \"b\"}"), "f:2: workflow.execution.tasks[0].id: \"b\" is of no task in "
				"workflow.specification.tasks"},
    {NEW(A, "{\"name\": \"a\"}"),
     "f:2: workflow.execution.tasks[0].id: missing; every task has one"},
    {RAN(""), "f:2: workflow.execution.tasks[0].runtimeInSeconds: missing; how long the task "
	      "took is not known"},
    {RAN(",\"runtimeInSeconds\": \"1\""),
     "f:2: workflow.execution.tasks[0].runtimeInSeconds: must be a number"},
    {RAN(",\"runtimeInSeconds\": null"),
     "f:2: workflow.execution.tasks[0].runtimeInSeconds: must be a number"},
    {RAN(",\"runtimeInSeconds\": -0.5"),
     "f:2: workflow.execution.tasks[0].runtimeInSeconds: -0.5: must not be below 0"},
    {RAN(",\"runtimeInSeconds\": 1e999"),
     "f:2: workflow.execution.tasks[0].runtimeInSeconds: 1e999: too large"},
    {RAN(",\"runtimeInSeconds\": 1, \"avgCPU\": -1"),
     "f:2: workflow.execution.tasks[0].avgCPU: -1: must not be below 0"},
    {RAN(",\"runtimeInSeconds\": 1, \"avgCPU\": 500000"),
     "f:2: workflow.execution.tasks[0].avgCPU: more than 4096 cores"},
    {RAN(",\"runtimeInSeconds\": 1, \"coreCount\": 4097"),
     "f:2: workflow.execution.tasks[0].coreCount: more than 4096 cores"},
    {RAN(",\"runtimeInSeconds\": 1, \"coreCount\": []"),
     "f:2: workflow.execution.tasks[0].coreCount: must be a number"},
    {RAN(",\"runtimeInSeconds\": 1, \"memoryInBytes\": 1e16"),
     "f:2: workflow.execution.tasks[0].memoryInBytes: more than 8192 TiB"},
    {NEW("{\"id\": \"alpha\", \"parents\": [\"alpah\"]}",
	 "{\"id\": \"alpha\", \"runtimeInSeconds\": 1}"),
     "f:1: workflow.specification.tasks[0].parents[0]: no task \"alpah\", did you mean "
     "\"alpha\"?"},
    {OLD("1.4", "tasks", "{\"id\": \"a\", \"runtimeInSeconds\": 1, \"children\": [\"xyz\"]}"),
     "f:2: workflow.tasks[0].children[0]: no task \"xyz\""},
    {OLD("1.4", "tasks", "{\"id\": \"a\", \"runtimeInSeconds\": 1, \"parents\": [3]}"),
     "f:2: workflow.tasks[0].parents[0]: must be a string, the id of a task"},
    {OLD("1.4", "tasks", "{\"id\": \"a\", \"runtimeInSeconds\": 1, \"parents\": \"b\"}"),
     "f:2: workflow.tasks[0].parents: must be an array of ids"},
    {OLD("1.4", "tasks",
	 "{\"id\": \"1\", \"name\": \"x\", \"runtimeInSeconds\": 1},\n"
	 "{\"id\": \"2\", \"name\": \"x\", \"runtimeInSeconds\": 1},\n"
	 "{\"id\": \"3\", \"name\": \"y\", \"runtimeInSeconds\": 1, \"parents\": [\"x\"]}"),
     "f:4: workflow.tasks[2].parents[0]: no id of a task, and the name of several: it is not "
     "known which one is meant"},
    {OLD("1.3", "tasks", "{\"id\": \"a\", \"runtime\": 1, \"parents\": [\"a\"]}"),
     "f:2: workflow.tasks[0]: circular, each needs the next: a -> a"},
    {OLD("1.3", "tasks",
	 "{\"id\": \"z\", \"runtime\": 1},\n"
	 "{\"id\": \"a\", \"runtime\": 1, \"parents\": [\"z\", \"b\"]},\n"
	 "{\"id\": \"b\", \"runtime\": 1, \"parents\": [\"a\"]}"),
     "f:3: workflow.tasks[1]: circular, each needs the next: a -> b -> a"},
};

START_TEST(refusals)
{
	for (size_t i = 0; i < LENGTH(wrong); i++) {
		refused(wrong[i].json, IMPORT_STEPS, wrong[i].expected);
	}
}
END_TEST

/* However a file is cut off, it is refused, and nothing reads past its end. */
START_TEST(cut_off)
{
	static const char whole[] = NEW(
	    A, "{\"id\": \"a\", \"runtimeInSeconds\": 1, \"command\": {\"program\": \"\\u0070\"}}");
	char part[sizeof(whole)];

	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		memcpy(part, whole, len);
		part[len] = '\0';
		ck_assert_msg(!convert(part, IMPORT_STEPS, 1), "%s", part);
	}
	ck_assert(convert(whole, IMPORT_STEPS, 1));
}
END_TEST

START_TEST(deep)
{
	static char json[100000];
	int len = snprintf(json, sizeof(json), "{\"schemaVersion\": \"1.5\", \"workflow\": ");

	memset(json + len, '[', sizeof(json) - 1 - (size_t)len);
	refused(json, IMPORT_STEPS,
		"f:1: column 2085: not valid JSON: maximum parsing depth reached near '['");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {both_layouts, times, cores, memory,  commands, kinds,
				      needs,        bound, deep,  cut_off, refusals};
	int status = unit_run("import_wfcommons", tests, LENGTH(tests));

	text_free(&out);
	return status;
}
