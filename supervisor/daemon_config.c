/* SPDX-License-Identifier: ISC */
/* daemon_config: see daemon_config.h. In the supervisor: of stintd, and of clients. */
#include "supervisor/daemon_config.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/json_scan.h"
#include "ipc/json_value.h"
#include "ipc/nearest.h"
#include "supervisor/daemon_paths.h"
#include "supervisor/daemon_value.h"
#include "supervisor/jobfile_error.h"

#define FILE_MOST (1 << 20)

/* What a config is part of: the values that were set, by which two are compared. */
struct kept_config {
	struct daemon_config config; /* the first: one is a pointer to the other */
	json_t *values[DAEMON_KEYS_MOST];
	json_t *all; /* each value that ever was: strings of theirs may still be pointed to */
};

static struct kept_config *
kept_of(struct daemon_config *config)
{
	return (struct kept_config *)config;
}

/* ---- one key ---------------------------------------------------------------------------------- */

static const struct daemon_key *
find_key(const char *name)
{
	for (size_t i = 0; i < daemon_key_count; i++) {
		if (strcmp(daemon_keys[i].name, name) == 0) {
			return &daemon_keys[i];
		}
	}
	return NULL;
}

/* Takes over the reference to the value. NULL, or what is wrong with it. */
static const char *
set_value(struct daemon_config *config, const struct daemon_key *key, json_t *value)
{
	struct kept_config *kept = kept_of(config);
	const char *wrong = key->take(key, config, value);

	if (json_array_append_new(kept->all, value) != 0) {
		err(3, "configuration");
	}
	if (wrong == NULL) {
		kept->values[key - daemon_keys] = value;
	}
	return wrong;
}

static void
say_unknown(const char *name, struct text *out)
{
	struct nearest nearest = NEAREST_INIT(name);

	for (size_t i = 0; i < daemon_key_count; i++) {
		nearest_offer(&nearest, daemon_keys[i].name);
	}
	if (nearest.word != NULL) {
		text_printf(out, "unknown key, did you mean \"%s\"?", nearest.word);
	} else {
		text_string(out, "unknown key; stintd.json(5) lists them");
	}
	text_terminate(out);
}

bool
daemon_config_set(struct daemon_config *config, const char *name, const char *value,
		  struct text *error)
{
	const struct daemon_key *key = find_key(name);
	json_t *json = json_loads(value, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	struct text message = TEXT_INIT;
	const char *wrong = NULL;

	if (json == NULL) {
		json = json_string(value); /* nobody writes the quotes on a command line */
	}
	if (key == NULL) {
		say_unknown(name, &message);
		json_decref(json);
		wrong = message.data;
	} else if (json == NULL) {
		wrong = "is no UTF-8";
	} else {
		wrong = set_value(config, key, json);
	}
	if (wrong != NULL) {
		jobfile_complain(error, name, 0, "", "%s", wrong);
	}
	text_free(&message);
	return wrong == NULL;
}

/* ---- a file ----------------------------------------------------------------------------------- */

static void
new_line(struct text *error)
{
	if (error->len > 0) {
		text_char(error, '\n');
	}
}

/* Is there something that only JSON with comments has? Its place, outside of strings; else NULL. */
static const char *
find_comment(const struct span *file)
{
	bool quoted = false;

	for (size_t i = 0; i < file->len; i++) {
		char c = file->at[i], next = i + 1 < file->len ? file->at[i + 1] : '\0';

		if (quoted) {
			i += c == '\\';
			quoted = c != '"';
		} else if (c == '#' || (c == '/' && (next == '/' || next == '*'))) {
			return file->at + i;
		} else {
			quoted = c == '"';
		}
	}
	return NULL;
}

/* Is it JSON at all, an object, and no key there twice? */
static bool
is_object(const char *path, const struct span *file, struct text *error)
{
	const char *comment;
	json_error_t wrong;
	json_t *json = json_loadb(file->at, file->len, JSON_REJECT_DUPLICATES, &wrong);
	bool object = json_is_object(json);

	if (json != NULL && !object) {
		jobfile_complain(error, path, 1, "", "is to be one object: {\"cores\": 2}");
	} else if (json == NULL && (comment = find_comment(file)) != NULL) {
		jobfile_complain(error, path, jobfile_count_lines(file->at, comment) + 1, "",
				 "JSON has no comments: remove this one");
	} else if (json == NULL && file->len == 0) {
		jobfile_complain(error, path, 0, "", "is empty; what sets nothing is {}");
	} else if (json == NULL) {
		jobfile_complain(error, path, (uint64_t)(wrong.line > 0 ? wrong.line : 1), "", "%s",
				 wrong.text);
	}
	json_decref(json);
	return object;
}

/* `key` is without its quotes, which stand around it. False: `error` has one line more. */
static bool
take_member(struct daemon_config *config, const char *path, uint64_t line, struct span key,
	    struct span value, struct text *error)
{
	struct text name = TEXT_INIT, message = TEXT_INIT;
	const struct daemon_key *known = NULL;
	const char *wrong;

	json_value_append(&name, (struct span){key.at - 1, key.len + 2});
	text_terminate(&name);
	known = find_key(name.data);
	if (known == NULL) {
		say_unknown(name.data, &message);
		wrong = message.data;
	} else {
		wrong = set_value(config, known,
				  json_loadb(value.at, value.len, JSON_DECODE_ANY, NULL));
	}
	if (wrong != NULL) {
		new_line(error);
		jobfile_complain(error, path, line, name.data, "%s", wrong);
	}
	text_free(&name);
	text_free(&message);
	return wrong == NULL;
}

static bool
take_file(struct daemon_config *config, const char *path, const struct span *file,
	  struct text *error)
{
	struct json_members members;
	struct span key, value;
	bool good = true;

	if (!is_object(path, file, error)) {
		return false;
	}
	json_members_begin(&members, *file);
	while (json_members_next(&members, &key, &value)) {
		uint64_t line = jobfile_count_lines(file->at, key.at) + 1;

		good = take_member(config, path, line, key, value, error) && good;
	}
	if (members.failed) {
		new_line(error);
		jobfile_complain(error, path, 0, "", "is not JSON in UTF-8");
	}
	return good && !members.failed;
}

static bool
read_file(const char *path, struct text *file, struct text *error)
{
	int fd = daemon_paths_open(path, O_RDONLY, error);
	ssize_t got = 1;

	while (fd >= 0 && got > 0 && file->len <= FILE_MOST) {
		text_reserve(file, 65536);
		got = read(fd, file->data + file->len, 65536);
		if (got > 0) {
			file->len += (size_t)got;
		} else if (got < 0 && errno == EINTR) {
			got = 1;
		}
	}
	if (got < 0) {
		text_printf(error, "%s: %s", path, strerror(errno));
	} else if (file->len > FILE_MOST) {
		text_printf(error, "%s: is larger than 1 MiB", path);
	}
	if (fd >= 0) {
		close(fd);
	}
	return fd >= 0 && got == 0;
}

/* What nobody has set. */
static struct kept_config *
new_config(void)
{
	struct kept_config *kept = calloc(1, sizeof(*kept));

	if (kept == NULL || (kept->all = json_array()) == NULL) {
		err(3, "configuration");
	}
	for (size_t i = 0; i < daemon_key_count; i++) {
		if (daemon_keys[i].initial != NULL) {
			set_value(&kept->config, &daemon_keys[i],
				  json_loads(daemon_keys[i].initial, JSON_DECODE_ANY, NULL));
		}
	}
	return kept;
}

struct daemon_config *
daemon_config_parse(const char *name, struct span text, struct text *error)
{
	struct kept_config *kept = new_config();
	json_t *kept_name = json_string(name);

	if (kept_name != NULL && json_array_append_new(kept->all, kept_name) == 0) {
		kept->config.file = json_string_value(kept_name);
	}
	if (!take_file(&kept->config, name, &text, error)) {
		text_terminate(error);
		daemon_config_free(&kept->config);
		return NULL;
	}
	return &kept->config;
}

struct daemon_config *
daemon_config_read(const char *path, struct text *error)
{
	struct daemon_config *config = NULL;
	struct text file = TEXT_INIT;

	if (path == NULL) {
		return &new_config()->config;
	}
	if (read_file(path, &file, error)) {
		config = daemon_config_parse(path, (struct span){file.data, file.len}, error);
	} else {
		text_terminate(error);
	}
	text_free(&file);
	return config;
}

struct daemon_config *
daemon_config_load(const char *given, bool service, struct text *error)
{
	char path[DAEMON_PATH_MOST];
	struct stat info;

	if (given == NULL) {
		if (!daemon_paths_config(path, service, error)) {
			return NULL;
		}
		given =
		    lstat(path, &info) != 0 && (errno == ENOENT || errno == ENOTDIR) ? NULL : path;
	}
	return daemon_config_read(given, error);
}

void
daemon_config_free(struct daemon_config *config)
{
	if (config != NULL) {
		json_decref(kept_of(config)->all);
		free((void *)(uintptr_t)config->http_hosts);
		free(kept_of(config));
	}
}

/* ---- again ------------------------------------------------------------------------------------ */

static bool
is_same(const json_t *a, const json_t *b)
{
	return a == NULL || b == NULL ? a == b : json_equal(a, b) == 1;
}

void
daemon_config_reload(struct daemon_config *config, const struct daemon_config *next,
		     struct text *needs_restart)
{
	struct kept_config *kept = kept_of(config);
	const struct kept_config *other = (const struct kept_config *)next;

	for (size_t i = 0; i < daemon_key_count; i++) {
		const struct daemon_key *key = &daemon_keys[i];

		if (is_same(kept->values[i], other->values[i])) {
			continue;
		}
		if (key->when == START) {
			text_printf(needs_restart, "%s%s", needs_restart->len > 0 ? ", " : "",
				    key->name);
		} else if (other->values[i] != NULL) {
			set_value(config, key, json_incref(other->values[i]));
		} else {
			kept->values[i] = NULL;
			*(const char **)((char *)config + key->offset) = NULL;
		}
	}
	text_terminate(needs_restart);
}
