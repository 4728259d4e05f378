/* SPDX-License-Identifier: ISC */
/* top_results: a run on the whole screen, by its results file while that grows. Of stint top. */
#ifndef SUPERVISOR_TOP_RESULTS_H
#define SUPERVISOR_TOP_RESULTS_H

#include <stdbool.h>

/* Shows it until it is left; the exit status. `cores`: of the run; 0: not said. Ends the process if
 * there is no such file, or no terminal. */
int top_results(const char *path, unsigned cores, bool color);

#endif
