/* SPDX-License-Identifier: ISC */
/* submit_source: see submit_source.h. In the client. */
#include "supervisor/submit_source.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "ipc/message.h"
#include "supervisor/jobfile_check.h"
#include "supervisor/line_source.h"
#include "supervisor/options_value.h"
#include "supervisor/supervisor.h"

#define PIECE ((size_t)256 << 10)

static const char *
shown(const struct submit_source *source)
{
	return strcmp(source->path, "-") == 0 ? "stdin" : options_shown(source->path);
}

/* It is no job file. Whoever knows sbatch(1) gives a script. */
static _Noreturn void
fail_invalid(const struct submit_source *source)
{
	const char *path = source->path;

	if (strcmp(path, "-") != 0 && access(path, X_OK) == 0) {
		warnx("to run %s: stint submit -- %s%s", shown(source),
		      strchr(path, '/') == NULL ? "./" : "", shown(source));
	}
	exit(EXIT_USAGE);
}

static void
fill(struct submit_source *source)
{
	ssize_t got;

	text_reserve(&source->bytes, PIECE);
	do {
		got = read(source->fd, source->bytes.data + source->bytes.len, PIECE);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		err(EXIT_USAGE, "%s", shown(source));
	}
	source->ended = got == 0;
	source->bytes.len += (size_t)got;
}

/* The first line that is not blank, as far as it takes to tell what the input is. */
static struct span
first_line(struct submit_source *source)
{
	size_t begin = 0, scanned = 0;

	for (;;) {
		const char *at = source->bytes.data, *newline = NULL;

		if (source->bytes.len > scanned) {
			newline = memchr(at + scanned, '\n', source->bytes.len - scanned);
		}
		scanned = newline == NULL ? source->bytes.len : (size_t)(newline - at);
		if (newline != NULL && line_is_blank((struct span){at + begin, scanned - begin})) {
			begin = ++scanned;
			continue;
		}
		if (newline != NULL || source->ended || scanned - begin > MESSAGE_LINE_MAX) {
			return begin == scanned ? SPAN_EMPTY
						: (struct span){at + begin, scanned - begin};
		}
		fill(source);
	}
}

/* What was read is the input, or begins it: it is opened as `stint run` would. */
static void
check(struct submit_source *source, bool stream)
{
	int fd = memfd_create("job", MFD_CLOEXEC);
	struct text error = TEXT_INIT;
	struct jobfile *jobfile;

	if (fd < 0 || !fds_write_all(fd, source->bytes.data, source->bytes.len) ||
	    lseek(fd, 0, SEEK_SET) != 0) {
		err(EXIT_SYSTEM, "%s: cannot be checked", shown(source));
	}
	jobfile = jobfile_open_fd(fd, shown(source), NULL, &error);
	if (jobfile == NULL) {
		text_terminate(&error);
		warnx("%s", error.data);
		fail_invalid(source);
	}
	if (!stream && !jobfile_check(jobfile, shown(source), &source->tasks)) {
		fail_invalid(source);
	}
	source->name = strdup(jobfile_name(jobfile));
	if (source->name == NULL) {
		err(EXIT_SYSTEM, "%s", shown(source));
	}
	jobfile_free(jobfile);
}

void
submit_source_open(struct submit_source *source, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0, stream;
	struct stat info;

	*source = (struct submit_source){.path = path, .fd = STDIN_FILENO};
	if (!is_stdin) {
		source->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	}
	if (source->fd < 0 && errno == ENOENT) {
		errx(EXIT_USAGE, "%s: no such job file; if it is a command: stint submit -- %s",
		     shown(source), shown(source));
	}
	if (source->fd < 0 || fstat(source->fd, &info) != 0) {
		err(EXIT_USAGE, "%s", shown(source));
	}
	if (S_ISDIR(info.st_mode)) {
		errx(EXIT_USAGE, "%s: is a directory; name a job file in it", shown(source));
	}
	stream = jobfile_begins_stream(first_line(source));
	while (!stream && !source->ended) {
		fill(source);
	}
	check(source, stream);
}

void
submit_source_close(struct submit_source *source)
{
	if (source->fd > STDERR_FILENO) {
		fds_close(&source->fd);
	}
	text_free(&source->bytes);
	free(source->name);
}

bool
submit_source_next(struct submit_source *source, struct span *piece)
{
	size_t left = source->bytes.len - source->at, len;

	if (source->at > 0 && left < PIECE && !source->ended) {
		text_drop_front(&source->bytes, source->at);
		source->before += source->at;
		source->at = 0;
	}
	while (!source->ended && source->bytes.len - source->at < PIECE) {
		fill(source);
	}
	left = source->bytes.len - source->at;
	*piece = (struct span){left == 0 ? "" : source->bytes.data + source->at, left};
	len = text_cut(*piece, PIECE);
	piece->len = len == 0 ? left : len;
	if (!text_is_utf8(piece->at, piece->len)) {
		errx(EXIT_USAGE,
		     "%s: is not UTF-8, somewhere in the %zu bytes behind byte %" PRIu64
		     "; nothing is submitted",
		     shown(source), piece->len, source->before + source->at);
	}
	source->at += piece->len;
	return source->ended && source->at == source->bytes.len;
}
