/* SPDX-License-Identifier: ISC */
/* sink: see sink.h. In the supervisor. */
#include "supervisor/sink.h"

#include <err.h>
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
sinks_output(struct sinks *sinks, const struct task *task, int stream, struct span bytes)
{
	for (size_t i = 0; i < SINKS; i++) {
		if (sinks->state[i] != NULL && table[i]->output != NULL) {
			table[i]->output(sinks->state[i], task, stream, bytes);
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
sinks_tick(struct sinks *sinks, const struct run_status *status)
{
	for (size_t i = 0; i < SINKS; i++) {
		if (sinks->state[i] != NULL && table[i]->tick != NULL) {
			table[i]->tick(sinks->state[i], status);
		}
	}
}

bool
sinks_flush(struct sinks *sinks, struct text *error)
{
	bool good = true;

	for (size_t i = 0; i < SINKS; i++) {
		if (sinks->state[i] != NULL && table[i]->flush != NULL) {
			good = table[i]->flush(sinks->state[i], error) && good;
		}
	}
	return good;
}

bool
sinks_close(struct sinks *sinks, struct text *error)
{
	bool good = true;

	for (size_t i = 0; sinks != NULL && i < SINKS; i++) {
		if (sinks->state[i] != NULL) {
			good = table[i]->close(sinks->state[i], error) && good;
		}
	}
	free(sinks);
	return good;
}
