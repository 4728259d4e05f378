/* SPDX-License-Identifier: ISC */
/* test_daemon_lock: one daemon for a queue, and a socket, however the last one ended. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/daemon_config.h"
#include "supervisor/daemon_lock.h"
#include "supervisor/daemon_paths.h"
#include "supervisor/daemon_socket.h"
#include "tests/daemon_folder.h"
#include "tests/unit.h"

/* A config whose directories are there. */
static struct daemon_config *
with_directories(void)
{
	struct daemon_config *config = daemon_resolved(true);
	struct text error = TEXT_INIT;

	ck_assert(daemon_paths_make(config->state_directory, DIRECTORY_CLOSED, &error));
	ck_assert(daemon_paths_make(config->runtime_directory, DIRECTORY_CLOSED, &error));
	text_free(&error);
	return config;
}

/* A process that greets whoever connects, as a daemon does; it has all that is open here. */
static pid_t
greeter(int listens)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		fcntl(listens, F_SETFL, 0);
		for (;;) {
			int fd = accept(listens, NULL, NULL);

			if (fd < 0 || write(fd, "{", 1) != 1) {
				_exit(1);
			}
			close(fd);
		}
	}
	return pid;
}

static void
end_greeter(pid_t pid)
{
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

#define DIRECTORIES "state/stint/queue", "state/stint", "state", "run/stint", "run"

START_TEST(the_lock_is_held_once_and_its_pidfile_goes_with_it)
{
	struct daemon_config *config;
	struct text error = TEXT_INIT;
	struct daemon_lock *lock;
	struct daemon_socket sock;
	char pid[32] = "", expected[32];
	pid_t other;
	int fd;

	daemon_begin();
	config = with_directories();
	ck_assert_int_eq(daemon_lock_holder(config), 0);
	lock = daemon_lock_take(config, &error);
	ck_assert_ptr_nonnull(lock);
	ck_assert(daemon_socket_listen(&sock, config, &error));
	ck_assert_int_eq(daemon_lock_holder(config), getpid());
	other = greeter(sock.fd);
	ck_assert_ptr_null(daemon_lock_take(config, &error));
	ck_assert(daemon_says(&error, "which listens at"));
	end_greeter(other);
	fd = open(config->pidfile, O_RDONLY | O_CLOEXEC);
	ck_assert_int_gt(read(fd, pid, sizeof(pid) - 1), 0);
	close(fd);
	snprintf(expected, sizeof(expected), "%d", (int)getpid());
	ck_assert_str_eq(pid, expected);
	daemon_socket_close(&sock);
	daemon_lock_free(lock);
	ck_assert_int_eq(daemon_lock_holder(config), 0);
	ck_assert_int_ne(access(config->pidfile, F_OK), 0);
	daemon_config_free(config);
	text_free(&error);
	DAEMON_END("state/stint/queue/lock", DIRECTORIES);
}
END_TEST

START_TEST(a_pidfile_that_is_a_link_is_refused_and_its_target_kept)
{
	struct daemon_config *config;
	struct text error = TEXT_INIT;
	struct stat info;

	daemon_begin();
	config = with_directories();
	daemon_make_file(daemon_in("target"), 0600);
	ck_assert_int_eq(symlink(daemon_in("target"), config->pidfile), 0);
	ck_assert_ptr_null(daemon_lock_take(config, &error));
	ck_assert(daemon_says(&error, "is a symbolic link"));
	ck_assert_int_eq(unlink(config->pidfile), 0);
	ck_assert_int_eq(link(daemon_in("target"), config->pidfile), 0);
	ck_assert_ptr_null(daemon_lock_take(config, &error));
	ck_assert(daemon_says(&error, "hard link"));
	ck_assert_int_eq(stat(daemon_in("target"), &info), 0);
	ck_assert_int_eq(info.st_size, 5);
	ck_assert_int_eq(unlink(config->pidfile), 0);
	daemon_config_free(config);
	text_free(&error);
	DAEMON_END("target", "state/stint/queue/lock", DIRECTORIES);
}
END_TEST

START_TEST(a_stale_socket_makes_room_and_a_live_one_does_not)
{
	struct daemon_config *config;
	struct text error = TEXT_INIT;
	struct daemon_socket old, sock;
	struct stat info;
	pid_t other;
	int fd;

	daemon_begin();
	config = with_directories();
	ck_assert(daemon_socket_listen(&old, config, &error));
	ck_assert_int_eq(lstat(config->socket, &info), 0);
	ck_assert_uint_eq(info.st_mode & 07777, 0600);
	other = greeter(old.fd);
	ck_assert_int_eq(daemon_socket_ask(config->socket), DAEMON_ANSWERS);
	ck_assert(!daemon_socket_listen(&sock, config, &error));
	ck_assert(daemon_says(&error, "another process listens there"));
	end_greeter(other);
	fds_close(&old.fd); /* as if it had died */
	ck_assert_int_eq(daemon_socket_ask(config->socket), DAEMON_SILENT);
	ck_assert(daemon_socket_listen(&sock, config, &error));
	old.made = false;
	fd = daemon_socket_connect(config->socket);
	ck_assert_int_ge(fd, 0);
	close(fd);
	daemon_socket_close(&sock);
	ck_assert_int_ne(access(config->socket, F_OK), 0);
	daemon_config_free(config);
	text_free(&error);
	DAEMON_END(DIRECTORIES);
}
END_TEST

/* A process that the dead daemon had forked closes what is not its own only when it gets to that. */
START_TEST(a_socket_that_a_forked_process_still_has_is_stale_soon)
{
	struct daemon_config *config;
	struct text error = TEXT_INIT;
	struct daemon_socket old, sock;
	pid_t late;

	daemon_begin();
	config = with_directories();
	ck_assert(daemon_socket_listen(&old, config, &error));
	late = fork();
	if (late == 0) {
		poll(&(struct pollfd){.fd = old.fd, .events = POLLIN}, 1, -1);
		_exit(0);
	}
	fds_close(&old.fd);
	ck_assert_msg(daemon_socket_listen(&sock, config, &error), "%s", error.data);
	ck_assert_int_eq(waitpid(late, NULL, 0), late);
	daemon_socket_close(&sock);
	daemon_config_free(config);
	text_free(&error);
	DAEMON_END(DIRECTORIES);
}
END_TEST

START_TEST(only_the_own_socket_is_removed)
{
	struct daemon_config *config;
	struct text error = TEXT_INIT;
	struct daemon_socket old, sock;

	daemon_begin();
	config = with_directories();
	ck_assert(daemon_socket_listen(&old, config, &error));
	ck_assert_int_eq(rename(config->socket, daemon_in("aside")), 0);
	ck_assert(daemon_socket_listen(&sock, config, &error));
	daemon_socket_close(&old);
	ck_assert_int_eq(access(config->socket, F_OK), 0);
	daemon_socket_close(&sock);
	ck_assert_int_ne(access(config->socket, F_OK), 0);
	daemon_config_free(config);
	text_free(&error);
	DAEMON_END("aside", DIRECTORIES);
}
END_TEST

START_TEST(what_is_no_socket_of_ours_stays_where_it_is)
{
	struct daemon_config *config;
	struct text error = TEXT_INIT;
	struct daemon_socket sock;

	daemon_begin();
	config = with_directories();
	daemon_make_file(config->socket, 0600);
	ck_assert(!daemon_socket_listen(&sock, config, &error));
	ck_assert(daemon_says(&error, "is no socket that a stintd of this user has left"));
	ck_assert_int_eq(unlink(config->socket), 0);
	ck_assert_int_eq(symlink(daemon_in("nowhere"), config->socket), 0);
	ck_assert(!daemon_socket_listen(&sock, config, &error));
	ck_assert(daemon_says(&error, "is no socket"));
	ck_assert_int_eq(unlink(config->socket), 0);
	ck_assert_int_eq(mkfifo(config->socket, 0600), 0);
	ck_assert(!daemon_socket_listen(&sock, config, &error));
	ck_assert(daemon_says(&error, "is no socket"));
	ck_assert_int_eq(unlink(config->socket), 0);
	daemon_config_free(config);
	text_free(&error);
	DAEMON_END(DIRECTORIES);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {the_lock_is_held_once_and_its_pidfile_goes_with_it,
				      a_pidfile_that_is_a_link_is_refused_and_its_target_kept,
				      a_stale_socket_makes_room_and_a_live_one_does_not,
				      a_socket_that_a_forked_process_still_has_is_stale_soon,
				      only_the_own_socket_is_removed,
				      what_is_no_socket_of_ours_stays_where_it_is};

	return unit_run("daemon_lock", tests, LENGTH(tests));
}
