/* SPDX-License-Identifier: ISC */
/*
 * report_page: the sources of the page that report_html fills, as they were when the program was
 * built: the files in supervisor/report_page/. Pure; in the supervisor.
 */
#ifndef SUPERVISOR_REPORT_PAGE_H
#define SUPERVISOR_REPORT_PAGE_H

#include "ipc/text.h"

struct span report_page_html(void);   /* with {{marks}} where something is to be put in */
struct span report_page_style(void);  /* page.css */
struct span report_page_script(void); /* all .js, in the order in which they build on each other */

#endif
