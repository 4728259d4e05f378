/* SPDX-License-Identifier: ISC */
/* cmd_jobs: `stint jobs`: the jobs of the daemon, a line each. In the client. */
#include <err.h>
#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "supervisor/client_job.h"
#include "supervisor/client_notice.h"
#include "supervisor/commands.h"
#include "supervisor/control_client.h"
#include "supervisor/options.h"
#include "supervisor/supervisor.h"
#include "supervisor/terminal_text.h"
#include "supervisor/top_view.h"

#define USAGE      "stint jobs [options]"
#define HEAD       "%7s  %-9s %13s %5s %9s %9s  name\n"
#define BEFORE     60 /* columns of a line, up to the name */
#define NAME_LEAST 10
#define NAME_MOST  1000

struct table {
	struct terminal_style style;
	struct text line;
	unsigned name_most; /* columns; a terminal's, or without limit */
	uint64_t rows;
	int64_t now_us;
	bool json;
};

static void
put_row(struct table *table, const struct client_job *job)
{
	struct text progress = TEXT_INIT, age = TEXT_INIT, wall = TEXT_INIT;
	int64_t wall_us = client_job_wall_us(job, table->now_us);
	struct text *line = &table->line;

	text_clear(line);
	client_job_progress(job, &progress);
	top_view_put_duration(&age, table->now_us - job->submitted_us, false);
	if (wall_us > 0) {
		top_view_put_duration(&wall, wall_us, true);
	} else {
		text_char(&wall, '-');
	}
	text_printf(line, "%7" PRIu64 "  %-9s %13.*s %5" PRId64 " %9.*s %9.*s  ", job->number,
		    job->state, (int)progress.len, progress.data, job->priority, (int)age.len,
		    age.data, (int)wall.len, wall.data);
	terminal_put(line, &table->style, job->name == NULL ? "" : job->name, table->name_most);
	text_char(line, '\n');
	fwrite(line->data, 1, line->len, stdout);
	text_free(&progress);
	text_free(&age);
	text_free(&wall);
}

static void
put_job(struct table *table, const struct control_answer *answer)
{
	struct client_job job;
	struct span value;

	if (!control_answer_member(answer, "value", &value)) {
		return;
	}
	if (table->json) {
		fputs(table->rows++ == 0 ? "[" : ",\n ", stdout);
		fwrite(value.at, 1, value.len, stdout);
		return;
	}
	if (table->rows++ == 0) {
		printf(HEAD, "job", "state", "done", "prio", "age", "wall");
	}
	if (client_job_decode(&job, value)) {
		put_row(table, &job);
	}
	client_job_clear(&job);
}

/* A line is to fit a terminal; in a file or a pipe names are whole, but for absurd ones. */
static unsigned
name_most(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) {
		return NAME_MOST;
	}
	return size.ws_col < BEFORE + NAME_LEAST ? NAME_LEAST : size.ws_col - BEFORE;
}

int
cmd_jobs(int argc, char **argv)
{
	struct command_line line = {.first = 0};
	struct table table = {.now_us = clock_epoch_us()};
	struct control_client client;
	struct control_answer answer;
	int status;

	client_options_parse(&line, argc, argv, FOR_JOBS, USAGE);
	if (argc > line.first) {
		errx(EXIT_USAGE, "takes no operand; stint status JOB tells of one job");
	}
	setlocale(LC_CTYPE, "");
	table.style.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	table.json = line.client.json;
	table.name_most = name_most();
	control_client_open(&client, &line.client, false);
	control_client_begin(&client, "jobs");
	if (line.client.state != NULL) {
		control_client_string(&client, "state", span_of(line.client.state));
	}
	if (line.client.last != 0) {
		control_client_uint(&client, "last", line.client.last);
	}
	control_client_send(&client);
	for (;;) {
		control_client_receive(&client, &answer, &status);
		if (answer.kind != ANSWER_DATA) {
			break;
		}
		put_job(&table, &answer);
	}
	if (table.json && answer.kind == ANSWER_DONE) {
		puts(table.rows == 0 ? "[]" : "]");
	} else if (table.rows == 0 && answer.kind == ANSWER_DONE && isatty(STDERR_FILENO) == 1) {
		fputs("stint: there are no such jobs; `stint submit` makes one\n", stderr);
	}
	text_free(&table.line);
	if (!table.json && answer.kind == ANSWER_DONE && fflush(stdout) == 0) {
		client_notice(&client);
	}
	return control_client_finish(&client, status);
}
