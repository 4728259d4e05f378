/* SPDX-License-Identifier: ISC */
/* control_missed: see control_missed.h. In the supervisor, of stintd. */
#include "supervisor/control_missed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The last bytes of the file, at most *len, which becomes their number. NULL: they cannot be read. */
static char *
read_end(int fd, size_t *len)
{
	struct stat info;
	size_t done = 0;
	char *bytes;

	if (fstat(fd, &info) != 0) {
		return NULL;
	}
	*len = (uint64_t)info.st_size < *len ? (size_t)info.st_size : *len;
	bytes = malloc(*len + 1);
	while (bytes != NULL && done < *len) {
		ssize_t got =
		    pread(fd, bytes + done, *len - done, info.st_size - (off_t)*len + (off_t)done);

		if (got == 0 || (got < 0 && errno != EINTR)) {
			free(bytes);
			return NULL;
		}
		done += got < 0 ? 0 : (size_t)got;
	}
	return bytes;
}

/* Where the last line but those behind `len` begins. */
static size_t
line_before(struct span lines, size_t len)
{
	const char *newline = len < 2 ? NULL : memrchr(lines.at, '\n', len - 1);

	return newline == NULL ? 0 : (size_t)(newline - lines.at) + 1;
}

struct span
control_missed(struct span told, int fd)
{
	size_t len = told.len, known = told.len;
	char *end = read_end(fd, &len);

	while (end != NULL && known > 0 &&
	       (known > len || memcmp(end + len - known, told.at, known) != 0)) {
		known = line_before(told, known);
	}
	known = end == NULL ? 0 : known;
	free(end);
	return (struct span){told.at + known, told.len - known};
}
