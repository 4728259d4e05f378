/* SPDX-License-Identifier: ISC */
/* test_activation: the socket that systemd passes; each test is a process, and fd 3 is its own. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "supervisor/activation.h"
#include "tests/unit.h"

static char path[108];

/* A socket of that type at `path`, as fd 3; it listens if it can. */
static void
pass(int type, const char *fds, bool listens)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type, 0);
	char pid[32];

	snprintf(path, sizeof(path), "/tmp/stintd-activation.%d", (int)getpid());
	memcpy(address.sun_path, path, strlen(path) + 1);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	if (listens) {
		ck_assert_int_eq(listen(fd, 5), 0);
	}
	if (fd != 3) {
		ck_assert_int_eq(dup2(fd, 3), 3);
		close(fd);
	}
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", fds, 1);
	setenv("LISTEN_FDNAMES", "control", 1);
}

START_TEST(the_socket_is_taken)
{
	struct text error = TEXT_INIT;
	char taken[108];
	int fd;

	pass(SOCK_STREAM, "1", true);
	ck_assert_msg(activation_take(&fd, taken, sizeof(taken), &error), "%s", error.data);
	ck_assert_int_eq(fd, 3);
	ck_assert_str_eq(taken, path);
	ck_assert_int_ne(fcntl(3, F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_int_ne(fcntl(3, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_ptr_null(getenv("LISTEN_FDS"));
	ck_assert_ptr_null(getenv("LISTEN_PID"));
	ck_assert_ptr_null(getenv("LISTEN_FDNAMES"));
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(what_is_for_another_process_is_not_taken)
{
	struct text error = TEXT_INIT;
	char taken[108];
	int fd;

	pass(SOCK_STREAM, "1", true);
	setenv("LISTEN_PID", "1", 1);
	ck_assert(activation_take(&fd, taken, sizeof(taken), &error));
	ck_assert_int_eq(fd, -1);
	ck_assert_ptr_null(getenv("LISTEN_FDS"));
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(without_systemd_there_is_none)
{
	struct text error = TEXT_INIT;
	char taken[108];
	int fd;

	unsetenv("LISTEN_FDS");
	ck_assert(activation_take(&fd, taken, sizeof(taken), &error));
	ck_assert_int_eq(fd, -1);
}
END_TEST

static void
assert_refused(void)
{
	struct text error = TEXT_INIT;
	char taken[108];
	int fd;

	ck_assert(!activation_take(&fd, taken, sizeof(taken), &error));
	text_terminate(&error);
	ck_assert_ptr_nonnull(strstr(error.data, "LISTEN_FDS"));
	ck_assert_int_eq(fd, -1);
	ck_assert_int_eq(unlink(path), 0);
	text_free(&error);
}

START_TEST(a_datagram_socket_is_refused)
{
	pass(SOCK_DGRAM, "1", false);
	assert_refused();
}
END_TEST

START_TEST(a_socket_that_does_not_listen_is_refused)
{
	pass(SOCK_STREAM, "1", false);
	assert_refused();
}
END_TEST

START_TEST(two_sockets_are_refused)
{
	pass(SOCK_STREAM, "2", true);
	assert_refused();
}
END_TEST

START_TEST(nonsense_is_refused)
{
	pass(SOCK_STREAM, "1x", true);
	assert_refused();
}
END_TEST

START_TEST(a_number_without_a_descriptor_is_refused)
{
	pass(SOCK_STREAM, "1", true);
	close(3);
	assert_refused();
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {the_socket_is_taken,
				      what_is_for_another_process_is_not_taken,
				      without_systemd_there_is_none,
				      a_datagram_socket_is_refused,
				      a_socket_that_does_not_listen_is_refused,
				      two_sockets_are_refused,
				      nonsense_is_refused,
				      a_number_without_a_descriptor_is_refused};

	return unit_run("activation", tests, LENGTH(tests));
}
