/* SPDX-License-Identifier: ISC */
/* daemon_folder: see daemon_folder.h. Linked into every unit test. */
#include "tests/daemon_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/daemon_config.h"
#include "supervisor/daemon_paths.h"
#include "tests/unit.h"

char daemon_folder[64];

const char *
daemon_in(const char *name)
{
	static char paths[4][256];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", daemon_folder, name);
	return path;
}

void
daemon_begin(void)
{
	snprintf(daemon_folder, sizeof(daemon_folder), "/tmp/stintd-paths.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(daemon_folder));
	unsetenv("XDG_RUNTIME_DIR");
	unsetenv("RUNTIME_DIRECTORY");
	unsetenv("STATE_DIRECTORY");
	unsetenv("CONFIGURATION_DIRECTORY");
	setenv("XDG_STATE_HOME", daemon_in("state"), 1);
	setenv("XDG_CONFIG_HOME", daemon_in("config"), 1);
	setenv("XDG_RUNTIME_DIR", daemon_in("run"), 1);
}

void
daemon_end(const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ck_assert_msg(remove(daemon_in(names[i])) == 0, "%s: %s", names[i],
			      strerror(errno));
	}
	ck_assert_int_eq(rmdir(daemon_folder), 0);
}

void
daemon_make_file(const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert(fds_write_all(fd, "kept\n", 5));
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

bool
daemon_says(struct text *error, const char *what)
{
	bool found;

	text_terminate(error);
	found = strstr(error->data, what) != NULL;
	if (!found) {
		fprintf(stderr, "no \"%s\" in: %s\n", what, error->data);
	}
	text_clear(error);
	return found;
}

struct daemon_config *
daemon_resolved(bool service)
{
	struct text error = TEXT_INIT;
	struct daemon_config *config = daemon_config_read(NULL, &error);

	ck_assert_ptr_nonnull(config);
	ck_assert_msg(daemon_paths_resolve(config, service, &error), "%s", error.data);
	text_free(&error);
	return config;
}
