/* SPDX-License-Identifier: ISC */
/* report_options: the options of `stint report`; rows in options.c. In the supervisor. */
#ifndef SUPERVISOR_REPORT_OPTIONS_H
#define SUPERVISOR_REPORT_OPTIONS_H

struct report_options {
	const char *format;  /* NULL: by the name of `output`, or text */
	const char *output;  /* NULL: stdout */
	const char *summary; /* a file; NULL: none */
	const char *job;     /* of the daemon; NULL: results files */
	unsigned cores;      /* 0: not said */
	enum report_color { REPORT_COLOR_AUTO, REPORT_COLOR_ALWAYS, REPORT_COLOR_NEVER } color;
};

struct command_line;

/* Each takes one option; says what is wrong on stderr and ends the process with status 2. */
typedef void report_take_option(struct command_line *, const char *value);

extern report_take_option report_take_format, report_take_output, report_take_cores,
    report_take_summary, report_take_color, report_take_job,
    report_take_report; /* the last: --report FILE of a run */

#endif
