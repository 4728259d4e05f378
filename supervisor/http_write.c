/* SPDX-License-Identifier: ISC */
/*
 * http_write: what can be changed through the dashboard, where the configuration allows it, and the
 * way in and out of its page. In the supervisor, of stintd.
 */
#include <stdlib.h>
#include <string.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "supervisor/daemon_log.h"
#include "supervisor/dashboard_parts.h"

/* ---- the body: a small object ----------------------------------------------------------------- */

struct wish {
	char *task; /* plain; NULL: none */
	char *token;
	bool kill, failed;
};

static const char *
take_bool(struct span value, bool *to)
{
	*to = span_is(value, "true");
	return *to || span_is(value, "false") ? NULL : "kill and failed must be true or false";
}

static const char *
take_string(struct span value, char **to)
{
	size_t len;

	free(*to);
	*to = NULL;
	if (value.len < 2 || value.at[0] != '"' || !json_value_string(value, to, &len) ||
	    strlen(*to) != len) {
		return "task and token must be strings";
	}
	return NULL;
}

/* NULL, or what is wrong. An empty body wishes nothing special. `known`: the keys that may come. */
static const char *
read_wish(struct span body, const char *known, struct wish *wish)
{
	struct json_members members;
	struct span key, value;
	const char *wrong = NULL;

	if (body.len == 0) {
		return NULL;
	}
	if (!json_members_begin(&members, body)) {
		return "the body must be an object of JSON";
	}
	while (wrong == NULL && json_members_next(&members, &key, &value)) {
		bool here = key.len > 0 && memmem(known, strlen(known), key.at, key.len) != NULL;

		if (here && span_is(key, "task")) {
			wrong = take_string(value, &wish->task);
		} else if (here && span_is(key, "token")) {
			wrong = take_string(value, &wish->token);
		} else if (here && span_is(key, "kill")) {
			wrong = take_bool(value, &wish->kill);
		} else if (here && span_is(key, "failed")) {
			wrong = take_bool(value, &wish->failed);
		} else {
			wrong = "the body has a key that is not known here";
		}
	}
	return wrong != NULL || !members.failed ? wrong : "the body must be an object of JSON";
}

static void
wish_free(struct wish *wish)
{
	free(wish->task);
	if (wish->token != NULL) {
		explicit_bzero(wish->token, strlen(wish->token));
	}
	free(wish->token);
}

/* ---- changes ---------------------------------------------------------------------------------- */

static void
done(void *context, const char *error)
{
	struct http_call *call = context;
	struct text body = TEXT_INIT;

	if (http_call_open(call) && error != NULL) {
		http_answer_error(call, 409, "%s", error);
	} else if (http_call_open(call)) {
		text_string(&body, "{\"ok\":true}\n");
		http_answer_json(call, 200, &body);
	}
	http_call_release(call);
}

/* Whether there is a wish that can be carried out; the call is held then. */
static bool
begin(struct dashboard *dashboard, struct http_call *call, const char *known, struct wish *wish)
{
	const char *wrong;

	if (call->job != 0 && http_find_job(dashboard, call) == NULL) {
		return false;
	}
	wrong = read_wish(call->body, known, wish);
	if (wrong != NULL) {
		http_answer_error(call, 400, "%s", wrong);
		wish_free(wish);
		return false;
	}
	daemon_log(DAEMON_INFO, "dashboard: %.*s", (int)call->asked.target.len,
		   call->asked.target.at);
	http_call_hold(call);
	return true;
}

void
http_cancel(struct dashboard *dashboard, struct http_call *call)
{
	struct wish wish = {.task = NULL};

	if (begin(dashboard, call, "task kill", &wish)) {
		queue_cancel(dashboard->queue, call->job, wish.task, wish.kill, done, call);
		wish_free(&wish);
	}
}

void
http_retry(struct dashboard *dashboard, struct http_call *call)
{
	struct wish wish = {.failed = false};

	if (begin(dashboard, call, "failed", &wish)) {
		queue_retry(dashboard->queue, call->job, wish.failed, done, call);
		wish_free(&wish);
	}
}

void
http_pause(struct dashboard *dashboard, struct http_call *call)
{
	struct wish wish = {.task = NULL};

	if (begin(dashboard, call, "", &wish)) {
		queue_pause(dashboard->queue, call->job, done, call);
		wish_free(&wish);
	}
}

void
http_resume(struct dashboard *dashboard, struct http_call *call)
{
	struct wish wish = {.task = NULL};

	if (begin(dashboard, call, "", &wish)) {
		queue_resume(dashboard->queue, call->job, done, call);
		wish_free(&wish);
	}
}

/* ---- the way in, and out ---------------------------------------------------------------------- */

static void
set_cookie(struct dashboard *dashboard, struct http_call *call, const char *value, const char *more)
{
	struct text cookie = TEXT_INIT;

	text_printf(&cookie, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s", dashboard->cookie_name,
		    value, more);
	text_terminate(&cookie);
	http_call_header(call, "Set-Cookie", cookie.data);
	text_free(&cookie);
}

static void
answer_in(struct http_call *call)
{
	struct text body = TEXT_INIT;

	text_string(&body, "{\"ok\":true}\n");
	http_answer_json(call, 200, &body);
}

void
http_login(struct dashboard *dashboard, struct http_call *call)
{
	struct wish wish = {.token = NULL};
	const char *wrong = read_wish(call->body, "token", &wish);

	if (wrong != NULL) {
		http_answer_error(call, 400, "%s", wrong);
	} else if (wish.token == NULL ||
		   !http_guard_same(span_of(wish.token), dashboard->guard.token)) {
		daemon_log(DAEMON_WARNING, "dashboard: somebody came with a wrong token");
		http_answer_error(call, 401, "that is not the token");
	} else {
		set_cookie(dashboard, call, dashboard->cookie, "");
		answer_in(call);
	}
	wish_free(&wish);
}

void
http_logout(struct dashboard *dashboard, struct http_call *call)
{
	set_cookie(dashboard, call, "", "; Max-Age=0");
	answer_in(call);
}
