/* SPDX-License-Identifier: ISC */
/* worker_program: see worker_program.h. In the supervisor. */
#include "supervisor/worker_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "stint-worker"

const char *
worker_program_find(const char *wanted)
{
	static char beside[4096];
	const char *env = getenv("STINT_WORKER");
	ssize_t len;
	char *slash;

	if (env != NULL && env[strspn(env, "0123456789")] == '\0') {
		env = NULL; /* the number of a worker, whose task we are */
	}
	if (wanted != NULL || env != NULL) {
		return wanted != NULL ? wanted : env;
	}
	len = readlink("/proc/self/exe", beside, sizeof(beside) - sizeof(NAME) - 1);
	if (len > 0) {
		beside[len] = '\0';
		slash = strrchr(beside, '/');
		memcpy(slash + 1, NAME, sizeof(NAME));
		if (access(beside, X_OK) == 0) {
			return beside;
		}
	}
	return STINT_LIBEXECDIR "/" NAME;
}
