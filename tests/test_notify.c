/* SPDX-License-Identifier: ISC */
/* test_notify: what systemd is told, on a datagram socket as it has one. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "supervisor/notify.h"
#include "tests/unit.h"

static char name[108];

/* A socket at `name`, a path or, behind an @, abstract; what is sent there can be read. */
static int
listening(bool abstract)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t len = offsetof(struct sockaddr_un, sun_path);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(name, sizeof(name), "%s/tmp/stintd-notify.%d", abstract ? "@" : "", (int)getpid());
	memcpy(address.sun_path, name, strlen(name));
	len += (socklen_t)strlen(name);
	if (abstract) {
		address.sun_path[0] = '\0';
	} else {
		len++;
	}
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, len), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void
assert_told(int fd, const char *expected)
{
	char message[2048] = "";
	ssize_t len = recv(fd, message, sizeof(message) - 1, MSG_DONTWAIT);

	ck_assert_int_ge(len, 0);
	message[len] = '\0';
	ck_assert_str_eq(message, expected);
}

START_TEST(messages_arrive)
{
	for (int abstract = 0; abstract < 2; abstract++) {
		struct text error = TEXT_INIT;
		int fd = listening(abstract == 1);

		ck_assert_msg(notify_open(&error), "%s", error.data);
		notify_send("READY=1\nMAINPID=%d", 12);
		assert_told(fd, "READY=1\nMAINPID=12");
		notify_send("STATUS=%s", "3 jobs, 17 tasks running");
		assert_told(fd, "STATUS=3 jobs, 17 tasks running");
		ck_assert_int_eq(recv(fd, &(char){0}, 1, MSG_DONTWAIT),
				 -1); /* no more than these */
		notify_close();
		notify_send("READY=1");
		ck_assert_int_eq(recv(fd, &(char){0}, 1, MSG_DONTWAIT), -1);
		close(fd);
		if (abstract == 0) {
			ck_assert_int_eq(unlink(name), 0);
		}
	}
}
END_TEST

START_TEST(nobody_else_finds_it_in_the_environment)
{
	struct text error = TEXT_INIT;
	int fd = listening(true);

	setenv("WATCHDOG_USEC", "30000000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	ck_assert(notify_open(&error));
	ck_assert_int_eq(notify_watchdog_us(), 0); /* that is another process's */
	ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
	ck_assert_ptr_null(getenv("WATCHDOG_USEC"));
	ck_assert_ptr_null(getenv("WATCHDOG_PID"));
	notify_close();
	close(fd);
}
END_TEST

START_TEST(the_watchdog_is_asked_for)
{
	static const struct {
		const char *value;
		int64_t us;
	} rows[] = {{"30000000", 30000000},     {"0", 0}, {"", 0}, {"-5", 0}, {"3x", 0},
		    {"99999999999999999999", 0}};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct text error = TEXT_INIT;
		int fd = listening(true);
		char pid[32];

		snprintf(pid, sizeof(pid), "%d", (int)getpid());
		setenv("WATCHDOG_PID", pid, 1);
		setenv("WATCHDOG_USEC", rows[i].value, 1);
		ck_assert(notify_open(&error));
		ck_assert_int_eq(notify_watchdog_us(), rows[i].us);
		notify_close();
		close(fd);
	}
}
END_TEST

START_TEST(without_systemd_nothing_happens)
{
	struct text error = TEXT_INIT;

	unsetenv("NOTIFY_SOCKET");
	ck_assert(notify_open(&error));
	notify_send("READY=1");
	setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1); /* one that has gone is no error */
	ck_assert(notify_open(&error));
	notify_send("READY=1");
	notify_close();
}
END_TEST

START_TEST(what_is_no_socket_is_refused)
{
	char text[200];

	memset(text, 'x', sizeof(text));
	text[0] = '/';
	text[sizeof(text) - 1] = '\0';
	const char *const names[] = {"relative", "@", "vsock:2:1234", text};

	for (size_t i = 0; i < LENGTH(names); i++) {
		struct text error = TEXT_INIT;

		setenv("NOTIFY_SOCKET", names[i], 1);
		ck_assert_msg(!notify_open(&error), "%s", names[i]);
		text_terminate(&error);
		ck_assert_ptr_nonnull(strstr(error.data, "NOTIFY_SOCKET"));
		text_free(&error);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {messages_arrive, nobody_else_finds_it_in_the_environment,
				      the_watchdog_is_asked_for, without_systemd_nothing_happens,
				      what_is_no_socket_is_refused};

	return unit_run("notify", tests, LENGTH(tests));
}
