/* SPDX-License-Identifier: ISC */
/* sink: see sink.h. In the supervisor. */
#include "supervisor/sink.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>

static const struct sink_ops *const table[] = {
#define SINK(name) &sink_##name,
#include "supervisor/sinks.def"
#undef SINK
};

#define SINKS (sizeof(table) / sizeof(table[0]))

struct sinks {
	void *state[SINKS]; /* NULL: not wanted */
};

struct sinks *
sinks_open(const struct run_options *options, struct text *error)
{
	struct sinks *sinks = calloc(1, sizeof(*sinks));

	if (sinks == NULL) {
		err(3, "sinks");
	}
	for (size_t i = 0; i < SINKS; i++) {
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
	for (size_t i = 0; i < SINKS; i++) {
		if (sinks->state[i] != NULL && table[i]->output != NULL) {
			table[i]->output(sinks->state[i], task, output);
		}
	}
}

void
sinks_lost(struct sinks *sinks, const struct task *task)
{
	for (size_t i = 0; i < SINKS; i++) {
		if (sinks->state[i] != NULL && table[i]->lost != NULL) {
			table[i]->lost(sinks->state[i], task);
		}
	}
}

void
sinks_hurry(struct sinks *sinks)
{
	for (size_t i = 0; i < SINKS; i++) {
		if (sinks->state[i] != NULL && table[i]->hurry != NULL) {
			table[i]->hurry(sinks->state[i]);
		}
	}
}

void
sinks_wait(struct sinks *sinks, struct sink_wait *wait)
{
	*wait = (struct sink_wait){.fd = -1};
	for (size_t i = 0; i < SINKS; i++) {
		if (sinks->state[i] != NULL && table[i]->wait != NULL) {
			table[i]->wait(sinks->state[i], wait);
		}
	}
}

void
sinks_record(struct sinks *sinks, const struct finished *finished)
{
	for (size_t i = 0; i < SINKS; i++) {
		if (sinks->state[i] != NULL && table[i]->record != NULL) {
			table[i]->record(sinks->state[i], finished);
		}
	}
}

void
sinks_passed(struct sinks *sinks, const struct task *task)
{
	for (size_t i = 0; i < SINKS; i++) {
		if (sinks->state[i] != NULL && table[i]->passed != NULL) {
			table[i]->passed(sinks->state[i], task);
		}
	}
}

void
sinks_tick(struct sinks *sinks, const struct run_status *status)
{
	for (size_t i = 0; i < SINKS; i++) {
		if (sinks->state[i] != NULL && table[i]->tick != NULL) {
			table[i]->tick(sinks->state[i], status);
		}
	}
}

void
sinks_attach(struct sinks *sinks, struct event_base *base)
{
	for (size_t i = 0; i < SINKS; i++) {
		if (sinks->state[i] != NULL && table[i]->attach != NULL) {
			table[i]->attach(sinks->state[i], base);
		}
	}
}

void
sinks_suspend(struct sinks *sinks, bool suspend)
{
	for (size_t i = 0; i < SINKS; i++) {
		if (sinks->state[i] != NULL && table[i]->suspend != NULL) {
			table[i]->suspend(sinks->state[i], suspend);
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

	for (size_t i = 0; i < SINKS; i++) {
		size_t len = part(error);

		if (sinks->state[i] == NULL || table[i]->flush == NULL ||
		    table[i]->flush(sinks->state[i], error)) {
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

	for (size_t i = 0; sinks != NULL && i < SINKS; i++) {
		size_t len = part(error);

		if (sinks->state[i] == NULL || table[i]->close(sinks->state[i], error)) {
			error->len = len;
		} else {
			good = false;
		}
	}
	free(sinks);
	return good;
}
