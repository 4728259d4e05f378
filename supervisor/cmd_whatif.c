/* SPDX-License-Identifier: ISC */
/*
 * cmd_whatif: `stint whatif`: what other numbers of workers and other limits would bring, from
 * results or from a job file. Nothing is run. In the supervisor.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "ipc/json_scan.h"
#include "supervisor/commands.h"
#include "supervisor/cores.h"
#include "supervisor/jobfile.h"
#include "supervisor/machine.h"
#include "supervisor/options.h"
#include "supervisor/supervisor.h"
#include "supervisor/whatif_table.h"

#define USAGE       "stint whatif [options] RESULTS|FILE"
#define PEEKED      65536 /* bytes that tell results from a job file */
#define CHUNK       65536
#define ALL_WAITING 0

static _Noreturn void
fail(struct text *error)
{
	text_terminate(error);
	errx(EXIT_USAGE, "%s", error->data);
}

/* What cannot be read twice is kept in memory, as stdin. */
static void
keep_stdin(int from, const char *path)
{
	int fd = memfd_create("stint", MFD_CLOEXEC);
	char *buffer = malloc(CHUNK);
	ssize_t got = 0;

	if (fd < 0 || buffer == NULL) {
		err(EXIT_SYSTEM, "%s", path);
	}
	while ((got = read(from, buffer, CHUNK)) > 0) {
		if (!fds_write_all(fd, buffer, (size_t)got)) {
			err(EXIT_SYSTEM, "%s", path);
		}
	}
	if (got < 0) {
		err(EXIT_USAGE, "%s", path);
	}
	free(buffer);
	if (lseek(fd, 0, SEEK_SET) < 0 || dup2(fd, STDIN_FILENO) < 0) {
		err(EXIT_SYSTEM, "%s", path);
	}
	close(fd);
}

/* A descriptor to read the file with from its beginning; "-" in *path if it is stdin. */
static int
open_source(const char **path)
{
	bool from_stdin = strcmp(*path, "-") == 0;
	int fd = from_stdin ? STDIN_FILENO : open(*path, O_RDONLY | O_CLOEXEC);
	struct stat info;

	if (fd < 0 || fstat(fd, &info) != 0) {
		err(EXIT_USAGE, "%s", *path);
	}
	if (S_ISDIR(info.st_mode)) {
		errx(EXIT_USAGE, "%s: is a folder; name a results file or a job file", *path);
	}
	if (from_stdin || !S_ISREG(info.st_mode)) {
		keep_stdin(fd, from_stdin ? "stdin" : *path);
		if (!from_stdin) {
			close(fd);
		}
		fd = STDIN_FILENO;
		*path = "-";
	}
	return fd;
}

/* Records of results have both "id" and "status", early in the line; no task has a "status". */
static bool
holds_results(int fd)
{
	char *bytes = malloc(PEEKED), *end;
	ssize_t got = bytes == NULL ? -1 : pread(fd, bytes, PEEKED, 0);
	struct json_members members;
	struct span line = {bytes, got < 0 ? 0 : (size_t)got}, key, value;
	bool id = false, status = false;

	end = line.len == 0 ? NULL : memchr(line.at, '\n', line.len);
	line.len = end == NULL ? line.len : (size_t)(end - line.at);
	json_members_begin(&members, line);
	while (!(id && status) && json_members_next(&members, &key, &value)) {
		id |= span_is(key, "id");
		status |= span_is(key, "status");
	}
	free(bytes);
	return id && status;
}

static struct plan *
read_results(int fd, const char *path, double scale)
{
	struct recorded_run *run = recorded_run_new(NULL);
	struct text error = TEXT_INIT;
	struct plan *plan;

	if (!recorded_run_read_fd(run, fd, path, &error)) {
		fail(&error);
	}
	recorded_run_finish(run, 0);
	plan = plan_of_results(run, scale);
	recorded_run_free(run);
	return plan;
}

static struct plan *
read_jobfile(const char *path, double scale)
{
	struct text error = TEXT_INIT;
	struct jobfile *jobfile = jobfile_open(path, NULL, &error);
	struct plan *plan = jobfile == NULL ? NULL : plan_of_jobfile(jobfile, scale, &error);

	if (plan == NULL) {
		fail(&error);
	}
	jobfile_free(jobfile);
	return plan;
}

static struct plan *
read_plan(const char *path, double scale)
{
	const char *source = path;
	int fd = open_source(&source);
	bool results = holds_results(fd);
	struct plan *plan = results
				? read_results(fd, strcmp(path, "-") == 0 ? "stdin" : path, scale)
				: read_jobfile(source, scale);

	fds_close(&fd);
	if (plan->task_count == 0) {
		errx(EXIT_USAGE, "%s: %s", path,
		     results ? "no task in it has run" : "no tasks in it");
	}
	if (plan->unknown > 0) {
		warnx("%s: nobody knows how long %ju of %ju tasks take: they are taken for the "
		      "average of the others, %.3f s; to know, run them once: stint run -o "
		      "results FILE, then stint whatif results",
		      path, (uintmax_t)plan->unknown, (uintmax_t)plan->task_count,
		      (double)plan->assumed_us / 1e6);
	}
	if (plan->left_out > 0) {
		warnx("%s: left out, since they never began: %ju task%s", path,
		      (uintmax_t)plan->left_out, plan->left_out == 1 ? "" : "s");
	}
	return plan;
}

/* The rows for one limit of waiting tasks. */
static void
add_rows(struct whatif *whatif, const struct whatif_options *options, unsigned waiting,
	 struct whatif_answer *answer)
{
	struct whatif_knee *knee = &answer->knees[answer->knee_count++];
	unsigned *chosen = NULL;
	const unsigned *list = options->workers.numbers;
	size_t count = options->workers.count;

	whatif_find_knee(whatif, waiting, knee);
	if (count == 0) {
		count = whatif_choose(whatif, knee, &chosen);
		list = chosen;
	}
	answer->rows = reallocarray(answer->rows, answer->row_count + count, sizeof(*answer->rows));
	if (answer->rows == NULL) {
		err(EXIT_SYSTEM, "what-if");
	}
	for (size_t i = 0; i < count; i++) {
		answer->rows[answer->row_count++] = *whatif_predict(whatif, list[i], waiting);
	}
	free(chosen);
}

static void
print_answer(struct whatif *whatif, const struct whatif_options *options,
	     struct whatif_answer *answer)
{
	struct text out = TEXT_INIT;
	static const unsigned all = ALL_WAITING;
	const unsigned *limits = options->waiting.count == 0 ? &all : options->waiting.numbers;
	size_t count = options->waiting.count == 0 ? 1 : options->waiting.count;

	answer->knees = calloc(count, sizeof(*answer->knees));
	if (answer->knees == NULL) {
		err(EXIT_SYSTEM, "what-if");
	}
	for (size_t i = 0; i < count; i++) {
		add_rows(whatif, options, limits[i], answer);
	}
	if (answer->plan->ran_us > 0 && answer->scale == 1) {
		answer->again = whatif_predict(whatif, answer->plan->ran_on, ALL_WAITING);
	}
	if (options->json) {
		whatif_json(answer, &out);
	} else {
		whatif_table(answer, &out);
	}
	if (fwrite(out.data, 1, out.len, stdout) != out.len || fflush(stdout) != 0) {
		err(EXIT_SYSTEM, "stdout");
	}
	text_free(&out);
	free(answer->rows);
	free(answer->knees);
}

int
cmd_whatif(int argc, char **argv)
{
	struct command_line line = {.first = 0};
	struct whatif_answer answer = {.scale = 1};
	struct whatif whatif = {.waiting_most = machine_waits_most(),
				.commands_most = machine_commands_most(cores_available())};
	struct plan *plan;

	options_parse(&line, argc, argv, FOR_WHATIF, USAGE);
	if (argc - line.first != 1 || argv[line.first][0] == '\0') {
		errx(EXIT_USAGE, "%s; usage: " USAGE,
		     argc == line.first ? "which results, or which job file? (- is stdin)"
					: "one file at a time");
	}
	if (line.whatif.scale > 0) {
		answer.scale = line.whatif.scale;
	}
	answer.source = argv[line.first];
	plan = read_plan(answer.source, answer.scale);
	answer.plan = whatif.plan = plan;
	print_answer(&whatif, &line.whatif, &answer);
	whatif_free(&whatif);
	whatif_options_free(&line.whatif);
	plan_free(plan);
	return EXIT_ALL_OK;
}
