/* SPDX-License-Identifier: ISC */
/* options_foreign: options of xargs, GNU parallel, task-spooler and pueue that are called otherwise here. */
#ifndef SUPERVISOR_OPTIONS_FOREIGN_H
#define SUPERVISOR_OPTIONS_FOREIGN_H

#include "supervisor/options.h"

/*
 * Ends the process with what to write instead, if it is known, of an option that was typed: of
 * `letter`, or, if that is 0, of `typed`, "--eta".
 */
void options_fail_foreign(const char *typed, int letter, enum option_users);

#endif
