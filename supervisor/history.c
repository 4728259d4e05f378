/* SPDX-License-Identifier: ISC */
/* history: see history.h. In the supervisor. */
#include "supervisor/history.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"

#define LINE_MOST 4096

/* Where it is, in `path`; the folders are made if `make`. False: there is no place for it. */
static bool
find_file(char *path, size_t size, bool make)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int len;

	if (state != NULL && state[0] == '/') {
		len = snprintf(path, size, "%s/stint/history.jsonl", state);
	} else if (home != NULL && home[0] == '/') {
		len = snprintf(path, size, "%s/.local/state/stint/history.jsonl", home);
	} else {
		return false;
	}
	if (len < 0 || (size_t)len >= size) {
		return false;
	}
	for (char *slash = path + 1; make && (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	return true;
}

/* Seconds, as microseconds; -1: it is none. */
static int64_t
time_of(const json_t *number)
{
	double seconds = json_number_value(number);

	return json_is_number(number) && seconds >= 0 && seconds < 1e9 ? (int64_t)(seconds * 1e6)
								       : -1;
}

/*
 * {"name":"fit","use":980,"tasks":12,"walls":[1.5,1.6],"cpus":[1.4,1.6]}, or "program" for "name".
 * Files of older versions have no "cpus"; -1 in there is not known either.
 */
static void
take_line(struct kinds *kinds, const char *line)
{
	json_t *object = json_loads(line, 0, NULL), *wall, *cpus = json_object_get(object, "cpus");
	const char *program = json_string_value(json_object_get(object, "program"));
	const char *name = json_string_value(json_object_get(object, "name"));
	json_int_t use = json_integer_value(json_object_get(object, "use"));
	json_int_t tasks = json_integer_value(json_object_get(object, "tasks"));
	struct kind *kind = NULL;
	size_t i;

	if ((program != NULL || name != NULL) && use >= 0 && use <= 1000000 && tasks >= 0) {
		const char *key = program != NULL ? program : name;

		kind = kinds_get(kinds, span_of(key), program != NULL);
	}
	if (kind != NULL) {
		json_array_foreach(json_object_get(object, "walls"), i, wall)
		{
			if (time_of(wall) >= 0) {
				kind_learn_took(kind, time_of(wall),
						time_of(json_array_get(cpus, i)));
			}
		}
		kind->use = (uint32_t)use;
		kind->ended = tasks > 1000 ? 1000 : (uint32_t)tasks;
		kind->changed = false;
	}
	json_decref(object);
}

/* NULL: there is nothing that could be read without waiting for somebody. */
static FILE *
open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat info;
	FILE *file = NULL;

	if (fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
		file = fdopen(fd, "r");
	}
	if (fd >= 0 && file == NULL) {
		close(fd);
	}
	return file;
}

void
history_load(struct kinds *kinds)
{
	char path[PATH_MAX], line[LINE_MOST];
	FILE *file;

	if (!find_file(path, sizeof(path), false) || (file = open_regular(path)) == NULL) {
		return;
	}
	for (int i = 0; i < HISTORY_MOST && fgets(line, sizeof(line), file) != NULL; i++) {
		take_line(kinds, line);
	}
	fclose(file);
}

struct saving {
	struct text out;
	unsigned lines;
	bool changed; /* which ones it is about */
};

/* The oldest first. */
static void
put_times(struct text *out, const struct kind *kind, const int64_t *times_us)
{
	unsigned first = (kind->wall_next + KIND_WALLS - (unsigned)kind->wall_count) % KIND_WALLS;

	for (unsigned i = 0; i < kind->wall_count; i++) {
		int64_t us = times_us[(first + i) % KIND_WALLS];

		text_string(out, i == 0 ? "" : ",");
		if (us < 0) {
			text_string(out, "-1");
		} else {
			text_seconds(out, us);
		}
	}
}

static void
put_kind(void *context, struct kind *kind)
{
	struct saving *saving = context;

	if (kind->changed != saving->changed || saving->lines == HISTORY_MOST ||
	    (kind->ended == 0 && kind->wall_count == 0) || strlen(kind->name) > LINE_MOST / 16) {
		return;
	}
	saving->lines++;
	text_string(&saving->out, kind->is_program ? "{\"program\":" : "{\"name\":");
	text_json_string(&saving->out, kind->name, strlen(kind->name));
	text_printf(&saving->out, ",\"use\":%u,\"tasks\":%u,\"walls\":[", kind->use, kind->ended);
	put_times(&saving->out, kind, kind->walls_us);
	text_string(&saving->out, "],\"cpus\":[");
	put_times(&saving->out, kind, kind->cpus_us);
	text_string(&saving->out, "]}\n");
}

/* All or nothing: a new file takes the old one's place. */
static void
replace_file(const char *path, const struct text *text)
{
	char temporary[PATH_MAX + 16];
	bool good;
	int fd;

	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		return;
	}
	good = fds_write_all(fd, text->data, text->len);
	good = close(fd) == 0 && good;
	if (!good || rename(temporary, path) != 0) {
		unlink(temporary);
	}
}

void
history_save(struct kinds *kinds)
{
	struct saving saving = {.out = TEXT_INIT, .changed = true};
	char path[PATH_MAX];

	kinds_each(kinds, put_kind, &saving);
	if (saving.lines > 0 && find_file(path, sizeof(path), true)) {
		saving.changed = false;
		kinds_each(kinds, put_kind, &saving);
		replace_file(path, &saving.out);
	}
	text_free(&saving.out);
}
