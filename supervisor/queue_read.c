/* SPDX-License-Identifier: ISC */
/*
 * queue_read: the file of a job is read, and checked whole if it is a document, and so is what has
 * come of it in former runs. What is large is read in a thread, one after the other, so that a
 * document of a million tasks holds nobody up. See queue_parts.h. In the supervisor, of stintd.
 *
 * The thread has its reading alone, and touches nothing else of the daemon.
 */
#include <err.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/daemon_log.h"
#include "supervisor/queue_parts.h"
#include "supervisor/supervisor.h"

#define SMALL ((off_t)128 << 10) /* bytes that take less time than a thread is worth */

struct queue_reading {
	STAILQ_ENTRY(queue_reading) link;
	struct queue_active *active; /* not for the thread */
	const char *name; /* of the file, for messages; the job's, which does not change */
	uint64_t round_bytes;
	bool round_all;
	int source, results; /* results -1: there are none */

	struct resume *done;
	struct text unreadable; /* the results, and why */
	struct jobfile *jobfile;
	struct text error; /* why there is no jobfile */

	pthread_t thread;
	int ends[2]; /* a pipe: the thread has ended */
	struct event *ended;
};

static void
read_results(struct queue_reading *reading)
{
	uint64_t end;
	bool unended;

	reading->done = resume_new(WANTED_OPEN);
	resume_set_round(reading->done, reading->round_bytes, reading->round_all);
	resume_read(reading->done, reading->results, reading->name, &end, &unended,
		    &reading->unreadable);
	fds_close(&reading->results);
}

static void
read_both(struct queue_reading *reading)
{
	if (reading->results >= 0) {
		read_results(reading);
	}
	reading->jobfile = jobfile_open_fd(reading->source, reading->name, NULL, &reading->error);
}

/* The job has what was read, and goes on. */
static void
hand_over(struct queue_reading *reading)
{
	struct queue_active *active = reading->active;

	if (reading->unreadable.len > 0) {
		text_terminate(&reading->unreadable);
		daemon_log(DAEMON_ERROR, "job %ju: its results cannot be read: %s",
			   (uintmax_t)active->entry->job.kept.number, reading->unreadable.data);
	}
	active->done = reading->done;
	active->job.jobfile = reading->jobfile;
	text_terminate(&reading->error);
	queue_open_read(active, reading->jobfile == NULL ? reading->error.data : NULL);
	text_free(&reading->unreadable);
	text_free(&reading->error);
	free(reading);
}

/* ---- the thread ------------------------------------------------------------------------------- */

static void *
run(void *arg)
{
	struct queue_reading *reading = arg;

	read_both(reading);
	fds_write_all(reading->ends[1], "", 1);
	return NULL;
}

static void begin_next(struct queue *);

static struct queue_reading *
take_ended(struct queue *queue)
{
	struct queue_reading *reading = STAILQ_FIRST(&queue->readings);

	pthread_join(reading->thread, NULL);
	event_free(reading->ended);
	fds_close(&reading->ends[0]);
	fds_close(&reading->ends[1]);
	STAILQ_REMOVE_HEAD(&queue->readings, link);
	return reading;
}

static void
on_ended(evutil_socket_t fd, short what, void *arg)
{
	struct queue *queue = arg;
	struct queue_reading *reading = take_ended(queue);

	(void)fd;
	(void)what;
	begin_next(queue);
	hand_over(reading);
}

/* Signals are for the loop. */
static bool
start_thread(struct queue_reading *reading)
{
	sigset_t all, before;
	bool good;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	good = pthread_create(&reading->thread, NULL, run, reading) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return good;
}

static bool
start(struct queue *queue, struct queue_reading *reading)
{
	if (!fds_pipe(reading->ends, 0)) {
		return false;
	}
	reading->ended = event_new(queue->base, reading->ends[0], EV_READ, on_ended, queue);
	if (reading->ended != NULL && event_add(reading->ended, NULL) == 0 &&
	    start_thread(reading)) {
		return true;
	}
	if (reading->ended != NULL) {
		event_free(reading->ended);
	}
	fds_close(&reading->ends[0]);
	fds_close(&reading->ends[1]);
	return false;
}

/* Without a thread, for want of one, it takes as long, and the others wait. */
static void
begin_next(struct queue *queue)
{
	struct queue_reading *reading;

	while ((reading = STAILQ_FIRST(&queue->readings)) != NULL && !start(queue, reading)) {
		STAILQ_REMOVE_HEAD(&queue->readings, link);
		read_both(reading);
		hand_over(reading);
	}
}

/* ---- what the queue asks for ------------------------------------------------------------------ */

static bool
is_small(int fd)
{
	struct stat info;

	return fd < 0 || (fstat(fd, &info) == 0 && info.st_size <= SMALL);
}

void
queue_read(struct queue_active *active, int source, int results)
{
	const struct store_job *kept = &active->entry->job.kept;
	struct queue *queue = active->entry->queue;
	struct queue_reading *reading = calloc(1, sizeof(*reading));
	bool first = STAILQ_EMPTY(&queue->readings);

	if (reading == NULL) {
		err(EXIT_SYSTEM, "queue");
	}
	*reading = (struct queue_reading){.active = active,
					  .name = kept->file == NULL ? "job" : kept->file,
					  .round_bytes = kept->round_bytes,
					  .round_all = kept->round_all,
					  .source = source,
					  .results = results,
					  .ends = {-1, -1}};
	if (is_small(source) && is_small(results)) {
		read_both(reading);
		hand_over(reading);
		return;
	}
	STAILQ_INSERT_TAIL(&queue->readings, reading, link);
	if (first) {
		begin_next(queue);
	}
}

void
queue_read_end(struct queue *queue)
{
	while (!STAILQ_EMPTY(&queue->readings)) {
		struct queue_reading *reading = take_ended(queue);

		begin_next(queue);
		hand_over(reading);
	}
}
