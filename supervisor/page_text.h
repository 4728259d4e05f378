/* SPDX-License-Identifier: ISC */
/*
 * page_text: pages for browsers that are put together of text: places to fill, and the policy that
 * lets their own script and style run and nothing else. Pure; in the supervisor.
 */
#ifndef SUPERVISOR_PAGE_TEXT_H
#define SUPERVISOR_PAGE_TEXT_H

#include "ipc/text.h"

/* Copies `page`; where it has {{mark}}, `put` appends what belongs there. */
void page_fill(struct span page, void (*put)(void *context, struct span mark, struct text *out),
	       void *context, struct text *out);

/* A Content-Security-Policy by the hashes of script and style. */
void page_policy(struct span script, struct span style, struct text *out);

#endif
