/* SPDX-License-Identifier: ISC */
/* worker_proc: see worker_proc.h. In the supervisor. */
#include "supervisor/worker_proc.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/channel.h"
#include "ipc/fds.h"
#include "ipc/json_scan.h"
#include "ipc/json_value.h"

#define PIPE_SIZE (256 << 10)

#define STOPPED_MOST 5 /* seconds that a worker may be stopped by others */

struct worker_proc {
	const struct worker_events *events;
	void *context;
	struct channel *channel;
	pid_t pid;
	int number;
	int status;
	bool greeted;
	bool said_bye;
	bool ended;  /* the pipe */
	bool reaped; /* the process */
	bool useful;
	bool suspends;
	bool blameless;   /* its end has nothing to do with its tasks */
	unsigned stopped; /* for how many seconds, and one; 0: it goes */
	char why[256];    /* "": it ended as it was asked to */
};

static void
note(struct worker_proc *worker, const char *why)
{
	if (worker->why[0] == '\0') {
		snprintf(worker->why, sizeof(worker->why), "%s", why);
	}
}

/* How it ended, in words, unless a better reason is known. */
static void
note_status(struct worker_proc *worker)
{
	char why[64];

	if (WIFSIGNALED(worker->status)) {
		const char *name = sigabbrev_np(WTERMSIG(worker->status));

		snprintf(why, sizeof(why), "was killed by SIG%s", name == NULL ? "?" : name);
		note(worker, why);
	} else if (!worker->said_bye) {
		snprintf(why, sizeof(why), "ended with exit status %d",
			 WEXITSTATUS(worker->status));
		note(worker, why);
	}
}

static void
check_over(struct worker_proc *worker)
{
	if (worker->ended && worker->reaped) {
		bool killed = worker->why[0] == '\0' && WIFSIGNALED(worker->status) &&
			      WTERMSIG(worker->status) == SIGKILL;
		struct worker_end end;

		note_status(worker);
		end = (struct worker_end){.why = worker->why[0] == '\0' ? NULL : worker->why,
					  .greeted = worker->greeted,
					  .blamed = !worker->blameless,
					  .killed = killed,
					  .torn = channel_torn(worker->channel)};

		worker->events->lost(worker->context, worker->number, &end);
	}
}

void
worker_proc_kill(struct worker_proc *worker, const char *why)
{
	note(worker, why);
	if (!worker->reaped) {
		kill(worker->pid, SIGKILL);
	}
}

void
worker_proc_suspend(struct worker_proc *worker)
{
	if (!worker->reaped) {
		kill(worker->pid, worker->suspends ? SIGNAL_SUSPEND : SIGSTOP);
	}
}

void
worker_proc_stopped(struct worker_proc *worker, bool stopped)
{
	worker->stopped = stopped;
}

void
worker_proc_second(struct worker_proc *worker)
{
	char why[64];

	if (worker->stopped == 0 || worker->stopped++ < STOPPED_MOST) {
		return;
	}
	worker->blameless = true;
	snprintf(why, sizeof(why), "was stopped for %d seconds", STOPPED_MOST);
	worker_proc_kill(worker, why);
}

static void
take_caps(struct span array, struct worker_caps *caps)
{
	struct json_members elements;
	struct span value;

	json_elements_begin(&elements, array);
	while (json_elements_next(&elements, &value)) {
		caps->queues |= span_is(value, "\"queue\"");
		caps->recalls |= span_is(value, "\"recall\"");
		caps->measures |= span_is(value, "\"measure\"");
		caps->suspends |= span_is(value, "\"suspend\"");
	}
}

static void
note_error(struct worker_proc *worker, struct span error)
{
	struct text why = TEXT_INIT;

	text_string(&why, "ended: ");
	json_value_append(&why, error);
	text_terminate(&why);
	note(worker, text_printable(why.data));
	text_free(&why);
}

static const char *
take_hello(struct worker_proc *worker, const struct message *message)
{
	struct worker_caps caps = {.queues = false};

	if (message->version != MESSAGE_VERSION) {
		return "speaks another version of the protocol than stint";
	}
	worker->greeted = true;
	if (MESSAGE_HAS(message, capabilities)) {
		take_caps(message->capabilities, &caps);
	}
	worker->suspends = caps.suspends;
	worker->events->hello(worker->context, worker->number, &caps);
	return NULL;
}

static const char *
take_message(struct worker_proc *worker, const struct message *message)
{
	switch (message->type) {
	case MESSAGE_hello:
		return take_hello(worker, message);
	case MESSAGE_bye:
		worker->said_bye = true;
		if (MESSAGE_HAS(message, error)) {
			note_error(worker, message->error);
		}
		return NULL;
	default:
		break;
	}
	if (!worker->greeted) {
		return "did not begin with `hello`";
	}
	worker->useful |= message->type == MESSAGE_result;
	return worker->events->message(worker->context, worker->number, message);
}

static bool
on_line(void *arg, struct span line)
{
	struct worker_proc *worker = arg;
	struct message message;
	const char *wrong = message_decode(line, MESSAGE_UP, &message);
	char why[256];

	if (wrong == NULL) {
		wrong = take_message(worker, &message);
	}
	if (wrong == NULL) {
		return true;
	}
	snprintf(why, sizeof(why), "sent what is not to be understood (%s): %.*s", wrong,
		 (int)(line.len < 80 ? line.len : 80), line.at);
	worker_proc_kill(worker, text_printable(why));
	worker->ended = true; /* as far as we are concerned */
	return false;
}

static void
on_batch(void *arg)
{
	struct worker_proc *worker = arg;

	worker->events->batch(worker->context);
}

static void
on_closed(void *arg, const char *why)
{
	struct worker_proc *worker = arg;

	worker->ended = true;
	if (why != NULL) {
		worker_proc_kill(worker, why);
	}
	if (!worker->said_bye && !worker->reaped) {
		kill(worker->pid, SIGKILL); /* it cannot be talked to any more */
	}
	check_over(worker);
}

/*
 * Its fds 0 and 1 are the pipes, its stderr is ours; signals as at login. Its number is in the name
 * that ps shows: setproctitle(3) in the worker would overwrite its environment, by which the guard
 * knows it.
 */
static int
start_process(const char *program, int number, int in, int out, pid_t *pid)
{
	char title[32], *argv[] = {title, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int error;

	snprintf(title, sizeof(title), "stint-worker: %d", number);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	error = posix_spawn(pid, program, &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

static void
send_setup(struct worker_proc *worker, const struct worker_setup *setup)
{
	struct text *out = channel_out(worker->channel);

	message_begin(out, MESSAGE_setup);
	message_uint(out, FIELD_version, MESSAGE_VERSION);
	message_uint(out, FIELD_worker, (uint64_t)worker->number);
	message_string(out, FIELD_job, setup->job);
	message_string(out, FIELD_model, setup->model);
	message_uint(out, FIELD_threads, setup->threads);
	message_uint(out, FIELD_cores, setup->cores);
	message_string(out, FIELD_output, setup->output);
	message_uint(out, FIELD_record_output, setup->record_output);
	message_end(out);
}

struct worker_proc *
worker_proc_start(struct event_base *base, const struct worker_setup *setup, int number,
		  const struct worker_events *events, void *context)
{
	static const struct channel_events channel_events = {on_line, on_batch, on_closed};
	int down[2] = {-1, -1}, up[2] = {-1, -1}, error = 0;
	struct worker_proc *worker = calloc(1, sizeof(*worker));

	if (worker == NULL || !fds_pipe(down, PIPE_SIZE) || !fds_pipe(up, PIPE_SIZE)) {
		error = errno;
		goto fail;
	}
	worker->events = events;
	worker->context = context;
	worker->number = number;
	worker->channel =
	    channel_new(base, up[0], down[1], MESSAGE_LINE_MAX, &channel_events, worker);
	if (worker->channel == NULL) {
		error = errno;
		goto fail;
	}
	up[0] = down[1] = -1; /* the channel's now */
	error = start_process(setup->program, number, down[0], up[1], &worker->pid);
	if (error != 0) {
		goto fail;
	}
	fds_close(&down[0]);
	fds_close(&up[1]);
	send_setup(worker, setup);
	return worker;
fail:
	for (int i = 0; i < 2; i++) {
		fds_close(&down[i]);
		fds_close(&up[i]);
	}
	if (worker != NULL) {
		channel_free(worker->channel);
		free(worker);
	}
	errno = error;
	return NULL;
}

void
worker_proc_free(struct worker_proc *worker)
{
	if (worker == NULL) {
		return;
	}
	if (!worker->reaped) {
		kill(worker->pid, SIGKILL);
		waitpid(worker->pid, NULL, 0);
	}
	channel_free(worker->channel);
	free(worker);
}

struct text *
worker_proc_out(struct worker_proc *worker)
{
	return channel_out(worker->channel);
}

void
worker_proc_flush(struct worker_proc *worker)
{
	int error;

	channel_flush(worker->channel);
	error = channel_failed(worker->channel);
	if (error != 0 && error != EPIPE) { /* what is lost of its tasks is sent to another */
		worker->blameless = true;
		worker_proc_kill(worker, strerror(error));
	}
}

void
worker_proc_pause(struct worker_proc *worker, bool paused)
{
	channel_pause(worker->channel, paused);
}

size_t
worker_proc_unsent(const struct worker_proc *worker)
{
	return channel_unsent(worker->channel);
}

pid_t
worker_proc_pid(const struct worker_proc *worker)
{
	return worker->pid;
}

/* What it had still to say is read to its end, by the loop, before it counts as gone. */
void
worker_proc_reaped(struct worker_proc *worker, int status)
{
	worker->reaped = true;
	worker->status = status;
	check_over(worker);
}

void
worker_proc_shutdown(struct worker_proc *worker)
{
	struct text *out = channel_out(worker->channel);

	message_begin(out, MESSAGE_shutdown);
	message_end(out);
	channel_flush(worker->channel);
}

bool
worker_proc_was_useful(const struct worker_proc *worker)
{
	return worker->useful;
}

bool
worker_proc_greeted(const struct worker_proc *worker)
{
	return worker->greeted;
}
