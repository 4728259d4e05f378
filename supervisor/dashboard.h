/* SPDX-License-Identifier: ISC */
/*
 * dashboard: the daemon as browsers and other programs see it over HTTP: a page, an interface under
 * /api/v1, metrics, events. Off unless the configuration has an address; on the loopback only, with
 * a token; stint-dashboard(7) is its contract. In the supervisor, of stintd.
 */
#ifndef SUPERVISOR_DASHBOARD_H
#define SUPERVISOR_DASHBOARD_H

#include "ipc/text.h"

struct daemon_config;
struct dashboard;
struct event_base;
struct queue;

/*
 * Listens on config->http, which must not be NULL. The configuration stays the caller's and valid.
 * NULL: `error` says why not, and what to do.
 */
struct dashboard *dashboard_new(struct event_base *, struct queue *, const struct daemon_config *,
				struct text *error);
void dashboard_free(struct dashboard *); /* before the queue is; its connections are dropped */

const char *dashboard_url(const struct dashboard *); /* "http://127.0.0.1:7433/" */

#endif
