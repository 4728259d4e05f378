/* SPDX-License-Identifier: ISC */
/* sink_progress: one line on stderr that shows how the run stands. In the supervisor. */
#ifndef SUPERVISOR_SINK_PROGRESS_H
#define SUPERVISOR_SINK_PROGRESS_H

void progress_hide(void); /* before anything else is written to the terminal */

#endif
