/* SPDX-License-Identifier: ISC */
/* outlet: see outlet.h. In the supervisor. */
#include "supervisor/outlet.h"

#include <bsd/sys/queue.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"

#define PIECE_MOST ((size_t)1 << 20) /* bytes, before another piece is begun */

/* How to write to it without waiting. */
enum way {
	WAY_PLAIN, /* a file, a device: it does not make us wait */
	WAY_OWN,   /* a pipe or terminal that we have opened anew, with flags of our own */
	WAY_SOCKET,
	WAY_ASK /* one that we cannot open anew: poll(2), then no more than it surely takes */
};

struct exit_way {
	enum way way;
	int fd;
	dev_t device; /* of the file that the stream is */
	ino_t inode;
};

/* Bytes for one of the streams. */
struct piece {
	STAILQ_ENTRY(piece) link;
	struct text bytes;
	size_t done; /* bytes that are written */
	int stream;
};

struct outlet {
	struct exit_way out[2];
	STAILQ_HEAD(, piece) pieces;
	size_t left;
	unsigned turn; /* of the streams that `out` are ways to */
};

static unsigned stream_turn; /* rises whenever they change */

static struct exit_way
find_way(int fd)
{
	struct exit_way found = {.way = WAY_PLAIN, .fd = fd};
	struct stat status;
	char path[32];

	if (fstat(fd, &status) != 0) {
		return found;
	}
	found.device = status.st_dev;
	found.inode = status.st_ino;
	if (S_ISSOCK(status.st_mode)) {
		found.way = WAY_SOCKET;
	} else if (S_ISFIFO(status.st_mode) || isatty(fd)) {
		found.way = WAY_ASK;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd >= 0) {
			found.way = WAY_OWN;
			found.fd = fd;
		}
	}
	return found;
}

static void
close_way(struct exit_way *out)
{
	if (out->way == WAY_OWN) {
		fds_close(&out->fd);
	}
}

/* Of those that are still the same file, somebody may wait for the descriptor: they stay. */
static void
find_ways_again(struct outlet *outlet)
{
	for (int i = 0; i < 2; i++) {
		struct exit_way *out = &outlet->out[i];
		struct stat status;

		if (fstat(i + 1, &status) != 0 || status.st_dev != out->device ||
		    status.st_ino != out->inode) {
			close_way(out);
			*out = find_way(i + 1);
		}
	}
	outlet->turn = stream_turn;
}

struct outlet *
outlet_new(void)
{
	struct outlet *outlet = calloc(1, sizeof(*outlet));

	if (outlet == NULL) {
		err(3, "output");
	}
	STAILQ_INIT(&outlet->pieces);
	outlet->out[0] = find_way(STDOUT_FILENO);
	outlet->out[1] = find_way(STDERR_FILENO);
	outlet->turn = stream_turn;
	return outlet;
}

void
outlet_streams_changed(void)
{
	stream_turn++;
}

static void
drop_first(struct outlet *outlet)
{
	struct piece *first = STAILQ_FIRST(&outlet->pieces);

	STAILQ_REMOVE_HEAD(&outlet->pieces, link);
	text_free(&first->bytes);
	free(first);
}

void
outlet_free(struct outlet *outlet)
{
	while (!STAILQ_EMPTY(&outlet->pieces)) {
		drop_first(outlet);
	}
	close_way(&outlet->out[0]);
	close_way(&outlet->out[1]);
	free(outlet);
}

void
outlet_put(struct outlet *outlet, int stream, struct span bytes)
{
	struct piece *last = STAILQ_LAST(&outlet->pieces, piece, link);

	if (bytes.len == 0) {
		return;
	}
	if (last == NULL || last->stream != stream || last->bytes.len >= PIECE_MOST) {
		last = calloc(1, sizeof(*last));
		if (last == NULL) {
			err(3, "output");
		}
		last->stream = stream;
		STAILQ_INSERT_TAIL(&outlet->pieces, last, link);
	}
	text_span(&last->bytes, bytes);
	outlet->left += bytes.len;
}

size_t
outlet_left(const struct outlet *outlet)
{
	return outlet->left;
}

int
outlet_stream(const struct outlet *outlet)
{
	return STAILQ_EMPTY(&outlet->pieces) ? 1 : STAILQ_FIRST(&outlet->pieces)->stream;
}

int
outlet_waits(const struct outlet *outlet)
{
	return outlet->left == 0 ? -1 : outlet->out[outlet_stream(outlet) - 1].fd;
}

static ssize_t
write_some(const struct exit_way *out, const char *bytes, size_t len)
{
	struct pollfd ready = {.fd = out->fd, .events = POLLOUT};

	switch (out->way) {
	case WAY_SOCKET:
		return send(out->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	case WAY_ASK:
		if (poll(&ready, 1, 0) == 0) {
			errno = EAGAIN;
			return -1;
		}
		return write(out->fd, bytes, len < PIPE_BUF ? len : PIPE_BUF);
	case WAY_PLAIN:
	case WAY_OWN:
		break;
	}
	return write(out->fd, bytes, len);
}

bool
outlet_flush(struct outlet *outlet)
{
	struct piece *first;

	if (outlet->turn != stream_turn) {
		find_ways_again(outlet);
	}
	while ((first = STAILQ_FIRST(&outlet->pieces)) != NULL) {
		ssize_t wrote =
		    write_some(&outlet->out[first->stream - 1], first->bytes.data + first->done,
			       first->bytes.len - first->done);

		if (wrote < 0 && errno != EINTR) {
			return errno == EAGAIN;
		}
		if (wrote > 0) {
			first->done += (size_t)wrote;
			outlet->left -= (size_t)wrote;
		}
		if (first->done == first->bytes.len) {
			drop_first(outlet);
		}
	}
	return true;
}

bool
outlet_drain(struct outlet *outlet, int patience)
{
	while (outlet_flush(outlet)) {
		struct pollfd ready = {.fd = outlet_waits(outlet), .events = POLLOUT};

		if (outlet->left == 0) {
			return true;
		}
		if (poll(&ready, 1, patience) == 0) {
			errno = EAGAIN;
			return false;
		}
	}
	return false;
}
