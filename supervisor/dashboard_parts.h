/* SPDX-License-Identifier: ISC */
/* dashboard_parts: what dashboard.c and the files http_*.c that answer share; nobody else's. */
#ifndef SUPERVISOR_DASHBOARD_PARTS_H
#define SUPERVISOR_DASHBOARD_PARTS_H

#include "ipc/text.h"
#include "supervisor/dashboard.h"
#include "supervisor/http_call.h"
#include "supervisor/http_gate.h"
#include "supervisor/queue.h"

struct http_events;

struct dashboard {
	struct event_base *base;
	struct queue *queue;
	struct http_gate *gate;
	struct http_guard guard;
	struct http_events *events;
	unsigned reports; /* that are being made */
	char url[80];
	char token[128];
	char cookie_name[24];
	char cookie[80];
};

#define ROUTE(method, path, name, says) void http_##name(struct dashboard *, struct http_call *);
#include "supervisor/http_routes.def"
#undef ROUTE

/* The job of the path; NULL: there is none, and the call was answered so. */
const struct queue_job *http_find_job(struct dashboard *, struct http_call *);

struct http_events *http_events_new(struct dashboard *);
void http_events_free(struct http_events *);
unsigned http_events_readers(const struct http_events *);

#endif
