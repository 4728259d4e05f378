/* SPDX-License-Identifier: ISC */
/* options: see options.h. In the supervisor. */
#include "supervisor/options.h"

#include <bsd/stdlib.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/text.h"
#include "supervisor/cores.h"
#include "supervisor/options_getopt.h"
#include "supervisor/options_value.h"
#include "supervisor/supervisor.h"
#include "supervisor/worker_program.h"

static take_option take_jobs, take_model, take_results, take_keep, take_output, take_tag,
    take_timeout, take_waiting, take_strict, take_summary, take_progress, take_no_progress,
    take_color, take_worker, take_json, take_dry_run, take_quiet, take_models, take_explain,
    take_no_history, take_top, take_halt, take_fail_fast, take_retries, take_backoff, take_retry,
    take_grace, take_memory, take_cpus, take_nice, take_class, take_sync, take_socket;

/* Of --progress and --color, before the terminal is looked at. */
enum choice { AUTO, ALWAYS, NEVER };
static enum choice progress, color;
static const char *jobs; /* -j, before the cores are counted; NULL: not given */

static const struct option_row options[] = {
    {'f', "format", "FORMAT", FOR_REPORT, REST, report_take_format,
     "see below; default: by -o, or text"},
    {'o', "output-file", "FILE", FOR_REPORT, REST, report_take_output, "default: stdout"},
    {'j', "jobs", "N", FOR_REPORT | FOR_TOP, REST, report_take_cores,
     "how many cores there were (results)"},
    {0, "summary", "FILE", FOR_REPORT, REST, report_take_summary,
     "of the run, as stint run --summary wrote it"},
    {0, "job", "JOB", FOR_REPORT, REST, report_take_job, "a job of stintd, instead of RESULTS"},
    {0, "as", "WHAT", FOR_IMPORT, REST, import_take_as, "steps exec; default: steps"},
    {0, "scale", "F", FOR_IMPORT, REST, import_take_scale,
     "times all seconds: 0.1, ten times faster"},
    {0, "bound", "D", FOR_IMPORT, REST, import_take_bound,
     "scale it so that no schedule takes less"},
    {'j', "jobs", "N", FOR_IMPORT, REST, import_take_cores, "on N cores; default: those there are"},
    {'o', "output-file", "FILE", FOR_IMPORT, REST, import_take_output, "default: stdout"},
    {0, "color", "WHEN", FOR_REPORT, REST, report_take_color, "auto always never"},
    {'j', "jobs", "LIST", FOR_WHATIF, REST, whatif_take_workers,
     "workers: 1,2,4 1-8; default: 1, 2, 4, ..."},
    {0, "waiting", "LIST", FOR_WHATIF, REST, whatif_take_waiting,
     "limits of tasks that wait at once"},
    {0, "scale", "F", FOR_WHATIF, REST, whatif_take_scale, "all seconds times F"},
    {0, "json", NULL, FOR_WHATIF, REST, whatif_take_json, "one JSON value instead of a table"},
    {'j', "jobs", "N", FOR_RUN | FOR_COMPARE, HOW_MUCH, take_jobs,
     "cores for tasks that compute: 4 50% +1 -1 @FILE"},
    {'m', "model", "MODEL", FOR_RUN, HOW_MUCH, take_model,
     "sync async threads gil processes; default: hybrid"},
    {'m', "models", "LIST", FOR_COMPARE, HOW_MUCH, take_models,
     "models, with commas; default: all six"},
    {0, "waiting", "N", FOR_RUN, HOW_MUCH, take_waiting, "at most N waiting tasks at once"},
    {0, "explain", NULL, FOR_RUN, HOW_MUCH, take_explain, "log what is started, and why"},
    {0, "no-history", NULL, FOR_RUN, HOW_MUCH, take_no_history,
     "neither use nor keep what runs have taught"},
    {0, "timeout", "D", FOR_RUN, TASKS, take_timeout,
     "end it after this: 1.5 500ms 2m, 300% of the median"},
    {0, "grace", "D", FOR_RUN, TASKS, take_grace, "from TERM to KILL; default: 5 s"},
    {0, "retries", "N", FOR_RUN, TASKS, take_retries, "tries after the first"},
    {0, "retry", "WHEN", FOR_RUN, TASKS, take_retry, "always failed timeout crash never"},
    {0, "backoff", "D", FOR_RUN, TASKS, take_backoff, "time before the second try, then doubled"},
    {0, "class", "CLASS", FOR_RUN, TASKS, take_class, "cpu or wait, if you know better"},
    {0, "cpus", "N", FOR_RUN, TASKS, take_cpus, "cores that it computes on"},
    {0, "memory", "SIZE", FOR_RUN, TASKS, take_memory, "that it may take: 200M 2G"},
    {0, "nice", "N", FOR_RUN, TASKS, take_nice, "its niceness"},
    {0, "halt", "RULE", FOR_RUN, STOPPING, take_halt,
     "now or soon, fail= success= or done=: now,fail=3"},
    {0, "fail-fast", NULL, FOR_RUN, STOPPING, take_fail_fast, "the same as --halt now,fail=1"},
    {0, "strict", NULL, FOR_RUN, STOPPING, take_strict, "a bad line of a stream ends the run"},
    {'o', "output-file", "FILE", FOR_RUN, KEPT, take_results,
     "results, a JSON record a line; -: to stdout"},
    {0, "resume", NULL, FOR_RUN, KEPT, options_take_resume,
     "do not run again what is ok in the file of -o"},
    {0, "retry-failed", NULL, FOR_RUN, KEPT, options_take_retry_failed,
     "run what is in it and is not ok, no more"},
    {0, "sync", "WHEN", FOR_RUN, KEPT, take_sync, "to the disk: each batch none; default: batch"},
    {0, "joblog", "FILE", FOR_RUN, KEPT, options_take_joblog,
     "a line for each task, as GNU parallel writes it"},
    {0, "results-dir", "DIR", FOR_RUN, KEPT, options_take_results_dir,
     "stdout, stderr and record.json of each task: DIR/ID"},
    {0, "summary", "FILE", FOR_RUN, KEPT, take_summary, "the summary, as JSON"},
    {0, "report", "FILE", FOR_RUN | FOR_COMPARE, KEPT, report_take_report,
     "what it was, by the name: .html .svg .txt .csv"},
    {'k', "keep-order", NULL, FOR_RUN, SHOWN, take_keep, "show output in the order of the file"},
    {0, "output", "HOW", FOR_RUN, SHOWN, take_output, "when: group line raw none; default: group"},
    {0, "tag", NULL, FOR_RUN, SHOWN, take_tag, "put the task's tag or id before each line"},
    {'q', "quiet", NULL, FOR_RUN, SHOWN, take_quiet, "no summary"},
    {0, "json", NULL, FOR_RUN | FOR_COMPARE, SHOWN, take_json,
     "print the summary to stdout, as JSON"},
    {0, "progress", NULL, FOR_RUN, SHOWN, take_progress, "show progress, also without a terminal"},
    {0, "top", NULL, FOR_RUN, SHOWN, take_top, "show the run on the whole screen; q leaves it"},
    {0, "no-progress", NULL, FOR_RUN, SHOWN, take_no_progress, "show none"},
    {0, "color", "WHEN", FOR_RUN | FOR_COMPARE | FOR_TOP, SHOWN, take_color, "auto always never"},
    {0, "socket", "FILE", FOR_TOP | FOR_REPORT, REST, take_socket,
     "where stintd listens; default: yours"},
    {'n', "dry-run", NULL, FOR_RUN_ONLY, REST, take_dry_run,
     "check, print what would run, run nothing"},
    {0, "worker", "PROGRAM", FOR_RUN | FOR_COMPARE, REST, take_worker, "instead of stint-worker"},
    {'a', "arg-file", "FILE", FOR_MAP, ARGUMENTS, map_take_file,
     "arguments, one a line; default: stdin"},
    {'0', "null", NULL, FOR_MAP, ARGUMENTS, map_take_null,
     "arguments end with NUL, as of find -print0"},
    {'d', "delimiter", "C", FOR_MAP, ARGUMENTS, map_take_delimiter,
     "arguments end with this byte: , \\t"},
    {'C', "colsep", "REGEX", FOR_MAP, ARGUMENTS, map_take_columns,
     "what is between {1} and {2} in a line"},
    {'r', "no-run-if-empty", NULL, FOR_MAP, ARGUMENTS, map_take_skip, "pass over blank lines"},
    {0, "link", NULL, FOR_MAP, ARGUMENTS, map_take_link, "go through all sources side by side"},
    {'n', "max-args", "N", FOR_MAP, COMMANDS, map_take_most, "arguments a command; default: 1"},
    {'N', "max-replace-args", "N", FOR_MAP, COMMANDS, map_take_each,
     "likewise; pre{} is there for each"},
    {'X', "xargs", NULL, FOR_MAP, COMMANDS, map_take_fill, "as many arguments a command as fit"},
    {'I', "replace", "STR", FOR_MAP, COMMANDS, map_take_braces, "replace STR instead of {}"},
    {0, "shell", "COMMAND", FOR_MAP, COMMANDS, map_take_shell,
     "run by /bin/sh, arguments quoted for it"},
    {0, "dry-run", NULL, FOR_MAP, COMMANDS, take_dry_run, "print the commands, run nothing"},
    {0, "jobfile", NULL, FOR_MAP, COMMANDS, map_take_jobfile,
     "print them as a job file, run nothing"},
};

#define OPTIONS ((int)(sizeof(options) / sizeof(options[0])))

static void
take_socket(struct command_line *line, const char *value)
{
	line->client.socket = value;
}

static void
take_jobs(struct command_line *line, const char *value)
{
	(void)line;
	jobs = value;
}

static void
take_model(struct command_line *line, const char *value)
{
	const char *names[16] = {NULL};

	for (int i = 0; i < model_count; i++) {
		names[i] = models[i].name;
	}
	line->run.model = &models[options_choose("-m", value, names)];
}

static void
take_models(struct command_line *line, const char *value)
{
	line->models = value;
}

static void
take_results(struct command_line *line, const char *value)
{
	line->run.results = value;
}

static void
take_sync(struct command_line *line, const char *value)
{
	static const char *const words[] = {"batch", "each", "none", NULL};

	line->run.sync = (enum sync)options_choose("--sync", value, words);
}

static void
take_keep(struct command_line *line, const char *value)
{
	(void)value;
	line->run.keep_order = true;
}

static void
take_output(struct command_line *line, const char *value)
{
	static const char *const words[] = {"group", "line", "raw", "none", NULL};

	line->run.output = (enum output)options_choose("--output", value, words);
}

static void
take_tag(struct command_line *line, const char *value)
{
	(void)value;
	line->run.tag = true;
}

static void
take_waiting(struct command_line *line, const char *value)
{
	line->run.waiting = options_number("--waiting", value, 10000000);
}

static void
take_strict(struct command_line *line, const char *value)
{
	(void)value;
	line->run.strict = true;
}

static void
take_summary(struct command_line *line, const char *value)
{
	line->run.summary = value;
}

static void
take_progress(struct command_line *line, const char *value)
{
	(void)line;
	(void)value;
	progress = ALWAYS;
}

static void
take_no_progress(struct command_line *line, const char *value)
{
	(void)line;
	(void)value;
	progress = NEVER;
}

static void
take_top(struct command_line *line, const char *value)
{
	(void)value;
	line->run.top = true;
}

static void
take_color(struct command_line *line, const char *value)
{
	static const char *const words[] = {"auto", "always", "never", NULL};

	(void)line;
	color = (enum choice)options_choose("--color", value, words);
}

static void
take_worker(struct command_line *line, const char *value)
{
	line->run.worker = value;
}

static void
take_json(struct command_line *line, const char *value)
{
	(void)value;
	line->run.json = true;
}

static void
take_dry_run(struct command_line *line, const char *value)
{
	(void)value;
	line->run.dry_run = true;
}

static void
take_explain(struct command_line *line, const char *value)
{
	(void)value;
	line->run.explain = true;
}

static void
take_no_history(struct command_line *line, const char *value)
{
	(void)value;
	line->run.no_history = true;
}

static void
take_halt(struct command_line *line, const char *value)
{
	const char *wrong = halt_parse(value, &line->run.halt);

	if (wrong != NULL) {
		errx(EXIT_USAGE, "--halt: \"%s\": %s", options_shown(value), wrong);
	}
}

static void
take_fail_fast(struct command_line *line, const char *value)
{
	(void)value;
	halt_parse("now,fail=1", &line->run.halt);
}

/* What holds for tasks that say nothing of it, as if `defaults` said it. */
static void
take_default(struct command_line *line, const char *key, const char *value)
{
	const char *wrong = run_defaults_set(&line->run.defaults, key, value);

	if (wrong != NULL) {
		errx(EXIT_USAGE, "--%s: \"%s\": %s", key, options_shown(value), wrong);
	}
}

#define TAKE_DEFAULT(key)                                                    \
	static void take_##key(struct command_line *line, const char *value) \
	{                                                                    \
		take_default(line, #key, value);                             \
	}

TAKE_DEFAULT(timeout)
TAKE_DEFAULT(retries)
TAKE_DEFAULT(backoff)
TAKE_DEFAULT(retry)
TAKE_DEFAULT(grace)
TAKE_DEFAULT(memory)
TAKE_DEFAULT(cpus)
TAKE_DEFAULT(nice)
TAKE_DEFAULT(class)

static void
take_quiet(struct command_line *line, const char *value)
{
	(void)value;
	line->run.quiet = true;
}

static void
resolve_color(struct run_options *run)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	bool wanted = color == AUTO && (no_color == NULL || no_color[0] == '\0') &&
		      (term == NULL || strcmp(term, "dumb") != 0);

	run->top_color = color == ALWAYS || wanted;
	run->color = color == ALWAYS || (wanted && isatty(STDERR_FILENO) == 1);
}

static void
resolve(struct run_options *run)
{
	run->progress =
	    progress == ALWAYS || (progress == AUTO && isatty(STDERR_FILENO) == 1 && !run->quiet);
	run->worker = worker_program_find(run->worker);
	if (run->model == NULL) {
		run->model = model_default();
	}
	run->cores = cores_available();
	if (jobs != NULL) {
		const char *wrong = job_slots_parse(&run->job_slots, jobs, run->cores, &run->cores);

		if (wrong != NULL) {
			errx(EXIT_USAGE, "-j: \"%s\": %s", options_shown(jobs), wrong);
		}
	}
}

void
options_parse(struct command_line *line, int argc, char **argv, enum option_users users,
	      const char *usage)
{
	static const struct option_table table = {options, OPTIONS};

	options_getopt(&table, line, argc, argv, users, usage);
	options_check_results(&line->run);
	resolve_color(&line->run);
	if ((users & (FOR_RUN | FOR_COMPARE)) != 0) {
		resolve(&line->run);
	}
}
