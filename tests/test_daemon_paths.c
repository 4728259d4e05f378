/* SPDX-License-Identifier: ISC */
/* test_daemon_paths: where stintd has its files, and what it refuses to find there. */
#include <bsd/string.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/daemon_config.h"
#include "supervisor/daemon_paths.h"
#include "tests/daemon_folder.h"
#include "tests/unit.h"

START_TEST(paths_are_those_of_the_user)
{
	char path[DAEMON_PATH_MOST];
	struct text error = TEXT_INIT;
	struct daemon_config *config;

	daemon_begin();
	config = daemon_resolved(true);
	ck_assert_str_eq(config->state_directory, daemon_in("state/stint/queue"));
	ck_assert_str_eq(config->runtime_directory, daemon_in("run/stint"));
	ck_assert_str_eq(config->socket, daemon_in("run/stint/stintd.sock"));
	ck_assert_str_eq(config->pidfile, daemon_in("run/stint/stintd.pid"));
	ck_assert(daemon_paths_config(path, true, &error));
	ck_assert_str_eq(path, daemon_in("config/stint/stintd.json"));
	daemon_config_free(config);
	ck_assert_int_eq(rmdir(daemon_folder), 0);
}
END_TEST

START_TEST(without_a_runtime_directory_it_is_beside_the_state)
{
	struct daemon_config *config;
	char usual[64];

	daemon_begin();
	unsetenv("XDG_RUNTIME_DIR");
	config = daemon_resolved(true);
	snprintf(usual, sizeof(usual), "/run/user/%u", (unsigned)geteuid());
	if (access(usual, F_OK) != 0) {
		ck_assert_str_eq(config->runtime_directory, daemon_in("state/stint/run"));
	} else {
		strlcat(usual, "/stint", sizeof(usual));
		ck_assert_str_eq(config->runtime_directory, usual);
	}
	daemon_config_free(config);
	setenv("XDG_STATE_HOME", "not/absolute", 1);
	setenv("HOME", daemon_folder, 1);
	config = daemon_resolved(true);
	ck_assert_str_eq(config->state_directory, daemon_in(".local/state/stint/queue"));
	daemon_config_free(config);
	ck_assert_int_eq(rmdir(daemon_folder), 0);
}
END_TEST

START_TEST(a_service_is_given_its_paths_a_client_is_not)
{
	char path[DAEMON_PATH_MOST];
	struct text error = TEXT_INIT;
	struct daemon_config *config;

	daemon_begin();
	setenv("STATE_DIRECTORY", "/var/lib/stint:/var/lib/other", 1);
	setenv("RUNTIME_DIRECTORY", "/run/stint", 1);
	setenv("CONFIGURATION_DIRECTORY", "/etc/stint", 1);
	daemon_paths_take();
	ck_assert_ptr_null(getenv("STATE_DIRECTORY")); /* and is so after it was taken */
	config = daemon_resolved(true);
	ck_assert_str_eq(config->state_directory, "/var/lib/stint");
	ck_assert_str_eq(config->socket, "/run/stint/stintd.sock");
	ck_assert(daemon_paths_config(path, true, &error));
	ck_assert_str_eq(path, "/etc/stint/stintd.json");
	daemon_config_free(config);
	config = daemon_resolved(false);
	ck_assert_str_eq(config->socket, daemon_in("run/stint/stintd.sock"));
	daemon_config_free(config);
	ck_assert_int_eq(rmdir(daemon_folder), 0);
}
END_TEST

START_TEST(a_socket_path_that_is_too_long_is_refused)
{
	struct text error = TEXT_INIT;
	struct daemon_config *config = daemon_config_read(NULL, &error);
	char path[256];

	memset(path, 'x', 120);
	path[0] = '/';
	path[120] = '\0';
	setenv("XDG_RUNTIME_DIR", path, 1);
	ck_assert(!daemon_paths_resolve(config, true, &error));
	ck_assert(daemon_says(&error, "set \"socket\" to a shorter path"));
	daemon_config_free(config);
	text_free(&error);
}
END_TEST

START_TEST(directories_are_made_private_whatever_the_umask)
{
	struct text error = TEXT_INIT;
	struct stat info;

	daemon_begin();
	umask(0777);
	ck_assert(daemon_paths_make(daemon_in("a/b"), DIRECTORY_CLOSED, &error));
	umask(0);
	ck_assert(daemon_paths_make(daemon_in("a/c"), DIRECTORY_CLOSED, &error));
	ck_assert_int_eq(umask(022), 0);
	ck_assert_int_eq(stat(daemon_in("a/b"), &info), 0);
	ck_assert_uint_eq(info.st_mode & 07777, 0700);
	ck_assert_int_eq(stat(daemon_in("a/c"), &info), 0);
	ck_assert_uint_eq(info.st_mode & 07777, 0700);
	DAEMON_END("a/b", "a/c", "a");
}
END_TEST

START_TEST(directories_that_others_have_a_hand_in_are_refused)
{
	struct text error = TEXT_INIT;

	daemon_begin();
	mkdir(daemon_in("d"), 0700);
	ck_assert(daemon_paths_make(daemon_in("d"), DIRECTORY_CLOSED, &error));
	chmod(daemon_in("d"), 0710);
	ck_assert(!daemon_paths_make(daemon_in("d"), DIRECTORY_CLOSED, &error));
	ck_assert(daemon_says(&error, "is open to others, mode 0710"));
	ck_assert(daemon_paths_make(daemon_in("d"), DIRECTORY_PASSAGE, &error));
	chmod(daemon_in("d"), 0755);
	ck_assert(!daemon_paths_make(daemon_in("d"), DIRECTORY_PASSAGE, &error));
	ck_assert(daemon_says(&error, "chmod 710"));
	ck_assert(daemon_paths_make(daemon_in("d"), DIRECTORY_READABLE, &error));
	chmod(daemon_in("d"), 01777);
	ck_assert(!daemon_paths_make(daemon_in("d"), DIRECTORY_READABLE, &error));
	ck_assert(daemon_says(&error, "chmod go-w"));
	chmod(daemon_in("d"), 0700);
	ck_assert_int_eq(symlink(daemon_in("d"), daemon_in("l")), 0);
	ck_assert(!daemon_paths_make(daemon_in("l"), DIRECTORY_CLOSED, &error));
	ck_assert(daemon_says(&error, "is no directory, or a symbolic link to one"));
	daemon_make_file(daemon_in("f"), 0600);
	ck_assert(!daemon_paths_make(daemon_in("f"), DIRECTORY_CLOSED, &error));
	ck_assert(daemon_says(&error, "is no directory"));
	ck_assert(!daemon_paths_make(daemon_in("f/x"), DIRECTORY_CLOSED, &error));
	text_clear(&error);
	if (geteuid() == 0) {
		ck_assert_int_eq(chown(daemon_in("d"), 12345, (gid_t)-1), 0);
		ck_assert(!daemon_paths_make(daemon_in("d"), DIRECTORY_READABLE, &error));
		ck_assert(daemon_says(&error, "belongs to user 12345"));
	}
	text_free(&error);
	DAEMON_END("d", "l", "f");
}
END_TEST

/* Case 38 of what must hold: none is opened, none is changed. */
START_TEST(links_and_what_is_no_file_are_refused)
{
	static const int flags[] = {O_RDONLY, O_RDWR | O_CREAT, O_WRONLY | O_APPEND | O_CREAT};
	struct text error = TEXT_INIT;

	daemon_begin();
	daemon_make_file(daemon_in("target"), 0600);
	ck_assert_int_eq(symlink(daemon_in("target"), daemon_in("symlink")), 0);
	ck_assert_int_eq(symlink(daemon_in("nowhere"), daemon_in("dangling")), 0);
	daemon_make_file(daemon_in("first"), 0600);
	ck_assert_int_eq(link(daemon_in("first"), daemon_in("second")), 0);
	ck_assert_int_eq(mkfifo(daemon_in("fifo"), 0600), 0);
	for (size_t i = 0; i < LENGTH(flags); i++) {
		int fd = daemon_paths_open(daemon_in("target"), flags[i], &error);

		ck_assert_int_ge(fd, 0);
		ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
		close(fd);
		ck_assert_int_eq(daemon_paths_open(daemon_in("symlink"), flags[i], &error), -1);
		ck_assert(daemon_says(&error, "is a symbolic link"));
		ck_assert_int_eq(daemon_paths_open(daemon_in("dangling"), flags[i], &error), -1);
		ck_assert(daemon_says(&error, "is a symbolic link"));
		ck_assert_int_eq(daemon_paths_open(daemon_in("second"), flags[i], &error), -1);
		ck_assert(daemon_says(&error, "hard link"));
		ck_assert_int_eq(daemon_paths_open(daemon_in("fifo"), flags[i], &error), -1);
		ck_assert(daemon_says(&error, "is no regular file"));
		ck_assert_int_eq(daemon_paths_open(daemon_folder, flags[i], &error), -1);
		text_clear(&error);
	}
	ck_assert_int_ne(access(daemon_in("nowhere"), F_OK), 0);
	chmod(daemon_in("target"), 0620);
	ck_assert_int_eq(daemon_paths_open(daemon_in("target"), O_RDONLY, &error), -1);
	ck_assert(daemon_says(&error, "may be written to by others"));
	text_free(&error);
	DAEMON_END("target", "symlink", "dangling", "first", "second", "fifo");
}
END_TEST

START_TEST(files_of_others_are_refused)
{
	struct text error = TEXT_INIT;

	if (geteuid() != 0) {
		return;
	}
	daemon_begin();
	daemon_make_file(daemon_in("f"), 0600);
	ck_assert_int_eq(chown(daemon_in("f"), 12345, (gid_t)-1), 0);
	ck_assert_int_eq(daemon_paths_open(daemon_in("f"), O_RDONLY, &error), -1);
	ck_assert(daemon_says(&error, "belongs to another user"));
	text_free(&error);
	DAEMON_END("f");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {paths_are_those_of_the_user,
				      without_a_runtime_directory_it_is_beside_the_state,
				      a_service_is_given_its_paths_a_client_is_not,
				      a_socket_path_that_is_too_long_is_refused,
				      directories_are_made_private_whatever_the_umask,
				      directories_that_others_have_a_hand_in_are_refused,
				      links_and_what_is_no_file_are_refused,
				      files_of_others_are_refused};

	return unit_run("daemon_paths", tests, LENGTH(tests));
}
