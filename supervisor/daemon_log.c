/* SPDX-License-Identifier: ISC */
/* daemon_log: see daemon_log.h. In the supervisor, of stintd. */
#include "supervisor/daemon_log.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/daemon_paths.h"

#define MESSAGE_MOST 4096
#define FILE_MOST    (16 << 20) /* a larger one is put aside when the log is opened */

static struct {
	struct daemon_log_target target;
	int fd;       /* of stderr or a file */
	bool journal; /* stderr is the journal */
} logger = {.target = {.kind = LOG_TO_STDERR, .level = DAEMON_NOTICE}, .fd = STDERR_FILENO};

static const char *
level_word(enum log_level level)
{
	static const char *const words[] = {"error", "warning", "notice", "info", "debug"};

	return words[level - DAEMON_ERROR];
}

/* systemd says which file its end of our stderr is: behind a redirection it is another one. */
static bool
is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[64];
	struct stat info;

	if (stream == NULL || fstat(fd, &info) != 0) {
		return false;
	}
	snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)info.st_dev, (uintmax_t)info.st_ino);
	return strcmp(stream, ours) == 0;
}

static int
open_file(const char *path, struct text *error)
{
	int fd = daemon_paths_open(path, O_WRONLY | O_APPEND | O_CREAT, error);
	char old[DAEMON_PATH_MOST + 8];
	struct stat info;

	if (fd >= 0 && fstat(fd, &info) == 0 && info.st_size > FILE_MOST) {
		snprintf(old, sizeof(old), "%s.old", path);
		if (rename(path, old) == 0) {
			close(fd);
			fd = daemon_paths_open(path, O_WRONLY | O_APPEND | O_CREAT, error);
		}
	}
	return fd;
}

static void
close_target(void)
{
	if (logger.target.kind == LOG_TO_SYSLOG) {
		closelog();
	} else if (logger.target.kind == LOG_TO_FILE) {
		fds_close(&logger.fd);
	}
}

bool
daemon_log_open(const struct daemon_log_target *target, struct text *error)
{
	int fd = STDERR_FILENO;

	if (target->kind == LOG_TO_FILE) {
		fd = open_file(target->file, error);
		if (fd < 0) {
			return false;
		}
	}
	close_target();
	logger.target = *target;
	logger.target.file = NULL; /* the caller's string */
	logger.fd = fd;
	logger.journal = target->kind == LOG_TO_STDERR && is_journal(fd);
	if (target->kind == LOG_TO_SYSLOG) {
		openlog("stintd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	}
	return true;
}

void
daemon_log_close(void)
{
	close_target();
	logger.target = (struct daemon_log_target){.kind = LOG_TO_STDERR, .level = DAEMON_NOTICE};
	logger.fd = STDERR_FILENO;
	logger.journal = false;
}

void
daemon_log_start_error(char *message)
{
	if (is_journal(STDERR_FILENO)) {
		fprintf(stderr, "<%d>%s\n", (int)DAEMON_ERROR, text_printable(message));
	} else {
		warnx("%s", text_printable(message));
	}
}

int
daemon_log_fd(void)
{
	return logger.target.kind == LOG_TO_FILE ? logger.fd : -1;
}

bool
daemon_log_wants(enum log_level level)
{
	return level <= logger.target.level;
}

/* In place: one line that does nothing to a terminal, in UTF-8. */
static void
make_harmless(char *message)
{
	unsigned char *at = (unsigned char *)text_printable(message);

	if (!text_is_utf8(message, strlen(message))) {
		for (; *at != '\0'; at++) {
			*at = *at < 0x80 ? *at : '?';
		}
		return;
	}
	for (; *at != '\0'; at++) { /* U+0080 .. U+009F are control characters, too */
		if (at[0] == 0xc2 && at[1] < 0xa0) {
			at[0] = at[1] = '?';
		}
	}
}

static void
put_time(struct text *line, char separator)
{
	char date[32];
	struct timespec now;
	struct tm utc;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	text_printf(line, "%s.%06ldZ", date, now.tv_nsec / 1000);
	text_char(line, separator);
}

static void
put_text(struct text *line, enum log_level level, const char *message)
{
	if (logger.journal) {
		text_printf(line, "<%d>%s\n", (int)level, message);
		return;
	}
	if (logger.target.kind == LOG_TO_FILE) {
		put_time(line, ' ');
		text_printf(line, "stintd[%d]: ", (int)getpid());
	} else {
		text_string(line, "stintd: ");
	}
	if (level == DAEMON_WARNING || level == DAEMON_DEBUG) {
		text_printf(line, "%s: ", level_word(level));
	}
	text_printf(line, "%s\n", message);
}

static void
put_json(struct text *line, enum log_level level, const char *message)
{
	if (logger.journal) {
		text_printf(line, "<%d>", (int)level);
	}
	text_string(line, "{\"time\":\"");
	put_time(line, '"');
	text_printf(line, ",\"level\":\"%s\",\"pid\":%d,\"message\":", level_word(level),
		    (int)getpid());
	text_json_string(line, message, strlen(message));
	text_string(line, "}\n");
}

void
daemon_log(enum log_level level, const char *format, ...)
{
	char message[MESSAGE_MOST];
	struct text line = TEXT_INIT;
	int saved = errno, len;
	va_list args;

	if (!daemon_log_wants(level)) {
		return;
	}
	va_start(args, format);
	len = vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (len >= (int)sizeof(message)) {
		size_t cut =
		    text_cut((struct span){message, sizeof(message) - 1}, sizeof(message) - 4);

		memcpy(message + cut, "...", 4);
	}
	make_harmless(message);
	if (logger.target.json) {
		put_json(&line, level, message);
	} else if (logger.target.kind != LOG_TO_SYSLOG) {
		put_text(&line, level, message);
	}
	if (logger.target.kind != LOG_TO_SYSLOG) {
		fds_write_all(logger.fd, line.data, line.len); /* whom else to tell? */
	} else if (line.len > 0) {
		syslog((int)level, "%.*s", (int)line.len - 1, line.data);
	} else {
		syslog((int)level, "%s", message);
	}
	text_free(&line);
	errno = saved;
}
