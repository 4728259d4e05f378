/* SPDX-License-Identifier: ISC */
/* environment: see environment.h. In stint-worker, the loop thread. */
#include "worker/environment.h"

#include <err.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OWN     "STINT_"        /* ours; what was inherited is dropped */
#define SOCKET  "STINT_SOCKET=" /* but where stintd is, which tasks may submit jobs to */
#define MARK    "STINT_RUN"
#define THREADS "OMP_NUM_THREADS"
#define MADE    5 /* strings made for one command */

struct environment {
	char **shared; /* owned, the strings of `environ` aside */
	size_t count;
	bool own_threads; /* OMP_NUM_THREADS is ours to set */
	char *made[3];
};

static char *
set_string(const char *name, const char *value)
{
	char *made;

	if (asprintf(&made, "%s=%s", name, value) < 0) {
		err(3, "environment");
	}
	return made;
}

static char *
set_number(const char *name, uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, value);
	return set_string(name, digits);
}

struct environment *
environment_new(const char *job, unsigned worker)
{
	struct environment *environment = calloc(1, sizeof(*environment));
	size_t count = 0;

	while (environ[count] != NULL) {
		count++;
	}
	if (environment == NULL ||
	    (environment->shared = calloc(count + 4, sizeof(char *))) == NULL) {
		err(3, "environment");
	}
	for (size_t i = 0; i < count; i++) {
		if (strncmp(environ[i], OWN, sizeof(OWN) - 1) != 0 ||
		    strncmp(environ[i], SOCKET, sizeof(SOCKET) - 1) == 0) {
			environment->shared[environment->count++] = environ[i];
		}
	}
	environment->made[0] = set_string("STINT_JOB", job);
	environment->made[1] = set_number("STINT_WORKER", worker);
	environment->made[2] = set_number(THREADS, 1);
	environment->own_threads = getenv(THREADS) == NULL;
	for (int i = 0; i < 3; i++) {
		if (i < 2 || environment->own_threads) {
			environment->shared[environment->count++] = environment->made[i];
		}
	}
	return environment;
}

void
environment_free(struct environment *environment)
{
	if (environment != NULL) {
		for (int i = 0; i < 3; i++) {
			free(environment->made[i]);
		}
		free(environment->shared);
		free(environment);
	}
}

/* Bytes of the name in "NAME=value" or "NAME". */
static size_t
name_length(const char *variable)
{
	return strcspn(variable, "=");
}

static char **
find(char **variables, const char *variable)
{
	size_t len = name_length(variable);

	while (*variables != NULL &&
	       (strncmp(*variables, variable, len) != 0 || (*variables)[len] != '=')) {
		variables++;
	}
	return variables;
}

/* Sets or removes one variable; there is room for it. */
static void
change(char **variables, char *variable)
{
	char **place = find(variables, variable);
	bool is_there = *place != NULL;

	if (variable[name_length(variable)] == '=') {
		*place = variable; /* calloc'd: behind it stands a NULL, also where it is new */
	} else if (is_there) {
		for (; *place != NULL; place++) {
			place[0] = place[1];
		}
	}
}

static size_t
count_strings(char *const *strings)
{
	size_t count = 0;

	while (strings != NULL && strings[count] != NULL) {
		count++;
	}
	return count;
}

static void
change_all(char **variables, char *const *changes)
{
	for (size_t i = 0; i < count_strings(changes); i++) {
		if (strcmp(changes[i], MARK) != 0 &&
		    strncmp(changes[i], MARK "=", sizeof(MARK)) != 0) {
			change(variables, changes[i]);
		}
	}
}

char **
environment_for(const struct environment *environment, const struct task_variables *task)
{
	size_t room = environment->count + 2 * MADE + 1;
	char **made, **variables, **next;

	room += count_strings(task->grants) + count_strings(task->changes);
	made = calloc(room, sizeof(*made));
	if (made == NULL) {
		err(3, "environment");
	}
	made[0] = set_string("STINT_TASK_ID", task->id);
	made[1] = set_number("STINT_ATTEMPT", task->attempt);
	made[2] = task->mark == NULL ? NULL : set_string(MARK, task->mark);
	made[3] = set_number("STINT_SLOT", task->place);
	made[4] =
	    task->cpus > 1 && environment->own_threads ? set_number(THREADS, task->cpus) : NULL;
	/* Once more behind that, where the changes reach them; the first are to be freed by. */
	next = variables = made + MADE;
	for (int i = 0; i < 4; i++) {
		if (made[i] != NULL) {
			*next++ = made[i];
		}
	}
	memcpy(next, environment->shared, environment->count * sizeof(*variables));
	if (made[4] != NULL) {
		change(variables, made[4]);
	}
	change_all(variables, task->grants);
	change_all(variables, task->changes);
	return variables;
}

void
environment_for_free(char **variables)
{
	if (variables != NULL) {
		for (char **made = variables - MADE; made < variables; made++) {
			free(*made);
		}
		free(variables - MADE);
	}
}

const char *
environment_get(char *const *variables, const char *name)
{
	size_t len = strlen(name);

	for (; *variables != NULL; variables++) {
		if (strncmp(*variables, name, len) == 0 && (*variables)[len] == '=') {
			return *variables + len + 1;
		}
	}
	return NULL;
}
