/* SPDX-License-Identifier: ISC */
/*
 * report: what is made of recorded runs, for people and for other programs: a row in reports.def
 * and a file report_<name>.c for each format. In the supervisor.
 */
#ifndef SUPERVISOR_REPORT_H
#define SUPERVISOR_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "supervisor/recorded_run.h"

struct report {
	struct recorded_run *const *runs; /* one or more */
	const char *const *labels;        /* of each run: its file, or its model */
	size_t count;
	const char *title;
	bool color;       /* escapes of a terminal are wanted */
	bool ascii;       /* nothing but ASCII may be written */
	unsigned columns; /* of a terminal; 0: it is none */
};

struct report_ops {
	const char *name;
	const char *suffix;            /* of files that are taken to be of it, ".csv"; NULL: none */
	bool several;                  /* it can show several runs beside each other */
	struct recorded_limits limits; /* what output of tasks it shows */
	void (*write)(const struct report *, struct text *out);
};

#define REPORT(name, says) extern const struct report_ops report_##name;
#include "supervisor/reports.def"
#undef REPORT

const struct report_ops *report_find(const char *name);    /* NULL: there is none */
const struct report_ops *report_of_file(const char *path); /* by its suffix; likewise */
void report_names(struct text *out);                       /* "text, csv, ..." */
void report_suffixes(bool several, struct text *out); /* ".txt, ..."; only of those that can show
						       * several runs, if they must */

void report_list(struct text *out); /* a line for each: its name, its suffix, what it is */

/* A name as a label: valid UTF-8 whatever it was. The caller frees it. */
char *report_label(const char *name);

/* Whether more than ASCII may be written, by the environment; sets the process's LC_CTYPE. */
void report_describe_locale(struct report *);

/* Writes it to a file, "-": stdout. False: errno says why. */
bool report_write(const struct report_ops *, const struct report *, const char *path);

#endif
