/* SPDX-License-Identifier: ISC */
/*
 * store_process: see store_process.h. It takes all requests that have come into one transaction,
 * commits that, and answers them all: the more come at once, the less each costs. It ends when its
 * socket does, once everything that came is done.
 */
#include "supervisor/store_process.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bsd/unistd.h>

#include "ipc/fds.h"
#include "supervisor/process_title.h"
#include "supervisor/store_database.h"
#include "supervisor/store_reading.h"
#include "supervisor/store_wire.h"

#define BATCH_MOST   ((size_t)4 << 20)   /* bytes that are taken before they are committed */
#define REMOVAL_COST 400                 /* in such bytes */
#define READ_MOST    ((size_t)4 << 20)   /* bytes that are read between two batches */
#define READ_SHARE   (READ_MOST / 4)     /* for one reader, then it is the next one's turn */
#define LOAD_MESSAGE ((size_t)256 << 10) /* jobs go up in messages of about that */
#define MEMORY_LEAST ((size_t)1 << 20)   /* a buffer above that is given back when it is empty */
#define REST_MS      1000                /* without a request, until memory is given back */

struct process {
	int socket;
	struct store_inbox inbox;
	struct text answers; /* sent after the commit, never before */
	struct store_database database;
	struct text error;
	bool gone;        /* the daemon is: nobody reads answers, but what it has sent is done */
	bool open;        /* a transaction is */
	bool owed;        /* somebody waits for its commit */
	bool part;        /* it is in the middle of results that are one transaction */
	size_t cost;      /* of what is in it */
	uint64_t through; /* the last write that was done */
	uint64_t told;    /* the last one that was answered */
	TAILQ_HEAD(, store_reading) readings;
	bool clearing;
	bool shrinking;
	bool warm;     /* something was done since memory was given back */
	unsigned jobs; /* in a message of jobs that is being made */
};

/* ---- answers ---------------------------------------------------------------------------------- */

static void
answer(struct process *process, enum store_message message, uint64_t request, struct span bytes)
{
	struct store_head head = {.message = (uint16_t)message, .request = request};

	store_wire_put(&process->answers, &head, NULL, bytes);
}

static void
answer_done(struct process *process, uint64_t through)
{
	if (through > process->told) {
		answer(process, STORE_DONE, through, SPAN_EMPTY);
		process->told = through;
	}
}

static struct span
error_of(const struct process *process)
{
	return (struct span){process->error.data, process->error.len};
}

static void
answer_failed(struct process *process, const struct store_head *request)
{
	answer(process, STORE_FAILED, request->request, error_of(process));
	text_clear(&process->error);
}

/* With a descriptor, unless that is -1. */
static void
send_up(struct process *process, struct span bytes, int fd)
{
	process->gone = process->gone || !store_wire_send(process->socket, bytes, fd);
}

static void
send_answers(struct process *process)
{
	send_up(process, (struct span){process->answers.data, process->answers.len}, -1);
	text_clear(&process->answers);
	if (process->answers.cap > MEMORY_LEAST) {
		text_free(&process->answers);
	}
}

/*
 * The database cannot be trusted any more, nor what we have of it in memory: nothing that was not
 * answered is, and nothing more is written, not even at the end.
 */
static _Noreturn void
give_up(struct process *process)
{
	text_clear(&process->answers);
	answer(process, STORE_BROKEN, 0, error_of(process));
	send_answers(process);
	_exit(1);
}

/* True: it is done. False: it was refused. */
static bool
trust(struct process *process, enum store_verdict verdict)
{
	if (verdict == STORE_FAULT) {
		give_up(process);
	}
	return verdict == STORE_OK;
}

/* ---- a batch ---------------------------------------------------------------------------------- */

static void
begin(struct process *process)
{
	if (!process->open) {
		trust(process, store_database_begin(&process->database, &process->error));
		process->open = true;
	}
}

static void
commit(struct process *process)
{
	if (process->open) {
		trust(process, store_database_commit(&process->database, &process->error));
		process->open = process->owed = false;
		process->cost = 0;
	}
}

/*
 * Answers what came, after it is synced. What nobody waits for, pieces of a job that is not whole,
 * may wait for more.
 */
static void
settle(struct process *process)
{
	if (process->part) {
		return;
	}
	if (process->owed || process->cost >= BATCH_MOST || !TAILQ_EMPTY(&process->readings)) {
		commit(process);
	}
	answer_done(process, process->through);
	send_answers(process);
	if (!process->open) {
		trust(process, store_database_checkpoint(&process->database, &process->error));
	}
}

static enum store_verdict
remove_jobs(struct process *process, struct span numbers)
{
	enum store_verdict verdict = STORE_OK;
	uint64_t number;

	for (size_t i = 0; verdict == STORE_OK && i < numbers.len / sizeof(number); i++) {
		memcpy(&number, numbers.at + i * sizeof(number), sizeof(number));
		verdict = store_database_remove(&process->database, number, &process->error);
		process->cost += REMOVAL_COST;
	}
	process->clearing = true;
	return verdict;
}

static enum store_verdict
write_request(struct process *process, const struct store_head *head, struct span bytes)
{
	struct store_database *database = &process->database;
	struct text *error = &process->error;
	bool last = (head->flags & STORE_LAST) != 0;
	struct store_job job;

	if (head->job > 0 && !store_wire_take_job(&bytes, &job)) {
		text_string(error, "a job of another form");
		return STORE_FAULT;
	}
	process->owed |= head->message != STORE_ABANDON &&
			 (head->message != STORE_SUBMIT || last) &&
			 (head->message != STORE_MORE || last);
	switch (head->message) {
	case STORE_SUBMIT:
		return store_database_submit(database, &job, bytes, last, error);
	case STORE_MORE:
		return store_database_more(database, head->number, bytes, last, error);
	case STORE_ABANDON:
		process->clearing = true;
		return store_database_abandon(database, head->number, error);
	case STORE_UPDATE:
		return store_database_update(database, &job, error);
	case STORE_RESULTS:
		return store_database_results(database, head->number, bytes, head->count,
					      head->job > 0 ? &job : NULL, error);
	case STORE_REMOVE:
		return remove_jobs(process, bytes);
	default:
		text_string(error, "a request of another form");
		return STORE_FAULT;
	}
}

/* Results that come in several requests are in one transaction, with nothing else. */
static void
see_part(struct process *process, const struct store_head *head)
{
	bool part = head->message == STORE_RESULTS && (head->flags & STORE_PART) != 0;

	if (part && !process->part) {
		process->owed = true;
		settle(process);
	}
	process->part = part;
}

static void
handle(struct process *process, const struct store_head *head, struct span bytes)
{
	if (head->message >= STORE_GET_SOURCE && head->message <= STORE_GET_RECORD) {
		struct store_reading *reading = store_reading_new(head, bytes);

		TAILQ_INSERT_TAIL(&process->readings, reading, link);
		return;
	}
	see_part(process, head);
	begin(process);
	process->cost += sizeof(*head) + bytes.len;
	if (!trust(process, write_request(process, head, bytes))) {
		answer_done(process, process->through);
		answer_failed(process, head);
		process->told = head->request;
	}
	process->through = head->request;
}

/* ---- what takes long -------------------------------------------------------------------------- */

static void
send_reading(struct process *process, struct store_reading *reading, enum store_progress progress)
{
	struct store_head head = {
	    .message = STORE_GOT, .flags = STORE_WITH_FD, .request = reading->request.request};

	if (progress == STORE_UNREADABLE) {
		answer_failed(process, &reading->request);
		send_answers(process);
	} else {
		send_up(process, (struct span){(const char *)&head, sizeof(head)},
			reading->answer.fd);
	}
}

/* Each goes on in its turn. */
static void
advance_readings(struct process *process)
{
	size_t budget = READ_MOST;

	while (budget > 0 && !TAILQ_EMPTY(&process->readings)) {
		struct store_reading *reading = TAILQ_FIRST(&process->readings);
		size_t share = budget < READ_SHARE ? budget : READ_SHARE, left = share;
		enum store_progress progress =
		    process->gone
			? STORE_READ
			: store_reading_step(reading, &process->database, &left, &process->error);

		budget -= share - left;
		TAILQ_REMOVE(&process->readings, reading, link);
		if (progress == STORE_READ_FAULT) {
			give_up(process);
		}
		if (progress == STORE_MORE_TO_READ) {
			TAILQ_INSERT_TAIL(&process->readings, reading, link);
		} else {
			send_reading(process, reading, progress);
			store_reading_free(reading);
		}
	}
}

static void
advance(struct process *process, bool idle)
{
	if (process->part) {
		return;
	}
	advance_readings(process);
	if (process->clearing) {
		begin(process);
		trust(process, store_database_clear(&process->database, &process->clearing,
						    &process->error));
		commit(process);
		process->shrinking = true;
	} else if (process->shrinking && idle && !process->open) {
		trust(process, store_database_shrink(&process->database, &process->shrinking,
						     &process->error));
	}
}

/* ---- the loop --------------------------------------------------------------------------------- */

static void
handle_all(struct process *process)
{
	struct store_head head;
	struct span bytes;
	int fd;
	bool bad;

	while (store_wire_next(&process->inbox, &head, &bytes, &fd, &bad)) {
		handle(process, &head, bytes);
	}
	if (bad) {
		text_string(&process->error, "a message of another form");
		give_up(process);
	}
}

/* Nobody has asked for anything for a moment. */
static void
give_back(struct process *process)
{
	sqlite3_db_release_memory(process->database.db);
	malloc_trim(0);
	process->warm = false;
}

/* Takes what has come, up to some MiB. False: nothing more will. */
static bool
take(struct process *process, bool *idle)
{
	bool busy = !process->part && (!TAILQ_EMPTY(&process->readings) || process->clearing ||
				       (process->shrinking && !process->open));
	struct pollfd ready = {.fd = process->socket, .events = POLLIN};
	enum store_received received;

	*idle = poll(&ready, 1, busy ? 0 : process->warm ? REST_MS : -1) <= 0;
	if (*idle) {
		if (!busy) {
			give_back(process);
		}
		return true;
	}
	process->warm = true;
	do {
		received = store_wire_receive(process->socket, &process->inbox, BATCH_MOST);
		handle_all(process);
	} while (received == STORE_CAME && process->cost < BATCH_MOST);
	if (process->inbox.begin == process->inbox.bytes.len &&
	    process->inbox.bytes.cap > MEMORY_LEAST) {
		store_wire_free(&process->inbox);
	}
	return received != STORE_ENDED;
}

/* Nothing more comes. Results of which a part is missing are not there. */
static void
finish(struct process *process)
{
	if (process->part) {
		store_database_rollback(&process->database);
		process->open = process->part = false;
	}
	process->owed = true;
	settle(process);
	while (!TAILQ_EMPTY(&process->readings)) {
		advance_readings(process);
	}
	store_database_close(&process->database, true);
}

/* ---- the start -------------------------------------------------------------------------------- */

static void
send_jobs(struct process *process)
{
	struct store_head head = {.message = STORE_LOADED, .count = process->jobs};
	struct span jobs = {process->answers.data, process->answers.len};
	struct text message = TEXT_INIT;

	store_wire_put(&message, &head, NULL, jobs);
	send_up(process, (struct span){message.data, message.len}, -1);
	text_free(&message);
	text_clear(&process->answers);
	process->jobs = 0;
}

static bool
load_job(void *context, const struct store_job *job)
{
	struct process *process = context;

	store_wire_put_job(&process->answers, job);
	process->jobs++;
	if (process->answers.len >= LOAD_MESSAGE) {
		send_jobs(process);
	}
	return !process->gone;
}

/* Nothing is written before all jobs could be read. */
static void
load(struct process *process)
{
	trust(process, store_database_load(&process->database, load_job, process, &process->error));
	if (process->jobs > 0) {
		send_jobs(process);
	}
	send_jobs(process);
	trust(process, store_database_tidy(&process->database, &process->error));
	process->clearing = true;
}

static void
open_database(struct process *process, const char *directory)
{
	struct store_head head = {.message = STORE_OPENED};

	if (!store_database_open(&process->database, directory, &process->error)) {
		answer(process, STORE_REFUSED, 0, error_of(process));
		send_answers(process);
		_exit(1);
	}
	trust(process,
	      store_database_next_number(&process->database, &head.number, &process->error));
	store_wire_put(&process->answers, &head, NULL, SPAN_EMPTY);
	send_answers(process);
}

/* What ends others is not for us: we end when all that came is done. */
static void
settle_in(int socket)
{
	static const int ignored[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGPIPE, SIGALRM, SIGUSR1,
				      SIGUSR2, SIGTSTP, SIGTTIN, SIGTTOU, SIGXFSZ, SIGWINCH};
	struct sigaction action = {.sa_handler = SIG_IGN};
	sigset_t none;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
		sigaction(ignored[i], &action, NULL);
	}
	action.sa_handler = SIG_DFL;
	sigaction(SIGCHLD, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(socket, 3);
	closefrom(4);
	for (int fd = 0; fd < 3; fd++) {
		close(fd);
	}
	fds_fill_standard();
	fcntl(3, F_SETFD, FD_CLOEXEC);
	umask(S_IRWXG | S_IRWXO);
}

void
store_process_run(int socket, const char *directory)
{
	struct process process = {.socket = 3};
	bool idle = false;

	TAILQ_INIT(&process.readings);
	settle_in(socket);
	open_database(&process, directory);
	process_title("stintd: store", "stintd-store"); /* `directory` may lie in the arguments */
	if (chdir("/") != 0) {
		_exit(1);
	}
	load(&process);
	while (take(&process, &idle)) {
		settle(&process);
		advance(&process, idle);
	}
	finish(&process);
	_exit(0);
}
