/* SPDX-License-Identifier: ISC */
/* options_results: the options that say what is kept of a run; for options.c. In the supervisor. */
#ifndef SUPERVISOR_OPTIONS_RESULTS_H
#define SUPERVISOR_OPTIONS_RESULTS_H

#include "supervisor/options.h"

typedef void take_option(struct command_line *, const char *value);

take_option options_take_resume, options_take_retry_failed, options_take_joblog,
    options_take_results_dir;

/* What one of them needs of another; ends the process if that is not there. */
void options_check_results(const struct run_options *);

#endif
