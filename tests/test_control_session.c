/* SPDX-License-Identifier: ISC */
/*
 * test_control_session: the control socket with real clients and small limits. What they ask for is
 * answered without a queue.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "supervisor/control.h"
#include "supervisor/control_message.h"
#include "supervisor/daemon_log.h"
#include "tests/unit.h"

#define HELLO "{\"type\":\"hello\",\"version\":1}\n"

struct client {
	int fd;
	struct text heard;
	bool ended;
};

static struct event_base *base;
static struct control *control;
static int listen_fd;
static struct sockaddr_un address;
static socklen_t address_len;
static unsigned shutdowns;

static void
on_shutdown(void *context, bool now)
{
	(void)context;
	shutdowns += now ? 100 : 1;
}

/* A listener with a name of its own that no folder has. */
static void
begin(struct control_limits limits)
{
	static const struct control_owner_ops ops = {on_shutdown};
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGPIPE, &ignore, NULL);
	limits.group = CONTROL_NO_GROUP;
	listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	address = (struct sockaddr_un){.sun_family = AF_UNIX};
	ck_assert_int_eq(bind(listen_fd, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
	address_len = sizeof(address);
	ck_assert_int_eq(getsockname(listen_fd, (struct sockaddr *)&address, &address_len), 0);
	ck_assert_int_eq(listen(listen_fd, 100), 0);
	base = event_base_new();
	control = control_new(base, NULL, listen_fd, &limits, &ops, NULL);
	ck_assert_ptr_nonnull(control);
	shutdowns = 0;
}

static void
end(void)
{
	control_free(control);
	event_base_free(base);
	close(listen_fd);
}

static void
come(struct client *client)
{
	*client = (struct client){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	ck_assert_int_eq(connect(client->fd, (struct sockaddr *)&address, address_len), 0);
	ck_assert_int_eq(fcntl(client->fd, F_SETFL, O_NONBLOCK), 0);
}

static void
say(const struct client *client, const char *what)
{
	ck_assert_int_eq(send(client->fd, what, strlen(what), 0), (ssize_t)strlen(what));
}

static void
hear(struct client *client)
{
	char bytes[65536];
	ssize_t got;

	while ((got = recv(client->fd, bytes, sizeof(bytes), 0)) > 0) {
		text_bytes(&client->heard, bytes, (size_t)got);
	}
	client->ended |= got == 0 || (errno != EAGAIN && errno != EINTR);
}

/* Lets it hear until there is this in what it heard, or it is dropped. */
static void
until(struct client *client, const char *wanted)
{
	for (;;) {
		hear(client);
		text_terminate(&client->heard);
		if (client->ended ||
		    (wanted != NULL && strstr(client->heard.data, wanted) != NULL)) {
			return;
		}
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
	}
}

static void
assert_heard(struct client *client, const char *wanted)
{
	until(client, wanted);
	ck_assert_msg(strstr(client->heard.data, wanted) != NULL, "heard: %s", client->heard.data);
}

static void
assert_dropped(struct client *client, const char *why)
{
	until(client, NULL);
	ck_assert(client->ended);
	ck_assert_msg(strstr(client->heard.data, why) != NULL, "heard: %s", client->heard.data);
}

static void
leave(struct client *client)
{
	close(client->fd);
	text_free(&client->heard);
}

START_TEST(requests_are_answered_in_their_turn)
{
	struct client client;

	begin((struct control_limits){.sessions = 4});
	come(&client);
	say(&client,
	    HELLO "{\"type\":\"ping\",\"request\":1}\n{\"type\":\"ping\",\"request\":2}\n");
	assert_heard(&client,
		     "{\"type\":\"done\",\"request\":1}\n{\"type\":\"done\",\"request\":2}\n");
	say(&client, "{\"type\":\"shutdown\",\"request\":3}\n");
	assert_heard(&client, "\"request\":3}");
	ck_assert_uint_eq(shutdowns, 1);
	say(&client, "{\"type\":\"shutdown\",\"request\":4,\"now\":true}\n");
	assert_heard(&client, "\"request\":4}");
	ck_assert_uint_eq(shutdowns, 101);
	leave(&client);
	end();
}
END_TEST

START_TEST(a_message_may_come_byte_by_byte)
{
	static const char line[] = HELLO "{\"type\":\"ping\",\"request\":1}\n";
	struct client client;

	begin((struct control_limits){.sessions = 4});
	come(&client);
	for (size_t i = 0; i < sizeof(line) - 1; i++) {
		ck_assert_int_eq(send(client.fd, &line[i], 1, 0), 1);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	assert_heard(&client, "\"done\",\"request\":1}");
	leave(&client);
	end();
}
END_TEST

START_TEST(who_says_nothing_is_dropped)
{
	struct client silent, torn;

	begin((struct control_limits){.hello_us = 1000, .line_us = 1000});
	come(&silent);
	assert_dropped(&silent, "did not say hello in time");
	come(&torn);
	say(&torn, HELLO);
	assert_heard(&torn, "hello");
	say(&torn, "{\"type\":");
	assert_dropped(&torn, "the rest of a line did not come in time");
	leave(&silent);
	leave(&torn);
	end();
}
END_TEST

START_TEST(whole_lines_need_no_deadline)
{
	struct client client;

	begin((struct control_limits){.line_us = 60000000, .hello_us = 60000000});
	come(&client);
	say(&client, HELLO "{\"type\":\"ping\"");
	assert_heard(&client, "hello");
	say(&client, ",\"request\":1}\n");
	assert_heard(&client, "\"done\",\"request\":1}");
	/* Nothing is waited for: no timer, only what it may send. */
	ck_assert_int_eq(event_base_get_num_events(base, EVENT_BASE_COUNT_ACTIVE), 0);
	event_base_loop(base, EVLOOP_NONBLOCK);
	leave(&client);
	end();
}
END_TEST

START_TEST(strangers_go_first_when_it_is_full)
{
	struct client clients[6];

	begin((struct control_limits){.sessions = 3});
	for (int i = 0; i < 2; i++) {
		come(&clients[i]);
		say(&clients[i], HELLO);
		assert_heard(&clients[i], "hello");
	}
	event_base_loop(base, EVLOOP_NONBLOCK);
	come(&clients[2]); /* says nothing */
	assert_heard(&clients[2], "hello");
	come(&clients[3]);
	say(&clients[3], HELLO "{\"type\":\"ping\",\"request\":1}\n");
	assert_heard(&clients[3], "\"done\"");
	assert_dropped(&clients[2], "others want to come in");
	ck_assert_uint_eq(control_sessions(control), 3);
	come(&clients[4]);
	assert_dropped(&clients[4], "as many clients as it takes");
	leave(&clients[0]);
	while (control_sessions(control) > 2) {
		event_base_loop(base, EVLOOP_ONCE);
	}
	come(&clients[5]);
	say(&clients[5], HELLO "{\"type\":\"ping\",\"request\":1}\n");
	assert_heard(&clients[5], "\"done\"");
	for (int i = 1; i < 6; i++) {
		leave(&clients[i]);
	}
	end();
}
END_TEST

START_TEST(answers_that_are_not_read_have_an_end)
{
	struct text pings = TEXT_INIT;
	struct client client;
	ssize_t sent = 1;

	begin((struct control_limits){.unsent = 100000});
	come(&client);
	say(&client, HELLO);
	for (int i = 0; i < 1000; i++) {
		text_string(&pings, "{\"type\":\"ping\",\"request\":1234567}\n");
	}
	while (sent > 0 || errno == EAGAIN) {
		sent = send(client.fd, pings.data, pings.len, 0);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	until(&client, NULL);
	ck_assert(client.ended);
	ck_assert_uint_eq(control_sessions(control), 0);
	text_free(&pings);
	leave(&client);
	end();
}
END_TEST

/* In place of that of the C library: of a socket while `write_error` says so, it fails. */
static int write_error;

ssize_t write_or_fail(int fd, const void *bytes, size_t len) __asm__("write");

ssize_t
write_or_fail(int fd, const void *bytes, size_t len)
{
	struct sockaddr_un name;

	if (write_error != 0 &&
	    getsockname(fd, (struct sockaddr *)&name, &(socklen_t){sizeof(name)}) == 0) {
		errno = write_error;
		return -1;
	}
	return syscall(SYS_write, fd, bytes, len);
}

START_TEST(one_who_cannot_be_answered_is_dropped_at_once)
{
	struct client client;

	begin((struct control_limits){.sessions = 4});
	come(&client);
	say(&client, HELLO "{\"type\":\"ping\",\"request\":1}\n");
	assert_heard(&client, "\"done\",\"request\":1}");
	write_error = ENOBUFS;
	say(&client, "{\"type\":\"ping\",\"request\":2}\n");
	until(&client, NULL);
	ck_assert_uint_eq(control_sessions(control), 0);
	write_error = 0;
	leave(&client);
	end();
}
END_TEST

START_TEST(one_who_has_gone_is_heard_to_its_end)
{
	struct client client;

	begin((struct control_limits){.sessions = 4});
	come(&client);
	say(&client, HELLO "{\"type\":\"shutdown\",\"request\":1}\n");
	leave(&client);
	while (shutdowns == 0 || control_sessions(control) > 0) {
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
	}
	end();
}
END_TEST

START_TEST(half_lines_have_an_end_all_together)
{
	static char piece[65536];
	struct client clients[3];
	bool dropped = false;

	begin((struct control_limits){.half_lines = (size_t)4 << 20});
	memset(piece, 'x', sizeof(piece));
	for (int i = 0; i < 3; i++) {
		come(&clients[i]);
		say(&clients[i], HELLO "{\"type\":\"submit\",\"request\":1,\"text\":\"");
	}
	for (int round = 0; round < 150 && !dropped; round++) {
		for (int i = 0; i < 3; i++) {
			if (send(clients[i].fd, piece, sizeof(piece), 0) < 0 && errno == EPIPE) {
				dropped = true;
			}
		}
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	ck_assert(dropped);
	for (int i = 0; i < 3; i++) {
		hear(&clients[i]);
		leave(&clients[i]);
	}
	end();
}
END_TEST

START_TEST(it_takes_no_more_once_it_is_stopped)
{
	struct client before, after;

	begin((struct control_limits){.sessions = 4});
	come(&before);
	say(&before, HELLO);
	assert_heard(&before, "hello");
	control_stop(control);
	come(&after);
	say(&before, "{\"type\":\"ping\",\"request\":1}\n");
	assert_heard(&before, "\"done\"");
	ck_assert_uint_eq(control_sessions(control), 1);
	leave(&before);
	leave(&after);
	end();
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    requests_are_answered_in_their_turn,
	    a_message_may_come_byte_by_byte,
	    who_says_nothing_is_dropped,
	    whole_lines_need_no_deadline,
	    strangers_go_first_when_it_is_full,
	    answers_that_are_not_read_have_an_end,
	    half_lines_have_an_end_all_together,
	    it_takes_no_more_once_it_is_stopped,
	    one_who_cannot_be_answered_is_dropped_at_once,
	    one_who_has_gone_is_heard_to_its_end,
	};

	return unit_run("control_session", tests, LENGTH(tests));
}
