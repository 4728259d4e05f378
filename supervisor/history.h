/* SPDX-License-Identifier: ISC */
/*
 * history: what was learned of kinds in earlier runs, in $XDG_STATE_HOME/stint/history.jsonl: a
 * line a kind, the most recent first, HISTORY_MOST of them. Optional in every way: what cannot be
 * read or written is done without. In the supervisor.
 */
#ifndef SUPERVISOR_HISTORY_H
#define SUPERVISOR_HISTORY_H

#include "supervisor/kind.h"

#define HISTORY_MOST 1000

void history_load(struct kinds *);
void history_save(struct kinds *); /* if one of them has learned something; replaces the file */

#endif
