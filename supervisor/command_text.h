/* SPDX-License-Identifier: ISC */
/* command_text: what a task does, as one would type it. Pure; in the supervisor. */
#ifndef SUPERVISOR_COMMAND_TEXT_H
#define SUPERVISOR_COMMAND_TEXT_H

#include "ipc/text.h"

/*
 * Appends a shell's script as it is, the words of exec with the quotes that a shell needs, and
 * anything else as the JSON that it is. `spec`: of a task, without id and name.
 */
void command_text_put(struct text *, struct span spec);

/* Appends one word, in single quotes if a shell would not take it as it is. */
void command_text_quote(struct text *, struct span word);

#endif
