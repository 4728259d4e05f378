/* SPDX-License-Identifier: ISC */
/*
 * sink: where what happens in a run goes: a file sink_<name>.c and a row in sinks.def each. The
 * supervisor tells all of them; each takes what it is for. In the supervisor.
 */
#ifndef SUPERVISOR_SINK_H
#define SUPERVISOR_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/result_record.h"
#include "supervisor/run_options.h"
#include "supervisor/task.h"

/* A task that has ended; it lives until the return. */
struct finished {
	const struct task *task;
	const struct result_record *record;
	struct span text; /* the record as JSON */
	int worker;       /* that ran it; -1: none did */
};

/* Appends the record as results have it: the worker's between what the supervisor knows. */
void finished_encode(const struct finished *, struct text *);

/* What a task says, to be shown now. */
struct task_output {
	int stream; /* 1 or 2 */
	bool more;  /* the next of this task belongs to it: nothing of another comes between */
	struct span bytes;
};

/* What a sink waits for that has something left to write. */
struct sink_wait {
	int fd;     /* to become writable; -1: for none */
	bool again; /* it only gives others a turn: to be flushed again soon */
	bool full;  /* it has so much that the workers had better wait, too */
};

/* How the run stands. */
struct run_status {
	int64_t elapsed_us;
	uint64_t total; /* 0: not known */
	uint64_t done;
	uint64_t failed; /* of those done, all that are not ok */
	unsigned computing;
	unsigned waiting;
	unsigned asked;  /* thousandths of a core that all that runs asks for, as far as measured */
	unsigned ready;  /* could be started */
	uint64_t held;   /* held back by resources or needs, or to be tried again */
	unsigned cores;  /* that may compute now */
	const char *job; /* its name */
	const char *stopping;        /* what is being waited for, after a Ctrl-C; NULL: it runs */
	const struct engine *engine; /* for running_each() */
};

struct event_base;

struct sink_ops {
	const char *name;
	/* Its state in *sink, or NULL there if the options do not want it. False: `error` says why. */
	bool (*open)(const struct run_options *, void **sink, struct text *error);
	/* Each may be NULL. */
	void (*output)(void *sink, const struct task *, const struct task_output *);
	/* Its worker died: it does not go on with what it was saying. */
	void (*lost)(void *sink, const struct task *);
	void (*record)(void *sink, const struct finished *);
	void (*passed)(void *sink, const struct task *);     /* it is not run, and has no record */
	void (*tick)(void *sink, const struct run_status *); /* ten times a second */
	/* For one with events of its own: the loop is there; NULL: it ends, and all events with it. */
	void (*attach)(void *sink, struct event_base *);
	void (*suspend)(void *sink, bool); /* Ctrl-Z: the run is to stop now; or it goes on */
	/* Writes what can be written now; false: it cannot, the run must end. */
	bool (*flush)(void *sink, struct text *error);
	void (*wait)(void *sink, struct sink_wait *); /* sets what applies, leaves the rest */
	void (*hurry)(void *sink); /* the run is told to end: readers are not waited for long */
	bool (*close)(void *sink, struct text *error); /* writes the last, and frees the state */
};

#define SINK(name) extern const struct sink_ops sink_##name;
#include "supervisor/sinks.def"
#undef SINK

struct sinks; /* those of one run */

extern const struct sink_ops *const sink_table[]; /* of a run; up to NULL */

/* Opens all of the table that the options want. NULL: `error` says why one cannot be. */
struct sinks *sinks_open(const struct sink_ops *const *table, const struct run_options *,
			 struct text *error);
/* A sink of the caller's own and no other; it is open, `state` its state. */
struct sinks *sinks_of(const struct sink_ops *, void *state);
void sinks_output(struct sinks *, const struct task *, const struct task_output *);
void sinks_lost(struct sinks *, const struct task *);
void sinks_record(struct sinks *, const struct finished *);
void sinks_passed(struct sinks *, const struct task *);
void sinks_tick(struct sinks *, const struct run_status *);
void sinks_attach(struct sinks *, struct event_base *);
void sinks_suspend(struct sinks *, bool);
bool sinks_flush(struct sinks *, struct text *error);
void sinks_hurry(struct sinks *);
void sinks_wait(struct sinks *, struct sink_wait *);
bool sinks_close(struct sinks *, struct text *error); /* frees it in any case */

#endif
