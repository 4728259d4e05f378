/* SPDX-License-Identifier: ISC */
/* environment: see environment.h. In stint-worker, the loop thread. */
#include "worker/environment.h"

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OWN "STINT_" /* ours; what was inherited is dropped */

struct environment {
	char **shared; /* owned, the strings of `environ` aside */
	size_t count;
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
set_number(const char *name, unsigned value)
{
	char digits[16];

	snprintf(digits, sizeof(digits), "%u", value);
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
		if (strncmp(environ[i], OWN, sizeof(OWN) - 1) != 0) {
			environment->shared[environment->count++] = environ[i];
		}
	}
	environment->made[0] = set_string("STINT_JOB", job);
	environment->made[1] = set_number("STINT_WORKER", worker);
	environment->made[2] = set_number("OMP_NUM_THREADS", 1);
	for (int i = 0; i < 3; i++) {
		if (i < 2 || getenv("OMP_NUM_THREADS") == NULL) {
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

/* Sets or removes one variable; there is room for one more. */
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

char **
environment_for(const struct environment *environment, const char *id, unsigned attempt,
		char *const *changes)
{
	size_t count = environment->count + 2, more = 0;
	char **variables;

	while (changes != NULL && changes[more] != NULL) {
		more++;
	}
	variables = calloc(count + more + 4, sizeof(*variables));
	if (variables == NULL) {
		err(3, "environment");
	}
	variables[0] = set_string("STINT_TASK_ID", id);
	variables[1] = set_number("STINT_ATTEMPT", attempt);
	/* Once more in front, out of the reach of changes, to be freed by. */
	memmove(variables + 2, variables, 2 * sizeof(*variables));
	memcpy(variables + 4, environment->shared, environment->count * sizeof(*variables));
	for (size_t i = 0; i < more; i++) {
		change(variables + 2, changes[i]);
	}
	return variables + 2;
}

void
environment_for_free(char **variables)
{
	if (variables != NULL) {
		free(variables[-2]);
		free(variables[-1]);
		free(variables - 2);
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
