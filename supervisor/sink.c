/* SPDX-License-Identifier: ISC */
/* sink: see sink.h. In the supervisor. */
#include "supervisor/sink.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>

struct sinks {
	const struct sink_ops *const *ops;
	const struct sink_ops *only; /* of sinks_of(): what `ops` is */
	size_t count;
	void *state[]; /* NULL: not wanted */
};

static struct sinks *
make(const struct sink_ops *const *ops, size_t count)
{
	struct sinks *sinks = calloc(1, sizeof(*sinks) + count * sizeof(sinks->state[0]));

	if (sinks == NULL) {
		err(3, "sinks");
	}
	sinks->ops = ops;
	sinks->count = count;
	return sinks;
}

struct sinks *
sinks_of(const struct sink_ops *only, void *state)
{
	struct sinks *sinks = make(NULL, 1);

	sinks->only = only;
	sinks->ops = &sinks->only;
	sinks->state[0] = state;
	return sinks;
}

struct sinks *
sinks_open(const struct sink_ops *const *table, const struct run_options *options,
	   struct text *error)
{
	struct sinks *sinks;
	size_t count = 0;

	while (table[count] != NULL) {
		count++;
	}
	sinks = make(table, count);
	for (size_t i = 0; i < count; i++) {
		if (!table[i]->open(options, &sinks->state[i], error)) {
			sinks_close(sinks, error);
			return NULL;
		}
	}
	return sinks;
}

void
sinks_output(struct sinks *sinks, const struct task *task, const struct task_output *output)
{
	for (size_t i = 0; i < sinks->count; i++) {
		if (sinks->state[i] != NULL && sinks->ops[i]->output != NULL) {
			sinks->ops[i]->output(sinks->state[i], task, output);
		}
	}
}

void
sinks_lost(struct sinks *sinks, const struct task *task)
{
	for (size_t i = 0; i < sinks->count; i++) {
		if (sinks->state[i] != NULL && sinks->ops[i]->lost != NULL) {
			sinks->ops[i]->lost(sinks->state[i], task);
		}
	}
}

void
sinks_hurry(struct sinks *sinks)
{
	for (size_t i = 0; i < sinks->count; i++) {
		if (sinks->state[i] != NULL && sinks->ops[i]->hurry != NULL) {
			sinks->ops[i]->hurry(sinks->state[i]);
		}
	}
}

void
sinks_wait(struct sinks *sinks, struct sink_wait *wait)
{
	*wait = (struct sink_wait){.fd = -1};
	for (size_t i = 0; i < sinks->count; i++) {
		if (sinks->state[i] != NULL && sinks->ops[i]->wait != NULL) {
			sinks->ops[i]->wait(sinks->state[i], wait);
		}
	}
}

void
sinks_record(struct sinks *sinks, const struct finished *finished)
{
	for (size_t i = 0; i < sinks->count; i++) {
		if (sinks->state[i] != NULL && sinks->ops[i]->record != NULL) {
			sinks->ops[i]->record(sinks->state[i], finished);
		}
	}
}

void
sinks_passed(struct sinks *sinks, const struct task *task)
{
	for (size_t i = 0; i < sinks->count; i++) {
		if (sinks->state[i] != NULL && sinks->ops[i]->passed != NULL) {
			sinks->ops[i]->passed(sinks->state[i], task);
		}
	}
}

void
sinks_tick(struct sinks *sinks, const struct run_status *status)
{
	for (size_t i = 0; i < sinks->count; i++) {
		if (sinks->state[i] != NULL && sinks->ops[i]->tick != NULL) {
			sinks->ops[i]->tick(sinks->state[i], status);
		}
	}
}

void
sinks_attach(struct sinks *sinks, struct event_base *base)
{
	for (size_t i = 0; i < sinks->count; i++) {
		if (sinks->state[i] != NULL && sinks->ops[i]->attach != NULL) {
			sinks->ops[i]->attach(sinks->state[i], base);
		}
	}
}

void
sinks_suspend(struct sinks *sinks, bool suspend)
{
	for (size_t i = 0; i < sinks->count; i++) {
		if (sinks->state[i] != NULL && sinks->ops[i]->suspend != NULL) {
			sinks->ops[i]->suspend(sinks->state[i], suspend);
		}
	}
}

/* Before one more may complain: what is there is parted from what comes. */
static size_t
part(struct text *error)
{
	size_t len = error->len;

	if (len > 0) {
		text_string(error, "; ");
	}
	return len;
}

bool
sinks_flush(struct sinks *sinks, struct text *error)
{
	bool good = true;
	int why = 0;

	for (size_t i = 0; i < sinks->count; i++) {
		size_t len = part(error);

		if (sinks->state[i] == NULL || sinks->ops[i]->flush == NULL ||
		    sinks->ops[i]->flush(sinks->state[i], error)) {
			error->len = len;
		} else {
			why = good ? errno : why;
			good = false;
		}
	}
	errno = why;
	return good;
}

bool
sinks_close(struct sinks *sinks, struct text *error)
{
	bool good = true;

	for (size_t i = 0; sinks != NULL && i < sinks->count; i++) {
		size_t len = part(error);

		if (sinks->state[i] == NULL || sinks->ops[i]->close(sinks->state[i], error)) {
			error->len = len;
		} else {
			good = false;
		}
	}
	free(sinks);
	return good;
}
