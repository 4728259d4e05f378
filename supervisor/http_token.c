/* SPDX-License-Identifier: ISC */
/* http_token: see http_token.h. In the supervisor, of stintd. */
#include "supervisor/http_token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"

#define RANDOM_BYTES 32

/* 0600 from the beginning; no link is followed, and nothing is written to what was there. */
static int
make(const char *path)
{
	unsigned char random[RANDOM_BYTES];
	struct text hex = TEXT_INIT;
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool good;

	if (fd < 0) {
		return -1;
	}
	arc4random_buf(random, sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++) {
		text_printf(&hex, "%02x", random[i]);
	}
	text_char(&hex, '\n');
	good =
	    fds_write_all(fd, hex.data, hex.len) && fsync(fd) == 0 && lseek(fd, 0, SEEK_SET) == 0;
	explicit_bzero(hex.data, hex.len);
	text_free(&hex);
	if (!good) {
		int why = errno;

		unlink(path);
		fds_close(&fd);
		errno = why;
	}
	return fd;
}

static const char *
wrong_with(int fd)
{
	struct stat info;

	if (fstat(fd, &info) != 0) {
		return strerror(errno);
	}
	if (!S_ISREG(info.st_mode)) {
		return "it is not a file";
	}
	if (info.st_uid != geteuid() && info.st_uid != 0) {
		return "it is somebody else's; chown it";
	}
	if ((info.st_mode & 077) != 0) {
		return "others can read it, and may have; remove it, and a new one will be made";
	}
	return NULL;
}

/* The first line, without white space around it. */
static const char *
take(int fd, char *token)
{
	char bytes[HTTP_TOKEN_MOST + 2];
	ssize_t got = read(fd, bytes, sizeof(bytes) - 1);
	size_t len;

	if (got < 0) {
		return strerror(errno);
	}
	bytes[got] = '\0';
	len = strcspn(bytes, " \t\r\n");
	if (len < HTTP_TOKEN_LEAST || len > HTTP_TOKEN_MOST || bytes[len] == '\0' ||
	    strspn(bytes + len, " \t\r\n") != (size_t)got - len) {
		return "it must hold one line, a token of 16 to 127 characters; remove it, and a "
		       "new one will be made";
	}
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] < '!' || bytes[i] > '~') {
			return "the token must be of visible ASCII characters";
		}
	}
	memcpy(token, bytes, len);
	token[len] = '\0';
	return NULL;
}

bool
http_token_read(const char *path, char *token, struct text *error)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const char *why;

	if (fd < 0 && errno == ENOENT) {
		fd = make(path);
	}
	if (fd < 0) {
		why = errno == ELOOP ? "it is a symbolic link" : strerror(errno);
	} else {
		why = wrong_with(fd);
		why = why != NULL ? why : take(fd, token);
	}
	fds_close(&fd);
	if (why != NULL) {
		text_printf(error, "the token of the dashboard: %s: %s", path, why);
	}
	return why == NULL;
}
