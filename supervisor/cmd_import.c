/* SPDX-License-Identifier: ISC */
/* cmd_import: `stint import`: what others have recorded, as a job file. In the supervisor. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/commands.h"
#include "supervisor/cores.h"
#include "supervisor/import.h"
#include "supervisor/options.h"
#include "supervisor/options_value.h"
#include "supervisor/supervisor.h"

#define USAGE "stint import [options] FORMAT FILE"
#define CHUNK ((size_t)1 << 20)

static const struct import_ops *
find_format(const char *name)
{
	const char *names[16] = {NULL};

	for (size_t i = 0; i < 15 && import_formats[i] != NULL; i++) {
		names[i] = import_formats[i]->name;
	}
	return import_formats[options_choose("FORMAT", name, names)];
}

static void
check_options(const struct import_options *options)
{
	if (options->scale > 0 && options->bound_us > 0) {
		errx(EXIT_USAGE, "--scale and --bound: one or the other");
	}
	if (options->as == IMPORT_EXEC && (options->scale > 0 || options->bound_us > 0)) {
		errx(EXIT_USAGE,
		     "--%s: commands take as long as they take; it goes with --as steps",
		     options->scale > 0 ? "scale" : "bound");
	}
	if (options->cores > 0 && options->bound_us == 0) {
		errx(EXIT_USAGE, "-j: is for --bound: how many cores the least time is for");
	}
}

/* The whole file; a NUL is behind it. */
static void
read_file(const char *path, struct text *bytes, struct stat *source)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = 1;

	if (fd < 0 || fstat(fd, source) != 0) {
		err(EXIT_USAGE, "%s", path);
	}
	text_reserve(bytes, S_ISREG(source->st_mode) ? (size_t)source->st_size + CHUNK : CHUNK);
	while (got > 0) {
		text_reserve(bytes, CHUNK);
		do {
			got = read(fd, bytes->data + bytes->len, CHUNK);
		} while (got < 0 && errno == EINTR);
		bytes->len += got > 0 ? (size_t)got : 0;
	}
	if (got < 0) {
		err(EXIT_USAGE, "%s", path);
	}
	text_terminate(bytes);
	if (!is_stdin) {
		fds_close(&fd);
	}
}

/* What the seconds of the source are to be multiplied by. */
static double
find_scale(const struct import_options *options, const struct import_job *job, const char *file)
{
	double bound;

	if (options->bound_us == 0) {
		return options->scale > 0 ? options->scale : 1;
	}
	bound = import_job_bound(job, options->cores > 0 ? options->cores : cores_available());
	if (!(bound > 0)) {
		errx(EXIT_USAGE, "--bound: the tasks of %s take no time, whatever the scale", file);
	}
	return (double)options->bound_us / 1e6 / bound;
}

static void
write_file(const char *path, const struct stat *source, const struct text *out)
{
	bool to_stdout = path == NULL || strcmp(path, "-") == 0;
	int fd = STDOUT_FILENO;
	struct stat target;

	if (!to_stdout) {
		if (stat(path, &target) == 0 && S_ISREG(target.st_mode) &&
		    target.st_dev == source->st_dev && target.st_ino == source->st_ino) {
			errx(EXIT_USAGE, "-o: %s is what is imported; name another", path);
		}
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	}
	if (fd < 0 || !fds_write_all(fd, out->data, out->len) || (!to_stdout && close(fd) != 0)) {
		err(EXIT_SYSTEM, "%s", to_stdout ? "stdout" : path);
	}
}

static void
convert(const struct import_ops *format, const struct import_options *options, const char *path)
{
	struct import_source source = {.as = options->as};
	struct text bytes = TEXT_INIT, out = TEXT_INIT, error = TEXT_INIT;
	struct import_job job = {.count = 0};
	struct stat file;
	uint32_t task;

	read_file(path, &bytes, &file);
	source.file = strcmp(path, "-") == 0 ? "stdin" : path;
	source.bytes = (struct span){bytes.data, bytes.len};
	if (!format->read(&source, &job, &error)) {
		text_terminate(&error);
		errx(EXIT_USAGE, "%s", error.data);
	}
	if (!import_job_write(&job, options->as, find_scale(options, &job, source.file), &out,
			      &task)) {
		errx(EXIT_USAGE,
		     "%s: task \"%.*s\" takes longer than ten years; a smaller --scale helps",
		     source.file, (int)job.tasks[task].id.len, job.tasks[task].id.at);
	}
	write_file(options->output, &file, &out);
	import_job_clear(&job);
	text_free(&error);
	text_free(&out);
	text_free(&bytes);
}

int
cmd_import(int argc, char **argv)
{
	struct command_line line = {.first = 0};
	struct text usage = TEXT_INIT;

	text_string(&usage, USAGE "\n\nWrites a job file. The formats:\n");
	import_describe(&usage);
	usage.len--;
	text_terminate(&usage);
	options_parse(&line, argc, argv, FOR_IMPORT, usage.data);
	text_free(&usage);
	check_options(&line.import);
	if (argc == line.first) {
		errx(EXIT_USAGE, "from which format? usage: " USAGE);
	}
	const struct import_ops *format = find_format(argv[line.first]);
	if (argc != line.first + 2) {
		errx(EXIT_USAGE, "%s; usage: " USAGE,
		     argc == line.first + 1 ? "which file? (- is stdin)" : "one file at a time");
	}
	convert(format, &line.import, argv[line.first + 1]);
	return EXIT_ALL_OK;
}
