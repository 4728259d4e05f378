/* SPDX-License-Identifier: ISC */
/*
 * outlet: our stdout and stderr, in one order, without ever waiting for who reads them: what cannot
 * be written now is kept in memory until it can. The flags of the open files are not touched, for
 * others share them. In the supervisor.
 */
#ifndef SUPERVISOR_OUTLET_H
#define SUPERVISOR_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/text.h"

struct outlet;

struct outlet *outlet_new(void);                           /* ends the process if memory is out */
void outlet_free(struct outlet *);                         /* what is not written is lost */
void outlet_put(struct outlet *, int stream, struct span); /* 1 or 2 */
size_t outlet_left(const struct outlet *);                 /* bytes that are not written */

/*
 * Writes what can be written now; or all of it, waiting up to `patience` ms for each part, -1: as
 * long as it takes, then errno is EAGAIN. False with errno if it cannot be written; outlet_stream()
 * is the stream.
 */
bool outlet_flush(struct outlet *);
bool outlet_drain(struct outlet *, int patience);

/* Our stdout or stderr is another file than before: all outlets look at what they are again. */
void outlet_streams_changed(void);

int outlet_stream(const struct outlet *); /* that the next bytes are for */
int outlet_waits(const struct outlet *);  /* the descriptor that they wait for; -1: none */

#endif
