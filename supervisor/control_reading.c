/* SPDX-License-Identifier: ISC */
/* control_reading: see control_reading.h. In the supervisor, of stintd. */
#include "supervisor/control_reading.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ipc/text.h"

/* Where the last character that is whole ends. */
static size_t
whole(struct span bytes)
{
	size_t from = bytes.len < 4 ? 0 : bytes.len - 4;

	for (size_t i = bytes.len; i > from; i--) {
		unsigned char c = (unsigned char)bytes.at[i - 1];
		size_t needs = c < 0x80 ? 1 : c < 0xc0 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

		if (needs != 0) { /* a character begins there */
			return bytes.len - i + 1 < needs ? i - 1 : bytes.len;
		}
	}
	return bytes.len;
}

ssize_t
control_reading_next(struct control_reading *reading, int fd)
{
	ssize_t got;
	size_t len;

	memmove(reading->bytes, reading->bytes + reading->now, reading->left);
	do {
		got = read(fd, reading->bytes + reading->left, CONTROL_PIECE);
	} while (got < 0 && errno == EINTR);
	len = reading->left + (got < 0 ? 0 : (size_t)got);
	reading->now = got <= 0 ? len : whole((struct span){reading->bytes, len});
	reading->left = len - reading->now;
	return got;
}
