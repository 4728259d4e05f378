/* SPDX-License-Identifier: ISC */
/* store_wire: see store_wire.h. In stintd and in the store's process. */
#include "supervisor/store_wire.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ALIGNED(n) (((n) + 7) & ~(size_t)7)
#define READ_ROOM  ((size_t)256 << 10)
#define NO_STRING  UINT32_MAX

enum { NAME, FILE_NAME, DIRECTORY, REASON, STRINGS };

/* What of a job has a fixed size; behind it the numbers of `after`, then the strings, terminated. */
struct fixed {
	uint32_t length; /* of all of it */
	uint32_t after_count;
	uint32_t strings[STRINGS]; /* bytes without the terminator, or NO_STRING */
	uint64_t number;
	int32_t priority;
	uint32_t weight;
	uint8_t phase;
	uint8_t outcome;
	uint8_t paused;
	uint8_t after_any;
	uint8_t fault;
	uint8_t padding[3];
	int64_t submitted_us, began_us, ended_us;
	uint64_t bytes, total, by_status[STATUSES];
	int64_t wall_us, cpu_us;
	uint64_t result_bytes;
	uint64_t round_bytes, round_all;
};

_Static_assert(sizeof(struct store_head) % 8 == 0 && sizeof(struct fixed) % 8 == 0, "alignment");

static void
pad(struct text *out, size_t from)
{
	static const char zeros[8];

	text_bytes(out, zeros, ALIGNED(out->len - from) - (out->len - from));
}

void
store_wire_put_job(struct text *out, const struct store_job *job)
{
	const char *strings[STRINGS] = {job->name, job->file, job->directory, job->reason};
	size_t from = out->len;
	struct fixed fixed = {
	    .after_count = (uint32_t)job->after_count,
	    .number = job->number,
	    .priority = job->priority,
	    .weight = job->weight,
	    .phase = (uint8_t)job->phase,
	    .outcome = (uint8_t)job->outcome,
	    .paused = job->paused,
	    .after_any = job->after_any,
	    .fault = (uint8_t)job->fault,
	    .submitted_us = job->submitted_us,
	    .began_us = job->began_us,
	    .ended_us = job->ended_us,
	    .bytes = job->bytes,
	    .total = job->total,
	    .wall_us = job->wall_us,
	    .cpu_us = job->cpu_us,
	    .result_bytes = job->result_bytes,
	    .round_bytes = job->round_bytes,
	    .round_all = job->round_all,
	};

	memcpy(fixed.by_status, job->by_status, sizeof(fixed.by_status));
	for (int i = 0; i < STRINGS; i++) {
		fixed.strings[i] = strings[i] == NULL ? NO_STRING : (uint32_t)strlen(strings[i]);
	}
	text_bytes(out, &fixed, sizeof(fixed));
	text_bytes(out, job->after, job->after_count * sizeof(job->after[0]));
	for (int i = 0; i < STRINGS; i++) {
		if (strings[i] != NULL) {
			text_bytes(out, strings[i], fixed.strings[i] + (size_t)1);
		}
	}
	pad(out, from);
	fixed.length = (uint32_t)(out->len - from);
	memcpy(out->data + from, &fixed.length, sizeof(fixed.length));
}

bool
store_wire_take_job(struct span *bytes, struct store_job *job)
{
	const struct fixed *fixed = (const void *)bytes->at;
	const char *strings[STRINGS] = {NULL}, *at;
	size_t left;

	if (bytes->len < sizeof(*fixed) || fixed->length > bytes->len ||
	    fixed->length < sizeof(*fixed) ||
	    fixed->after_count > (fixed->length - sizeof(*fixed)) / sizeof(uint64_t)) {
		return false;
	}
	at = bytes->at + sizeof(*fixed) + fixed->after_count * sizeof(uint64_t);
	left = fixed->length - (size_t)(at - bytes->at);
	for (int i = 0; i < STRINGS; i++) {
		if (fixed->strings[i] == NO_STRING) {
			continue;
		}
		if (fixed->strings[i] >= left || at[fixed->strings[i]] != '\0') {
			return false;
		}
		strings[i] = at;
		at += fixed->strings[i] + (size_t)1;
		left -= fixed->strings[i] + (size_t)1;
	}
	*job = (struct store_job){
	    .number = fixed->number,
	    .name = strings[NAME],
	    .file = strings[FILE_NAME],
	    .directory = strings[DIRECTORY],
	    .reason = strings[REASON],
	    .after = fixed->after_count == 0 ? NULL : (const void *)(fixed + 1),
	    .after_count = fixed->after_count,
	    .after_any = fixed->after_any,
	    .priority = fixed->priority,
	    .weight = fixed->weight,
	    .phase = fixed->phase,
	    .outcome = fixed->outcome,
	    .fault = fixed->fault,
	    .paused = fixed->paused,
	    .submitted_us = fixed->submitted_us,
	    .began_us = fixed->began_us,
	    .ended_us = fixed->ended_us,
	    .bytes = fixed->bytes,
	    .total = fixed->total,
	    .wall_us = fixed->wall_us,
	    .cpu_us = fixed->cpu_us,
	    .result_bytes = fixed->result_bytes,
	    .round_bytes = fixed->round_bytes,
	    .round_all = fixed->round_all != 0,
	};
	memcpy(job->by_status, fixed->by_status, sizeof(job->by_status));
	bytes->at += fixed->length;
	bytes->len -= fixed->length;
	return true;
}

void
store_wire_put(struct text *out, struct store_head *head, const struct store_job *job,
	       struct span bytes)
{
	size_t from = out->len, body;

	text_reserve(out, sizeof(*head) + bytes.len + 8);
	text_bytes(out, head, sizeof(*head));
	body = out->len;
	if (job != NULL) {
		store_wire_put_job(out, job);
		head->job = (uint32_t)(out->len - body);
	}
	text_span(out, bytes);
	head->length = (uint32_t)(out->len - body);
	memcpy(out->data + from, head, sizeof(*head));
	pad(out, from);
}

/* ---- receiving -------------------------------------------------------------------------------- */

static void
keep_fd(struct store_inbox *inbox, int fd)
{
	int *fds = reallocarray(inbox->fds, inbox->fd_count + 1, sizeof(*fds));

	if (fds == NULL) {
		err(3, "store");
	}
	inbox->fds = fds;
	fds[inbox->fd_count++] = fd;
}

/* At most one comes with a message. One that there was no place for counts, as -1. */
static void
take_fd(struct store_inbox *inbox, struct msghdr *message)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(message);
	int fd = -1;

	if (control != NULL && control->cmsg_level == SOL_SOCKET &&
	    control->cmsg_type == SCM_RIGHTS && control->cmsg_len == CMSG_LEN(sizeof(fd))) {
		memcpy(&fd, CMSG_DATA(control), sizeof(fd));
	}
	if (fd >= 0 || (message->msg_flags & MSG_CTRUNC) != 0) {
		keep_fd(inbox, fd);
	}
}

/* How much is worth reading at once: a large frame that has begun is read with few calls. */
static size_t
worth(const struct store_inbox *inbox, size_t most)
{
	size_t have = inbox->bytes.len - inbox->begin, want = READ_ROOM;
	struct store_head head;

	if (have >= sizeof(head)) {
		memcpy(&head, inbox->bytes.data + inbox->begin, sizeof(head));
		if (head.length <= STORE_LONGEST && sizeof(head) + head.length + 8 > have + want) {
			want = sizeof(head) + head.length + 8 - have;
		}
	}
	return want < most ? want : most;
}

enum store_received
store_wire_receive(int fd, struct store_inbox *inbox, size_t most)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec vector;
	struct msghdr message = {.msg_iov = &vector,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	size_t want = worth(inbox, most);
	ssize_t got;

	if (inbox->begin > 0) {
		text_drop_front(&inbox->bytes, inbox->begin);
		inbox->begin = 0;
	}
	text_reserve(&inbox->bytes, want);
	vector.iov_base = inbox->bytes.data + inbox->bytes.len;
	vector.iov_len = want;
	do {
		got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN) {
		return STORE_NOTHING;
	}
	if (got <= 0) {
		return STORE_ENDED;
	}
	take_fd(inbox, &message);
	inbox->bytes.len += (size_t)got;
	return STORE_CAME;
}

bool
store_wire_next(struct store_inbox *inbox, struct store_head *head, struct span *bytes, int *fd,
		bool *bad)
{
	size_t have = inbox->bytes.len - inbox->begin;
	const char *at = inbox->bytes.data + inbox->begin;

	*bad = false;
	*fd = -1;
	if (have < sizeof(*head)) {
		return false;
	}
	memcpy(head, at, sizeof(*head));
	*bad = head->length > STORE_LONGEST || head->message > STORE_BROKEN ||
	       head->job > head->length;
	if (*bad || have < sizeof(*head) + ALIGNED((size_t)head->length)) {
		return false;
	}
	*bytes = (struct span){at + sizeof(*head), head->length};
	inbox->begin += sizeof(*head) + ALIGNED((size_t)head->length);
	if ((head->flags & STORE_WITH_FD) != 0 && inbox->fd_count > 0) {
		*fd = inbox->fds[0];
		inbox->fd_count--;
		memmove(inbox->fds, inbox->fds + 1, inbox->fd_count * sizeof(inbox->fds[0]));
	}
	return true;
}

void
store_wire_free(struct store_inbox *inbox)
{
	for (size_t i = 0; i < inbox->fd_count; i++) {
		if (inbox->fds[i] >= 0) {
			close(inbox->fds[i]);
		}
	}
	free(inbox->fds);
	text_free(&inbox->bytes);
	*inbox = (struct store_inbox){.fds = NULL};
}

/* ---- sending ---------------------------------------------------------------------------------- */

static ssize_t
send_once(int socket, struct span bytes, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS}};
	struct iovec vector = {.iov_base = (void *)(uintptr_t)bytes.at, .iov_len = bytes.len};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};

	if (fd >= 0) {
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL);
}

bool
store_wire_send(int socket, struct span bytes, int fd)
{
	static const struct timespec moment = {.tv_nsec = 1000000};

	while (bytes.len > 0) {
		ssize_t sent = send_once(socket, bytes, fd);

		if (sent >= 0) {
			bytes.at += sent;
			bytes.len -= (size_t)sent;
			fd = -1;
		} else if (errno == EAGAIN) {
			poll(&(struct pollfd){.fd = socket, .events = POLLOUT}, 1, -1);
		} else if (errno == ETOOMANYREFS || errno == ENOBUFS || errno == ENOMEM) {
			/* descriptors that were not received yet, or memory of the kernel */
			nanosleep(&moment, NULL);
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}
