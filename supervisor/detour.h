/* SPDX-License-Identifier: ISC */
/*
 * detour: what goes to the terminal by stdout and stderr, ours and that of our workers, while
 * something else is on it: it goes to a file without a name, and to the terminal, in the order in
 * which it came, when the detour ends. Stdout and stderr that are no terminal, or another one, are
 * left alone. One at a time. In the supervisor.
 */
#ifndef SUPERVISOR_DETOUR_H
#define SUPERVISOR_DETOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct detour;

/* `terminal` does not wait. NULL with errno: there is no file to be had. */
struct detour *detour_begin(int terminal);

int detour_terminal(const struct detour *); /* for events: when it takes more */

/* What has come since the last call, the end of it if that is more than `size`. */
ssize_t detour_look(struct detour *, char *bytes, size_t size);

bool detour_is_full(const struct detour *); /* it has so much that it had better end */

/*
 * Writes what the terminal takes now. True: all of it is out, and stdout and stderr are what they
 * were; what workers still write into the file goes out when it is called again.
 */
bool detour_end(struct detour *);
/* The same, waiting up to `patience_ms` for each part; -1: as long as it takes. */
bool detour_end_waiting(struct detour *, int patience_ms);
void detour_free(struct detour *); /* what is not out is lost */

#endif
