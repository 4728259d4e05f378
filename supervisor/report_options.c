/* SPDX-License-Identifier: ISC */
/* report_options: see report_options.h. In the supervisor. */
#include "supervisor/report_options.h"

#include "supervisor/options.h"
#include "supervisor/options_value.h"

void
report_take_format(struct command_line *line, const char *value)
{
	line->report.format = value;
}

void
report_take_output(struct command_line *line, const char *value)
{
	line->report.output = value;
}

void
report_take_summary(struct command_line *line, const char *value)
{
	line->report.summary = value;
}

void
report_take_job(struct command_line *line, const char *value)
{
	line->report.job = value;
}

void
report_take_cores(struct command_line *line, const char *value)
{
	line->report.cores = options_number("-j", value, 1000000);
}

void
report_take_color(struct command_line *line, const char *value)
{
	static const char *const words[] = {"auto", "always", "never", NULL};

	line->report.color = (enum report_color)options_choose("--color", value, words);
}

void
report_take_report(struct command_line *line, const char *value)
{
	line->run.report = value;
}
