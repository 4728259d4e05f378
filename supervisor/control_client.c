/* SPDX-License-Identifier: ISC */
/* control_client: see control_client.h. In the client. */
#include "supervisor/control_client.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/fds.h"
#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "supervisor/autostart.h"
#include "supervisor/control_message.h"
#include "supervisor/options_value.h"
#include "supervisor/supervisor.h"

#define READ_SIZE ((size_t)64 << 10)
#define HELLO_US  (10 * US_PER_SECOND) /* for the daemon to say hello */
#define AGAIN_MS  50                   /* between looks for one that comes back */
#define TRIES     3                    /* to find one that is not about to end */

/* ---- asking ----------------------------------------------------------------------------------- */

void
control_client_again(struct control_client *client, const char *type, uint64_t number)
{
	text_clear(&client->out);
	text_printf(&client->out, "{\"type\":\"%s\",\"request\":%" PRIu64, type, number);
}

uint64_t
control_client_begin(struct control_client *client, const char *type)
{
	control_client_again(client, type, ++client->last);
	return client->last;
}

void
control_client_uint(struct control_client *client, const char *key, uint64_t value)
{
	text_printf(&client->out, ",\"%s\":%" PRIu64, key, value);
}

void
control_client_int(struct control_client *client, const char *key, int64_t value)
{
	text_printf(&client->out, ",\"%s\":%" PRId64, key, value);
}

void
control_client_true(struct control_client *client, const char *key)
{
	text_printf(&client->out, ",\"%s\":true", key);
}

void
control_client_string(struct control_client *client, const char *key, struct span utf8)
{
	text_printf(&client->out, ",\"%s\":", key);
	text_json_string(&client->out, utf8.at, utf8.len);
}

void
control_client_raw(struct control_client *client, const char *key, struct span numbers)
{
	text_printf(&client->out, ",\"%s\":[", key);
	text_span(&client->out, numbers);
	text_char(&client->out, ']');
}

/* The daemon closed the connection; what it said last may say why. */
static _Noreturn void
fail_closed(struct control_client *client)
{
	struct control_answer answer;
	int status;

	if (client != NULL) {
		control_client_receive(client, &answer, &status);
	}
	errx(EXIT_SYSTEM, "stintd has closed the connection; its log says why");
}

bool
control_client_try_send(struct control_client *client)
{
	size_t sent = 0;

	text_string(&client->out, "}\n");
	while (sent < client->out.len) {
		ssize_t wrote =
		    send(client->fd, client->out.data + sent, client->out.len - sent, MSG_NOSIGNAL);

		if (wrote < 0 && errno != EINTR) {
			if (errno == EPIPE || errno == ECONNRESET) {
				return false;
			}
			err(EXIT_SYSTEM, "the socket of stintd");
		}
		sent += wrote < 0 ? 0 : (size_t)wrote;
	}
	return true;
}

void
control_client_send(struct control_client *client)
{
	if (!control_client_try_send(client)) {
		fail_closed(client);
	}
}

/* ---- answers ---------------------------------------------------------------------------------- */

bool
control_client_wait(struct control_client *client, int64_t us)
{
	struct pollfd ready = {.fd = client->fd, .events = POLLIN};
	struct span rest = frame_rest(&client->frame);
	int64_t end_us = clock_us() + us;

	if (rest.len > 0 && memchr(rest.at, '\n', rest.len) != NULL) {
		return true;
	}
	for (;;) {
		int64_t left_us = us < 0 ? -1 : end_us - clock_us();
		int got = poll(&ready, 1,
			       us < 0         ? -1
			       : left_us <= 0 ? 0
					      : (int)(left_us / 1000 % 86400000) + 1);

		if (got > 0) {
			return true;
		}
		if (got < 0 && errno != EINTR) {
			err(EXIT_SYSTEM, "poll");
		}
		if (us >= 0 && left_us <= 0) {
			return false;
		}
	}
}

/* False: it has closed the connection. */
static bool
read_line(struct control_client *client, struct span *line)
{
	for (;;) {
		ssize_t got;

		switch (frame_next(&client->frame, line)) {
		case FRAME_LINE:
			return true;
		case FRAME_TOO_LONG:
			errx(EXIT_SYSTEM, "what listens there sends lines that stintd would not");
		case FRAME_MORE:
			break;
		}
		got = read(client->fd, frame_room(&client->frame, READ_SIZE), READ_SIZE);
		if (got == 0 || (got < 0 && errno == ECONNRESET)) {
			return false;
		}
		if (got < 0 && errno != EINTR) {
			err(EXIT_SYSTEM, "the socket of stintd");
		}
		frame_filled(&client->frame, got < 0 ? 0 : (size_t)got);
	}
}

void
control_client_wait_gone(struct control_client *client)
{
	char bytes[1024];
	ssize_t got;

	do {
		got = read(client->fd, bytes, sizeof(bytes));
	} while (got > 0 || (got < 0 && errno == EINTR));
}

bool
control_answer_member(const struct control_answer *answer, const char *wanted, struct span *value)
{
	*value = json_member(answer->line, wanted);
	return value->len > 0;
}

bool
control_answer_uint(const struct control_answer *answer, const char *key, uint64_t *number)
{
	struct span value;

	return control_answer_member(answer, key, &value) && json_value_uint(value, number);
}

bool
control_answer_string(const struct control_answer *answer, const char *key, struct text *out)
{
	struct span value;

	return control_answer_member(answer, key, &value) && json_value_append(out, value);
}

bool
control_answer_bytes(const struct control_answer *answer, struct text *out)
{
	struct span value;
	char *bytes;
	size_t len;

	if (control_answer_member(answer, "text", &value)) {
		return json_value_append(out, value);
	}
	if (!control_answer_member(answer, "base64", &value) ||
	    !json_value_base64(value, &bytes, &len)) {
		return false;
	}
	text_bytes(out, bytes, len);
	free(bytes);
	return true;
}

/* Says what an error is. */
static int
say_error(const struct control_answer *answer)
{
	struct text why = TEXT_INIT;
	uint64_t status = EXIT_SYSTEM;

	if (!control_answer_string(answer, "error", &why)) {
		text_string(&why, "stintd has failed and does not say why");
	}
	text_terminate(&why);
	warnx("%s", text_printable(why.data));
	text_free(&why);
	return control_answer_uint(answer, "exit", &status) && status > 0 && status < EXIT_SYSTEM
		   ? (int)status
		   : EXIT_SYSTEM;
}

bool
control_client_try_receive(struct control_client *client, struct control_answer *answer,
			   int *status)
{
	struct span type;
	uint64_t number;

	*status = 0;
	if (!read_line(client, &answer->line)) {
		return false;
	}
	if (!control_answer_member(answer, "type", &type) || type.len < 2 || type.at[0] != '"') {
		errx(EXIT_SYSTEM, "what listens there does not speak as stintd does");
	}
	answer->type = (struct span){type.at + 1, type.len - 2};
	answer->kind = span_is(answer->type, "done")    ? ANSWER_DONE
		       : span_is(answer->type, "error") ? ANSWER_ERROR
							: ANSWER_DATA;
	if (answer->kind == ANSWER_ERROR) {
		*status = say_error(answer);
		if (!control_answer_uint(answer, "request", &number)) {
			exit(EXIT_SYSTEM); /* of the connection: nothing more will come */
		}
	}
	return true;
}

void
control_client_receive(struct control_client *client, struct control_answer *answer, int *status)
{
	if (!control_client_try_receive(client, answer, status)) {
		fail_closed(NULL);
	}
}

/* ---- beginning and end ------------------------------------------------------------------------ */

/* False: it has gone. */
static bool
take_hello(struct control_client *client)
{
	struct control_answer answer;
	uint64_t version = 0;
	int status;

	if (!control_client_wait(client, HELLO_US)) {
		errx(EXIT_SYSTEM, "stintd does not answer; it may be stopped, or very busy");
	}
	if (!control_client_try_receive(client, &answer, &status)) {
		return false;
	}
	if (!span_is(answer.type, "hello") || !control_answer_uint(&answer, "version", &version)) {
		errx(EXIT_SYSTEM, "what listens there does not speak as stintd does");
	}
	if (version != CONTROL_VERSION) {
		errx(EXIT_SYSTEM,
		     "stintd speaks version %" PRIu64
		     " of the protocol, this stint version %d; use "
		     "those of one release, and start stintd anew",
		     version, CONTROL_VERSION);
	}
	return true;
}

/* False: the connection was closed without a word, by a daemon that was about to end. */
static bool
is_let_in(struct control_client *client)
{
	ssize_t got;
	char byte;

	if (!control_client_wait(client, HELLO_US)) {
		return true;
	}
	do {
		got = recv(client->fd, &byte, 1, MSG_PEEK);
	} while (got < 0 && errno == EINTR);
	return got > 0;
}

/* Both say it. False: it has gone. */
static bool
say_hello(struct control_client *client)
{
	text_clear(&client->out);
	text_printf(&client->out, "{\"type\":\"hello\",\"version\":%d", CONTROL_VERSION);
	control_client_try_send(client); /* it may have said why it does not want us */
	return take_hello(client);
}

void
control_client_open(struct control_client *client, const struct client_options *options,
		    bool starts)
{
	struct text error = TEXT_INIT;
	int tries = 0;

	*client = (struct control_client){.fd = -1, .socket = options->socket};
	frame_init(&client->frame, CONTROL_LINE_MAX);
	do {
		fds_close(&client->fd);
		client->fd =
		    autostart_connect(options->socket, starts && !options->no_autostart, &error);
		if (client->fd < 0) {
			text_terminate(&error);
			errx(EXIT_SYSTEM, "%s", error.data);
		}
	} while (!is_let_in(client) && ++tries < TRIES);
	text_free(&error);
	if (!say_hello(client)) {
		fail_closed(NULL);
	}
}

bool
control_client_reopen(struct control_client *client, int64_t us, struct text *error)
{
	int64_t end_us = clock_us() + us;

	for (;;) {
		frame_free(&client->frame);
		frame_init(&client->frame, CONTROL_LINE_MAX);
		fds_close(&client->fd);
		text_clear(error);
		client->fd = autostart_connect(client->socket, false, error);
		if (client->fd >= 0 && is_let_in(client) && say_hello(client)) {
			return true;
		}
		if (clock_us() >= end_us) {
			text_terminate(error);
			return false;
		}
		poll(NULL, 0, AGAIN_MS);
	}
}

void
control_client_close(struct control_client *client)
{
	fds_close(&client->fd);
	frame_free(&client->frame);
	text_free(&client->out);
}

int
control_client_finish(struct control_client *client, int status)
{
	control_client_close(client);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		err(EXIT_SYSTEM, "stdout");
	}
	return status;
}

/* ---- what most commands do -------------------------------------------------------------------- */

int
control_client_ask(struct control_client *client)
{
	struct control_answer answer;
	int status;

	control_client_send(client);
	do {
		control_client_receive(client, &answer, &status);
	} while (answer.kind == ANSWER_DATA);
	return status;
}

bool
control_client_number(struct span operand, uint64_t *number)
{
	return json_value_uint(operand, number);
}

/* The number of the job that `find` answers. */
static uint64_t
find(struct control_client *client)
{
	struct control_answer answer;
	uint64_t number = 0;
	int status;

	control_client_send(client);
	control_client_receive(client, &answer, &status);
	if (answer.kind == ANSWER_ERROR) {
		exit(status);
	}
	if (!control_answer_uint(&answer, "job", &number)) {
		errx(EXIT_SYSTEM, "what listens there does not speak as stintd does");
	}
	return number;
}

static uint64_t
find_named(struct control_client *client, struct span name)
{
	uint64_t number;

	if (control_client_number(name, &number)) {
		return number;
	}
	if (name.len == 0 || !text_is_utf8(name.at, name.len)) {
		errx(EXIT_USAGE, "the name of a job is %s", name.len == 0 ? "empty" : "not UTF-8");
	}
	control_client_begin(client, "find");
	control_client_string(client, "name", name);
	return find(client);
}

uint64_t
control_client_job(struct control_client *client, const char *operand)
{
	if (operand == NULL) {
		control_client_begin(client, "find");
		return find(client);
	}
	return find_named(client, span_of(operand));
}

uint64_t
control_client_task(struct control_client *client, const char *operand, const char **task)
{
	const char *slash = strchr(operand, '/');
	struct span job = {operand, slash == NULL ? strlen(operand) : (size_t)(slash - operand)};

	*task = slash == NULL ? NULL : slash + 1;
	if (slash != NULL && (slash[1] == '\0' || !text_is_utf8(slash, strlen(slash)))) {
		errx(EXIT_USAGE, "%s: which task? JOB/TASK, with the task's id",
		     options_shown(operand));
	}
	return find_named(client, job);
}
