/* SPDX-License-Identifier: ISC */
/*
 * submit_load SOCKET CLIENTS JOBS TEXT: so many clients of stintd at once, each of which submits a
 * job whose document is TEXT, waits until it is acknowledged, and does so again, until there are
 * JOBS in all. Prints one JSON value: the wall seconds, and the latencies in milliseconds. Its own
 * part of the machine is small: one thread, no more parsing than is needed to know an answer.
 */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LINE_MOST 4096

struct client {
	int fd;
	double began;
	size_t len;
	char line[LINE_MOST];
};

static const char hello[] = "{\"type\":\"hello\",\"version\":1}\n";
static char *message;
static size_t message_len;
static unsigned long wanted, sent, answered;
static double *latencies;

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void
put(const struct client *client, const char *bytes, size_t len)
{
	if (send(client->fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len) {
		err(1, "send");
	}
}

static void
submit(struct client *client)
{
	if (sent < wanted) {
		sent++;
		client->began = now();
		put(client, message, message_len);
	}
}

static void
take_line(struct client *client, const char *line)
{
	if (strstr(line, "\"type\":\"hello\"") != NULL) {
		return;
	}
	if (strstr(line, "\"type\":\"done\"") == NULL) {
		errx(1, "refused: %s", line);
	}
	latencies[answered++] = now() - client->began;
	submit(client);
}

static void
read_lines(struct client *client)
{
	ssize_t got = recv(client->fd, client->line + client->len,
			   sizeof(client->line) - 1 - client->len, MSG_DONTWAIT);
	char *begin = client->line, *end;

	if (got <= 0) {
		errx(1, "the daemon has gone");
	}
	client->len += (size_t)got;
	client->line[client->len] = '\0';
	while ((end = strchr(begin, '\n')) != NULL) {
		*end = '\0';
		take_line(client, begin);
		begin = end + 1;
	}
	client->len -= (size_t)(begin - client->line);
	memmove(client->line, begin, client->len);
}

static void
join(struct client *client, const char *path, int poll)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};

	if (strlen(path) >= sizeof(address.sun_path)) {
		errx(1, "%s: too long a path", path);
	}
	memcpy(address.sun_path, path, strlen(path));
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0 ||
	    connect(client->fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    epoll_ctl(poll, EPOLL_CTL_ADD, client->fd, &event) != 0) {
		err(1, "%s", path);
	}
	put(client, hello, sizeof(hello) - 1);
}

/* As a string of JSON; what has control characters is not what this is for. */
static void
make_message(const char *text)
{
	FILE *out = open_memstream(&message, &message_len);

	if (out == NULL) {
		err(1, "memory");
	}
	fputs("{\"type\":\"submit\",\"request\":1,\"text\":\"", out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\') {
			fputc('\\', out);
		}
		fputc(*text, out);
	}
	fputs("\"}\n", out);
	fclose(out);
}

static int
compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static void
report(double wall)
{
	qsort(latencies, answered, sizeof(*latencies), compare);
	printf(
	    "{\"jobs\":%lu,\"wall\":%.6f,\"rate\":%.1f,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f}\n",
	    answered, wall, (double)answered / wall, latencies[answered / 2] * 1e3,
	    latencies[answered * 99 / 100] * 1e3, latencies[answered - 1] * 1e3);
}

int
main(int argc, char **argv)
{
	unsigned long count = argc == 5 ? strtoul(argv[2], NULL, 10) : 0;
	struct epoll_event events[64];
	struct client *clients;
	double began;
	int poll = epoll_create1(EPOLL_CLOEXEC);

	wanted = argc == 5 ? strtoul(argv[3], NULL, 10) : 0;
	if (count == 0 || wanted == 0) {
		fputs("usage: submit_load SOCKET CLIENTS JOBS TEXT\n", stderr);
		return 2;
	}
	make_message(argv[4]);
	clients = calloc(count, sizeof(*clients));
	latencies = calloc(wanted, sizeof(*latencies));
	if (poll < 0 || clients == NULL || latencies == NULL) {
		err(1, "memory");
	}
	for (unsigned long i = 0; i < count; i++) {
		join(&clients[i], argv[1], poll);
	}
	began = now();
	for (unsigned long i = 0; i < count; i++) {
		submit(&clients[i]);
	}
	while (answered < wanted) {
		int ready = epoll_wait(poll, events, 64, 60000);

		if (ready == 0) {
			errx(1, "nothing was answered for a minute");
		}
		for (int i = 0; i < ready; i++) {
			read_lines(events[i].data.ptr);
		}
	}
	report(now() - began);
	free(clients);
	free(latencies);
	free(message);
	return 0;
}
