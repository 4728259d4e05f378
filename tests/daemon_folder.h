/* SPDX-License-Identifier: ISC */
/* daemon_folder: the folder in which a test of stintd's files has them, and nothing else. */
#ifndef TESTS_DAEMON_FOLDER_H
#define TESTS_DAEMON_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "ipc/text.h"

struct daemon_config;

extern char daemon_folder[64];

void daemon_begin(void); /* a new one; XDG_..._HOME and XDG_RUNTIME_DIR lead there */
/* A path in it; valid until the fourth call after this one. */
const char *daemon_in(const char *name);
/* Removes these, in that order; fails if something is left that the test does not know of. */
void daemon_end(const char *const *names, size_t count);

#define DAEMON_END(...)                                            \
	do {                                                       \
		const char *const names[] = {__VA_ARGS__};         \
		daemon_end(names, sizeof(names) / sizeof(*names)); \
	} while (0)

void daemon_make_file(const char *path, mode_t); /* with "kept\n" in it */
/* The error has this; it is empty afterwards. */
bool daemon_says(struct text *error, const char *what);
/* What nobody has set, with its paths. */
struct daemon_config *daemon_resolved(bool service);

#endif
