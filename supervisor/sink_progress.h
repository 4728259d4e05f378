/* SPDX-License-Identifier: ISC */
/* sink_progress: one line on stderr that shows how the run stands. In the supervisor. */
#ifndef SUPERVISOR_SINK_PROGRESS_H
#define SUPERVISOR_SINK_PROGRESS_H

#include <stdbool.h>

void progress_rest(bool); /* while something else shows how the run stands */
void progress_hide(void); /* before anything else is written to the terminal */

#endif
