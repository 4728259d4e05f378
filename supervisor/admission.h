/* SPDX-License-Identifier: ISC */
/*
 * admission: how many commands may run at once, so that the cores are exactly busy. It adds up what
 * all that runs asks of the cores: a built-in computation one; a command what was measured; one
 * that has just begun a whole core, until a measurement says otherwise. A command that
 *
 *	computes, as far as is known    begins if the sum stays within half a core of the cores;
 *	waits, as far as is known       begins if the sum is not above the cores, or if nothing else
 *	                                is just beginning: it will be off the core in a moment;
 *	                                unless others of its kind were to be, and are not;
 *	does both                       begins if its mean still has room;
 *	is not known                    takes a place like one that computes, or is tried, one at a
 *	                                time, beside as many computing ones as there are cores.
 *
 * So no more than cores + 1 commands compute at once, but for what changes its mind. Something may
 * always run. Caps by descriptors, processes and memory hold for all. Pure; in the supervisor.
 */
#ifndef SUPERVISOR_ADMISSION_H
#define SUPERVISOR_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor/kind.h"

#define ADMISSION_CORE 1000 /* thousandths */

struct admission {
	unsigned cores;
	unsigned asked;         /* thousandths of a core: the sum */
	unsigned young;         /* commands that began beside the places, not measured yet */
	unsigned commands;      /* in flight */
	unsigned commands_most; /* the cap by descriptors and processes */
	bool short_of_memory;   /* of the machine: no more commands while some run */
};

/* Why a command may not begin now. */
enum admission_verdict {
	ADMITTED,
	DENIED_CORES,  /* what runs asks for all of them */
	DENIED_CAP,    /* descriptors or processes */
	DENIED_MEMORY, /* the machine's */
	VERDICTS
};

const char *admission_words(enum admission_verdict);

/* Whether one more of it may begin: in a place for computing tasks, or beside them. */
enum admission_verdict admission_place(const struct admission *, unsigned cpus, bool command);
/* `surprise`: asked for by others of its kind that were expected to wait. */
enum admission_verdict admission_beside(const struct admission *, enum kind_class, unsigned use,
					unsigned surprise);

/*
 * What is counted for a command that begins beside the places, until it is measured; `evidence`:
 * how many tasks were as is expected of it.
 */
unsigned admission_young(enum kind_class, uint32_t evidence, unsigned cpus);

/* What one command asks for has changed. */
void admission_change(struct admission *, unsigned from, unsigned to);

#endif
