/* SPDX-License-Identifier: ISC */
/* store_user: see store_user.h. */
#include "tests/store_user.h"

#include <dirent.h>
#include <event2/event.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit.h"

void
store_user_setup(struct store_user *user)
{
	*user = (struct store_user){.directory = "/tmp/stint-store-XXXXXX", .fd = -1};
	ck_assert_ptr_nonnull(mkdtemp(user->directory));
	snprintf(user->path, sizeof(user->path), "%s/stintd.db", user->directory);
	user->base = event_base_new();
}

static void
forget_jobs(struct store_user *user)
{
	for (size_t i = 0; i < user->count; i++) {
		const struct store_job *job = &user->jobs[i];
		const void *owned[] = {job->name, job->file, job->directory, job->reason,
				       job->after};

		for (size_t j = 0; j < LENGTH(owned); j++) {
			free((void *)(uintptr_t)owned[j]);
		}
	}
	user->count = 0;
	user->all_loaded = false;
}

void
store_user_teardown(struct store_user *user)
{
	struct dirent *entry;
	DIR *directory;

	store_user_close(user);
	forget_jobs(user);
	directory = opendir(user->directory);
	while ((entry = readdir(directory)) != NULL) {
		unlinkat(dirfd(directory), entry->d_name, 0);
	}
	closedir(directory);
	ck_assert_int_eq(rmdir(user->directory), 0);
	event_base_free(user->base);
	text_free(&user->error);
}

static const char *
copy(const char *string)
{
	return string == NULL ? NULL : strdup(string);
}

static void
on_loaded(void *context, const struct store_job *job)
{
	struct store_user *user = context;
	struct store_job *own = &user->jobs[user->count];
	uint64_t *after;

	ck_assert(!user->all_loaded);
	if (job == NULL) {
		user->all_loaded = true;
		return;
	}
	ck_assert_uint_lt(user->count, USER_JOBS);
	*own = *job;
	own->name = copy(job->name);
	own->file = copy(job->file);
	own->directory = copy(job->directory);
	own->reason = copy(job->reason);
	after = calloc(job->after_count + 1, sizeof(*after));
	if (job->after_count > 0) {
		memcpy(after, job->after, job->after_count * sizeof(*after));
	}
	own->after = after;
	user->count++;
}

static void
set_error(struct store_user *user, const char *why)
{
	text_clear(&user->error);
	text_string(&user->error, why);
	text_terminate(&user->error);
}

static void
on_broken(void *context, const char *why)
{
	struct store_user *user = context;

	user->broken++;
	set_error(user, why);
}

static void
on_room(void *context)
{
	((struct store_user *)context)->room++;
}

static const struct store_events events = {
    .loaded = on_loaded, .broken = on_broken, .room = on_room};

bool
store_user_open(struct store_user *user)
{
	forget_jobs(user);
	user->broken = 0;
	text_clear(&user->error);
	user->store = store_open(user->base, user->directory, &events, user, &user->error);
	text_terminate(&user->error);
	if (user->store == NULL) {
		return false;
	}
	while (!user->all_loaded && user->broken == 0) {
		event_base_loop(user->base, EVLOOP_ONCE);
	}
	return user->broken == 0;
}

void
store_user_close(struct store_user *user)
{
	store_close(user->store);
	user->store = NULL;
}

const struct store_job *
store_user_job(const struct store_user *user, uint64_t number)
{
	for (size_t i = 0; i < user->count; i++) {
		if (user->jobs[i].number == number) {
			return &user->jobs[i];
		}
	}
	return NULL;
}

void
store_user_done(void *context, const char *error)
{
	struct store_user *user = context;

	user->waiting--;
	user->answers++;
	if (error != NULL) {
		user->failures++;
		set_error(user, error);
	}
}

void
store_user_wait(struct store_user *user)
{
	while (user->waiting > 0) {
		ck_assert_int_eq(event_base_loop(user->base, EVLOOP_ONCE), 0);
	}
}

uint64_t
store_user_submit(struct store_user *user, const char *source)
{
	struct store_job job = {.number = store_next_number(user->store), .weight = 1};

	user->waiting++;
	store_submit(user->store, &job, span_of(source), true, store_user_done, user);
	store_user_wait(user);
	return job.number;
}

void
store_user_update(struct store_user *user, const struct store_job *job)
{
	user->waiting++;
	store_update(user->store, job, store_user_done, user);
	store_user_wait(user);
}

void
store_user_results(struct store_user *user, uint64_t number, unsigned from, unsigned to,
		   const struct store_job *job)
{
	struct text lines = TEXT_INIT;

	for (unsigned i = from; i < to; i++) {
		text_printf(&lines, "{\"id\":\"%u\",\"status\":\"ok\",\"turn\":%u}\n", i, from);
	}
	user->waiting++;
	store_results(user->store, number, (struct span){lines.data, lines.len}, to - from, job,
		      store_user_done, user);
	text_free(&lines);
	store_user_wait(user);
}

void
store_user_remove(struct store_user *user, uint64_t number)
{
	user->waiting++;
	store_remove(user->store, &number, 1, store_user_done, user);
	store_user_wait(user);
}

static void
on_got(void *context, int fd, const char *error)
{
	struct store_user *user = context;

	ck_assert((fd < 0) == (error != NULL));
	user->fd = fd;
	user->waiting--;
	if (error != NULL) {
		set_error(user, error);
	}
}

static struct text
read_answer(struct store_user *user)
{
	struct text bytes = TEXT_INIT;
	struct stat info;

	store_user_wait(user);
	if (user->fd >= 0) {
		ck_assert_int_eq(fstat(user->fd, &info), 0);
		text_reserve(&bytes, (size_t)info.st_size + 1);
		while (bytes.len < (size_t)info.st_size) {
			ssize_t got = read(user->fd, bytes.data + bytes.len,
					   (size_t)info.st_size - bytes.len);

			ck_assert_int_gt(got, 0);
			bytes.len += (size_t)got;
		}
		close(user->fd);
		user->fd = -1;
	}
	text_terminate(&bytes);
	return bytes;
}

struct text
store_user_read(struct store_user *user, store_user_get *get, uint64_t number)
{
	user->waiting++;
	get(user->store, number, on_got, user);
	return read_answer(user);
}

struct text
store_user_record(struct store_user *user, uint64_t number, const char *task)
{
	user->waiting++;
	store_get_record(user->store, number, task, on_got, user);
	return read_answer(user);
}

void
store_user_sql(const struct store_user *user, const char *sql)
{
	sqlite3 *db;
	char *why = NULL;

	ck_assert_int_eq(sqlite3_open(user->path, &db), SQLITE_OK);
	sqlite3_exec(db, sql, NULL, NULL, &why);
	ck_assert_ptr_null(why);
	sqlite3_close(db);
	ck_assert_int_eq(chmod(user->path, 0600), 0);
}

int64_t
store_user_ask(const struct store_user *user, const char *sql)
{
	sqlite3_stmt *statement;
	sqlite3 *db;
	int64_t answer;

	ck_assert_int_eq(sqlite3_open(user->path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
	answer = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return answer;
}

static void
assert_has(struct text *text, const char *part)
{
	text_terminate(text);
	ck_assert_msg(strstr(text->data, part) != NULL, "\"%s\" is not in \"%s\"", part,
		      text->data);
}

void
store_user_assert_whole(const struct store_user *user)
{
	struct text report = TEXT_INIT;
	bool whole = store_check(user->directory, &report);

	text_terminate(&report);
	ck_assert_msg(whole, "%s", report.data);
	assert_has(&report, ": whole: ");
	text_free(&report);
}

void
store_user_assert_finds(const struct store_user *user, const char *part)
{
	struct text report = TEXT_INIT;

	ck_assert(!store_check(user->directory, &report));
	assert_has(&report, part);
	text_free(&report);
}

void
store_user_assert_error(struct store_user *user, const char *part)
{
	assert_has(&user->error, part);
	text_clear(&user->error);
}

void
store_user_assert_read(struct store_user *user, store_user_get *get, uint64_t number,
		       const char *expected)
{
	struct text bytes = store_user_read(user, get, number);

	ck_assert_str_eq(bytes.data, expected);
	text_free(&bytes);
}

void
store_user_assert_record(struct store_user *user, uint64_t number, const char *task,
			 const char *expected)
{
	struct text bytes = store_user_record(user, number, task);

	ck_assert_str_eq(bytes.data, expected);
	text_free(&bytes);
}

void
store_user_assert_missing(struct store_user *user, uint64_t number)
{
	store_user_assert_read(user, store_get_results, number, "");
	store_user_assert_error(user, "there is no job ");
}

struct text
store_user_bytes(size_t len)
{
	struct text bytes = TEXT_INIT;

	for (unsigned i = 0; bytes.len < len; i++) {
		text_printf(&bytes, "%u,", i);
	}
	bytes.len = len;
	return bytes;
}
