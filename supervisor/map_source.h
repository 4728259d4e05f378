/* SPDX-License-Identifier: ISC */
/*
 * map_source: makes the tasks of `stint map`, one after the other, of a template and arguments: as
 * lines of a job file, or as commands to paste into a shell. In the supervisor.
 */
#ifndef SUPERVISOR_MAP_SOURCE_H
#define SUPERVISOR_MAP_SOURCE_H

#include "supervisor/arguments.h"
#include "supervisor/line_source.h"
#include "supervisor/template.h"

enum map_print { MAP_TASKS, MAP_COMMANDS };

struct map_batches {
	size_t most;     /* rows of arguments a command; 0: no limit */
	bool fill;       /* as many as fit */
	bool none;       /* commands get none of them */
	unsigned spread; /* the last rows are dealt out to so many commands */
	size_t room;     /* template_size() that a command may have */
};

struct map_source;

/* Template and arguments stay the caller's and must last. */
struct map_source *map_source_new(const struct template *, struct arguments *,
				  const struct map_batches *, enum map_print);
void map_source_free(struct map_source *);

/* As the function of a line_maker: `context` is a map_source. */
enum line_state map_source_next(void *context, struct line_source *, struct span *line);

/* Bytes of arguments and environment that the system allows a command, our own share taken off. */
size_t map_source_room(bool shell);

#endif
