/* SPDX-License-Identifier: ISC */
/* test_environment: the variables that a command gets. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit.h"
#include "worker/environment.h"

static char *inherited[] = {
    "PATH=/bin", "STINT_TASK_ID=outer", "STINT_OTHER=x", "STINT_SOCKET=/s", "EMPTY=", "AB=2", "A=1",
    NULL};

static struct environment *
new_environment(void)
{
	environ = inherited;
	return environment_new("the job", 3);
}

static char **
variables_of(struct environment *environment, const char *id, unsigned attempt,
	     char *const *changes)
{
	const struct task_variables task = {
	    .id = id, .attempt = attempt, .place = 5, .changes = changes};

	return environment_for(environment, &task);
}

/* How many entries there are for a name. */
static int
count(char *const *variables, const char *name)
{
	size_t len = strlen(name);
	int found = 0;

	for (; *variables != NULL; variables++) {
		found += strncmp(*variables, name, len) == 0 && (*variables)[len] == '=';
	}
	return found;
}

static void
assert_value(char *const *variables, const char *name, const char *value)
{
	const char *got = environment_get(variables, name);

	if (value == NULL) {
		ck_assert_msg(got == NULL, "%s=%s", name, got);
		return;
	}
	ck_assert_msg(got != NULL, "%s is not set", name);
	ck_assert_str_eq(got, value);
	ck_assert_int_eq(count(variables, name), 1);
}

START_TEST(a_task_sees_where_it_is)
{
	struct environment *environment = new_environment();
	char **variables = variables_of(environment, "a=b c", 7, NULL);

	assert_value(variables, "STINT_JOB", "the job");
	assert_value(variables, "STINT_WORKER", "3");
	assert_value(variables, "STINT_TASK_ID", "a=b c");
	assert_value(variables, "STINT_ATTEMPT", "7");
	assert_value(variables, "STINT_SLOT", "5");
	assert_value(variables, "OMP_NUM_THREADS", "1");
	assert_value(variables, "PATH", "/bin");
	assert_value(variables, "EMPTY", "");
	assert_value(variables, "STINT_OTHER", NULL); /* of an outer run */
	assert_value(variables, "STINT_SOCKET", "/s");
	assert_value(variables, "NOT", NULL);
	environment_for_free(variables);
	environment_for_free(NULL);
	environment_free(environment);
	environment_free(NULL);
}
END_TEST

START_TEST(omp_num_threads_is_kept_if_it_is_set)
{
	static char *set[] = {"OMP_NUM_THREADS=8", NULL};
	struct environment *environment;
	char **variables;

	environ = set;
	environment = environment_new("j", 0);
	variables = variables_of(environment, "1", 1, NULL);
	assert_value(variables, "OMP_NUM_THREADS", "8");
	environment_for_free(variables);
	environment_free(environment);
}
END_TEST

START_TEST(changes_set_replace_and_remove)
{
	char *changes[] = {"A=one",
			   "B=two",
			   "EMPTY",
			   "NOT_THERE",
			   "PATH=",
			   "B=three",
			   "STINT_TASK_ID=mine",
			   "STINT_ATTEMPT",
			   "OMP_NUM_THREADS",
			   "C=x=y",
			   NULL};
	struct environment *environment = new_environment();
	char **variables = variables_of(environment, "1", 1, changes);

	assert_value(variables, "A", "one");
	assert_value(variables, "AB", "2");
	assert_value(variables, "B", "three");
	assert_value(variables, "EMPTY", NULL);
	assert_value(variables, "NOT_THERE", NULL);
	assert_value(variables, "PATH", "");
	assert_value(variables, "STINT_TASK_ID", "mine");
	assert_value(variables, "STINT_ATTEMPT", NULL);
	assert_value(variables, "OMP_NUM_THREADS", NULL);
	assert_value(variables, "C", "x=y");
	environment_for_free(variables);
	variables = variables_of(environment, "2", 1, NULL); /* the next has none of it */
	assert_value(variables, "A", "1");
	assert_value(variables, "B", NULL);
	assert_value(variables, "STINT_TASK_ID", "2");
	environment_for_free(variables);
	environment_free(environment);
}
END_TEST

START_TEST(many_changes_fit)
{
	static char names[1000][16];
	char *changes[1001] = {NULL};
	struct environment *environment = new_environment();
	struct text name = TEXT_INIT;
	char **variables;

	for (int i = 0; i < 1000; i++) {
		text_printf(&name, "V%d=%d", i, i);
		text_terminate(&name);
		memcpy(names[i], name.data, name.len + 1);
		changes[i] = names[i];
		text_clear(&name);
	}
	variables = variables_of(environment, "1", 1, changes);
	assert_value(variables, "V0", "0");
	assert_value(variables, "V999", "999");
	assert_value(variables, "AB", "2");
	environment_for_free(variables);
	environment_free(environment);
	text_free(&name);
}
END_TEST

START_TEST(cpus_grants_and_the_mark)
{
	char *grants[] = {"STINT_GPU=0,1", "STINT_NET=3", "STINT_RUN=granted", NULL};
	char *changes[] = {"STINT_RUN", "STINT_RUN=mine", "STINT_NET=own", "STINT_RUNS=7", NULL};
	struct environment *environment = new_environment();
	struct task_variables task = {.id = "1",
				      .mark = "a:1.7",
				      .attempt = 1,
				      .cpus = 4,
				      .grants = grants,
				      .changes = changes};
	char **variables = environment_for(environment, &task);

	assert_value(variables, "OMP_NUM_THREADS", "4");
	assert_value(variables, "STINT_GPU", "0,1");
	assert_value(variables, "STINT_NET", "own");
	assert_value(variables, "STINT_RUNS", "7");
	assert_value(variables, "STINT_RUN", "a:1.7"); /* nobody escapes by it */
	environment_for_free(variables);
	environment_free(environment);
}
END_TEST

START_TEST(cpus_leave_omp_num_threads_alone_if_somebody_set_it)
{
	static char *set[] = {"OMP_NUM_THREADS=8", NULL}, *changes[] = {"OMP_NUM_THREADS=2", NULL};
	struct task_variables task = {.id = "1", .attempt = 1, .cpus = 4};
	struct environment *environment;
	char **variables;

	environ = set;
	environment = environment_new("j", 0);
	variables = environment_for(environment, &task);
	assert_value(variables, "OMP_NUM_THREADS", "8");
	environment_for_free(variables);
	environment_free(environment);
	environment = new_environment();
	task.changes = changes;
	variables = environment_for(environment, &task);
	assert_value(variables, "OMP_NUM_THREADS", "2");
	environment_for_free(variables);
	environment_free(environment);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_task_sees_where_it_is,        omp_num_threads_is_kept_if_it_is_set,
	    changes_set_replace_and_remove, many_changes_fit,
	    cpus_grants_and_the_mark,       cpus_leave_omp_num_threads_alone_if_somebody_set_it};

	return unit_run("environment", tests, LENGTH(tests));
}
