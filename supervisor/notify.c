/* SPDX-License-Identifier: ISC */
/* notify: see notify.h. In the supervisor, of stintd. */
#include "supervisor/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ipc/fds.h"

static struct {
	int fd;
	struct sockaddr_un address;
	socklen_t len;
	int64_t watchdog_us;
} notify = {.fd = -1};

/* A path, or the name of an abstract socket behind an @. */
static bool
take_address(const char *name, struct text *error)
{
	size_t len = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || len < 2 ||
	    len >= sizeof(notify.address.sun_path)) {
		text_printf(
		    error,
		    "NOTIFY_SOCKET is \"%.40s\": neither a path nor an abstract socket of at "
		    "most %zu bytes",
		    name, sizeof(notify.address.sun_path) - 1);
		return false;
	}
	memset(&notify.address, 0, sizeof(notify.address));
	notify.address.sun_family = AF_UNIX;
	memcpy(notify.address.sun_path, name, len);
	notify.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (name[0] == '/'));
	if (name[0] == '@') {
		notify.address.sun_path[0] = '\0';
	}
	return true;
}

/* 0: it is not set, not for us, or no number. */
static int64_t
watchdog(void)
{
	const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	char *end;
	long long value;

	if (us == NULL || (pid != NULL && strtoll(pid, NULL, 10) != getpid())) {
		return 0;
	}
	errno = 0;
	value = strtoll(us, &end, 10);
	return errno == 0 && *us != '\0' && *end == '\0' && value > 0 ? value : 0;
}

bool
notify_open(struct text *error)
{
	const char *name = getenv("NOTIFY_SOCKET");
	bool good = true;

	notify_close();
	if (name != NULL && name[0] != '\0') {
		good = take_address(name, error);
		notify.watchdog_us = watchdog();
		notify.fd = good ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
		if (good && notify.fd < 0) {
			text_printf(error, "NOTIFY_SOCKET: %s", strerror(errno));
			good = false;
		}
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return good;
}

void
notify_close(void)
{
	fds_close(&notify.fd);
	notify.watchdog_us = 0;
}

void
notify_send(const char *format, ...)
{
	char line[1024];
	va_list args;
	int len;

	if (notify.fd < 0) {
		return;
	}
	va_start(args, format);
	len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (len > 0) {
		/* One that does not get there is made good by the next; nobody is waited for. */
		sendto(notify.fd, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT,
		       (const struct sockaddr *)&notify.address, notify.len);
	}
}

int64_t
notify_watchdog_us(void)
{
	return notify.watchdog_us;
}
