/* SPDX-License-Identifier: ISC */
/*
 * memory: when there is none, the process ends with status 3 and says so: nothing is taken for wrong
 * because it could not be looked at. What was acknowledged is kept, and what ran runs again. All.
 */
#ifndef IPC_MEMORY_H
#define IPC_MEMORY_H

void memory_insist(void); /* so do the libraries; before they allocate anything */

_Noreturn void memory_none(void);
void *memory_check(void *); /* what was allocated: it is not NULL */

#endif
