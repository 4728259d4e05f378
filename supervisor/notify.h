/* SPDX-License-Identifier: ISC */
/*
 * notify: tells systemd, or whoever else set NOTIFY_SOCKET, how far stintd is: sd_notify(3), of
 * which a message is one datagram. In the supervisor, of stintd.
 */
#ifndef SUPERVISOR_NOTIFY_H
#define SUPERVISOR_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/text.h"

/*
 * Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment, so that no task
 * speaks for us. False: NOTIFY_SOCKET is set to something that cannot be used; `error` says why.
 */
bool notify_open(struct text *error);
void notify_close(void);

/* "READY=1", "STATUS=3 jobs": assignments, a newline between. Nothing happens if nobody wants it. */
void notify_send(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How long without WATCHDOG=1 is too long for systemd; 0: it does not watch. */
int64_t notify_watchdog_us(void);

#endif
