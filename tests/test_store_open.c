/* SPDX-License-Identifier: ISC */
/*
 * test_store_open: what is opened and what is refused: older and newer schemas, other programs'
 * databases, damaged ones, files that are not what they should be; and what stintd --check finds.
 */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/store.h"
#include "supervisor/store_schema.h"
#include "tests/store_user.h"
#include "tests/unit.h"

static struct store_user user;

static struct text
read_file(const char *path)
{
	struct text bytes = TEXT_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat info;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &info), 0);
	text_reserve(&bytes, (size_t)info.st_size + 1);
	ck_assert_int_eq(read(fd, bytes.data, (size_t)info.st_size), info.st_size);
	bytes.len = (size_t)info.st_size;
	close(fd);
	return bytes;
}

static void
write_file(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert(fds_write_all(fd, bytes, len));
	close(fd);
}

/* It is not opened, for this reason, by the daemon nor by the check; and nothing is changed. */
static void
assert_refused(const char *why)
{
	struct text before = read_file(user.path), after;
	char log[128];

	snprintf(log, sizeof(log), "%s-wal", user.path);
	ck_assert(!store_user_open(&user));
	store_user_assert_error(&user, why);
	store_user_assert_finds(&user, user.directory);
	after = read_file(user.path);
	ck_assert_uint_eq(before.len, after.len);
	if (before.len > 0) {
		ck_assert_mem_eq(before.data, after.data, before.len);
	}
	ck_assert(access(log, F_OK) != 0);
	text_free(&before);
	text_free(&after);
}

/* A store with a few jobs and records, closed. */
static void
make_store(void)
{
	struct store_job job = {.number = 2, .weight = 1};

	store_user_setup(&user);
	ck_assert_msg(store_user_open(&user), "%s", user.error.data);
	store_user_submit(&user, "one");
	store_user_submit(&user, "two");
	job.by_status[STATUS_failed] = 6;
	job.result_bytes = 60;
	store_user_results(&user, 2, 0, 3, NULL);
	store_user_results(&user, 2, 3, 6, &job);
	store_user_close(&user);
	store_user_assert_whole(&user);
}

/* ---- schemas ---------------------------------------------------------------------------------- */

START_TEST(a_database_of_the_first_version_is_opened)
{
	const char *top = getenv("TOP");
	const struct store_job *job;
	struct text sql;
	char path[512];

	store_user_setup(&user);
	snprintf(path, sizeof(path), "%s/tests/golden/store_1.sql", top == NULL ? "." : top);
	sql = read_file(path);
	text_terminate(&sql);
	store_user_sql(&user, sql.data);
	text_free(&sql);
	ck_assert_msg(store_user_open(&user), "%s", user.error.data);
	ck_assert_uint_eq(user.count, 2);
	job = store_user_job(&user, 2);
	ck_assert_str_eq(job->name, "nightly");
	ck_assert_uint_eq(job->phase, JOB_ENDED);
	ck_assert_uint_eq(job->by_status[STATUS_ok], 2);
	ck_assert_int_eq(job->ended_us, INT64_C(1764082923000003));
	job = store_user_job(&user, 4);
	ck_assert_uint_eq(job->after_count, 2);
	ck_assert_uint_eq(job->after[1], 3);
	ck_assert_int_eq(job->priority, -3);
	ck_assert_str_eq(job->reason, "why");
	store_user_assert_read(&user, store_source, 2, "what it is ");
	store_user_assert_read(&user, store_get_results, 2, "{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
	ck_assert_uint_eq(store_next_number(user.store), 10);
	store_user_close(&user);
	ck_assert_int_eq(store_user_ask(&user, "PRAGMA user_version"),
			 store_migrations[store_migration_count - 1].version);
	store_user_assert_whole(&user);
	store_user_teardown(&user);
}
END_TEST

/* The second version keeps whose fault a failure is; of those before it is told by what there is. */
START_TEST(whose_fault_a_failure_of_the_first_version_was)
{
	static const char *const made =
	    "INSERT INTO jobs VALUES (%d, 1, 3, %d, 0, 0, 1, 0, NULL, NULL,"
	    " NULL, NULL, %s, 1, 2, 3, 0, 0, 0, %d, 0, 0, 0, 0, 0, 0, 0, 0,"
	    " 0, 0, 0)";
	static const struct {
		enum job_outcome outcome;
		const char *reason;
		int records;
		enum job_fault fault;
	} jobs[] = {
	    {JOB_FAILED, "'night.json:1: unknown key'", 0, FAULT_INVALID},
	    {JOB_FAILED, "'it could not be read to its end'", 1, FAULT_SYSTEM},
	    {JOB_FAILED, "NULL", 1, FAULT_NONE},
	    {JOB_CANCELLED, "'it was cancelled before it began'", 0, FAULT_NONE},
	};
	struct text error = TEXT_INIT;
	char sql[256];
	sqlite3 *db;

	store_user_setup(&user);
	ck_assert_int_eq(sqlite3_open(user.path, &db), SQLITE_OK);
	ck_assert(store_schema_migrate(db, store_migrations, 1, &error));
	sqlite3_close(db);
	for (size_t i = 0; i < LENGTH(jobs); i++) {
		snprintf(sql, sizeof(sql), made, (int)i + 1, jobs[i].outcome, jobs[i].reason,
			 jobs[i].records);
		store_user_sql(&user, sql);
	}
	ck_assert_msg(store_user_open(&user), "%s", user.error.data);
	for (size_t i = 0; i < LENGTH(jobs); i++) {
		ck_assert_uint_eq(store_user_job(&user, i + 1)->fault, jobs[i].fault);
	}
	store_user_close(&user);
	text_free(&error);
	store_user_teardown(&user);
}
END_TEST

START_TEST(migrations_are_made_in_order_all_or_none)
{
	static const struct store_migration good[] = {
	    {1, "CREATE TABLE a (x)"},
	    {2, "INSERT INTO a VALUES (2); ALTER TABLE a RENAME TO b"},
	    {3, "INSERT INTO b VALUES (3)"},
	};
	const struct store_migration bad[] = {
	    good[0], good[1], good[2], {4, "DELETE FROM b"}, {5, "INSERT INTO c VALUES (1)"}};
	struct text error = TEXT_INIT;
	sqlite3 *db;

	store_user_setup(&user);
	for (size_t count = 1; count <= LENGTH(good); count++) {
		ck_assert_int_eq(sqlite3_open(user.path, &db), SQLITE_OK);
		ck_assert(store_schema_migrate(db, good, count, &error));
		ck_assert(store_schema_migrate(db, good, count, &error));
		sqlite3_close(db);
		ck_assert_int_eq(store_user_ask(&user, "PRAGMA user_version"), (int)count);
	}
	ck_assert_int_eq(sqlite3_open(user.path, &db), SQLITE_OK);
	ck_assert(!store_schema_migrate(db, bad, LENGTH(bad), &error));
	unit_assert_text(&error, "no such table: c");
	sqlite3_close(db);
	ck_assert_int_eq(store_user_ask(&user, "PRAGMA user_version"), 3);
	ck_assert_int_eq(store_user_ask(&user, "SELECT sum(x) FROM b"), 5);
	ck_assert_int_eq(store_user_ask(&user, "PRAGMA application_id"), STORE_APPLICATION);
	text_free(&error);
	store_user_teardown(&user);
}
END_TEST

START_TEST(the_migrations_have_no_gap)
{
	ck_assert_uint_ge(store_migration_count, 1);
	for (size_t i = 0; i < store_migration_count; i++) {
		ck_assert_int_eq(store_migrations[i].version, (int)i + 1);
	}
}
END_TEST

START_TEST(a_newer_or_foreign_one_is_refused)
{
	make_store();
	store_user_sql(&user, "PRAGMA user_version = 1000");
	assert_refused("written by a newer stintd (its schema is 1000");
	store_user_sql(&user, "PRAGMA user_version = 0; PRAGMA application_id = 7");
	assert_refused("a database of another program");
	store_user_sql(&user, "PRAGMA journal_mode = DELETE; PRAGMA application_id = 0");
	assert_refused("a database of another program");
	store_user_teardown(&user);
}
END_TEST

/* ---- damage ----------------------------------------------------------------------------------- */

START_TEST(a_damaged_database_is_refused_and_left_alone)
{
	struct text whole;
	size_t at;

	make_store();
	whole = read_file(user.path);
	write_file(user.path, "this is no database, but it is long enough to be one of something",
		   65);
	assert_refused("the database is damaged");
	write_file(user.path, whole.data, whole.len / 2);
	assert_refused("the database is damaged");
	write_file(user.path, whole.data, 100);
	assert_refused("the database is damaged");
	for (at = 4096; at < whole.len; at += 4096) {
		memset(whole.data + at, 0x5a, 64);
	}
	write_file(user.path, whole.data, whole.len);
	assert_refused("the database is damaged. It was left as it is");
	text_free(&whole);
	store_user_teardown(&user);
}
END_TEST

START_TEST(a_log_without_its_database_is_refused)
{
	char log[128];
	struct text bytes;

	make_store();
	snprintf(log, sizeof(log), "%s-wal", user.path);
	write_file(user.path, "", 0);
	write_file(log, "jobs, perhaps", 13);
	ck_assert(!store_user_open(&user));
	store_user_assert_error(&user, "is missing or empty, but there is its log");
	unlink(user.path);
	ck_assert(!store_user_open(&user));
	store_user_assert_error(&user, "is missing or empty, but there is its log");
	bytes = read_file(log);
	ck_assert_uint_eq(bytes.len, 13);
	text_free(&bytes);
	store_user_teardown(&user);
}
END_TEST

START_TEST(the_check_finds_what_does_not_fit)
{
	static const struct {
		const char *sql, *undo, *finds;
	} damages[] = {
	    {"UPDATE chunks SET count = 4 WHERE key % 2 = 0", "UPDATE chunks SET count = 3",
	     "job 2: a batch of records has lines: 3, not 4"},
	    {"UPDATE chunks SET key = key + 5 WHERE key % 2 = 1",
	     "UPDATE chunks SET key = key - 5 WHERE key & 7 = 6",
	     "job 2: a piece is missing, the next has the number: 6, not 1"},
	    {"UPDATE jobs SET ok = 2", "UPDATE jobs SET ok = 0",
	     "job 2: it has fewer records than it counts: 6, not 8"},
	    {"UPDATE jobs SET result_bytes = 1000", "UPDATE jobs SET result_bytes = 0",
	     "its records have fewer bytes than it counts"},
	    {"UPDATE sources SET data = 'on' WHERE data = x'6f6e65'",
	     "UPDATE sources SET data = 'one' WHERE data = 'on'",
	     "job 1: what it is made of has bytes: 2, not 3"},
	    {"INSERT INTO sources VALUES (77 << 28, 'stray')",
	     "DELETE FROM sources WHERE key >= 77 << 28", "pieces of sources belong to no job"},
	    {"UPDATE jobs SET phase = 9", "UPDATE jobs SET phase = 1", "no such phase: 9"},
	};

	make_store();
	for (size_t i = 0; i < LENGTH(damages); i++) {
		store_user_sql(&user, damages[i].sql);
		store_user_assert_finds(&user, damages[i].finds);
		store_user_sql(&user, damages[i].undo);
		store_user_assert_whole(&user);
	}
	store_user_teardown(&user);
}
END_TEST

/* The log of a store that was killed is read, and is neither moved nor removed. */
START_TEST(the_check_changes_nothing)
{
	struct text before, after, report = TEXT_INIT;
	char log[128];

	store_user_setup(&user);
	snprintf(log, sizeof(log), "%s-wal", user.path);
	ck_assert(store_check(user.directory, &report));
	text_terminate(&report);
	ck_assert_ptr_nonnull(strstr(report.data, "there is no database yet"));
	ck_assert(access(user.path, F_OK) != 0);
	ck_assert(store_user_open(&user));
	store_user_submit(&user, "in the log");
	store_user_assert_finds(&user, "another process has this store open");
	kill(store_process(user.store), SIGKILL);
	store_user_close(&user);
	before = read_file(log);
	ck_assert_uint_gt(before.len, 0);
	store_user_assert_whole(&user);
	after = read_file(log);
	ck_assert_uint_eq(before.len, after.len);
	ck_assert_mem_eq(before.data, after.data, before.len);
	ck_assert(store_user_open(&user));
	ck_assert_uint_eq(user.count, 1);
	text_free(&before);
	text_free(&after);
	text_free(&report);
	store_user_teardown(&user);
}
END_TEST

/* ---- files ------------------------------------------------------------------------------------ */

static void
assert_file_refused(const char *path, const char *why)
{
	ck_assert(!store_user_open(&user));
	store_user_assert_error(&user, why);
	store_user_assert_finds(&user, why);
	ck_assert_int_eq(unlink(path), 0);
}

START_TEST(only_plain_files_of_ours_are_opened)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
	char path[128], aside[128];

	make_store();
	snprintf(aside, sizeof(aside), "%s/aside", user.directory);
	ck_assert_int_eq(rename(user.path, aside), 0);
	for (size_t i = 0; i < LENGTH(suffixes); i++) {
		snprintf(path, sizeof(path), "%s%s", user.path, suffixes[i]);
		ck_assert_int_eq(symlink("aside", path), 0);
		assert_file_refused(path, "is a symbolic link");
		ck_assert_int_eq(symlink("nowhere", path), 0);
		assert_file_refused(path, "is a symbolic link");
		ck_assert_int_eq(link(aside, path), 0);
		assert_file_refused(path, "(a hard link)");
		ck_assert_int_eq(mkfifo(path, 0600), 0);
		assert_file_refused(path, "is not a regular file");
		write_file(path, "", 0);
		ck_assert_int_eq(chmod(path, 0604), 0);
		assert_file_refused(path, "chmod 600");
		if (geteuid() == 0) {
			write_file(path, "", 0);
			ck_assert_int_eq(chown(path, 12345, 0), 0);
			assert_file_refused(path, "belongs to another user");
		}
	}
	ck_assert_int_eq(rename(aside, user.path), 0);
	ck_assert(store_user_open(&user));
	ck_assert_uint_eq(user.count, 2);
	store_user_teardown(&user);
}
END_TEST

START_TEST(only_a_private_directory_is_opened)
{
	char real[80], own[64];

	make_store();
	ck_assert_int_eq(chmod(user.directory, 0750), 0);
	assert_refused("is open to others (mode 0750): chmod 700 /tmp/");
	ck_assert_int_eq(chmod(user.directory, 0700), 0);
	if (geteuid() == 0) {
		ck_assert_int_eq(chown(user.directory, 12345, 0), 0);
		assert_refused("belongs to user 12345");
		ck_assert_int_eq(chown(user.directory, 0, 0), 0);
	}
	snprintf(own, sizeof(own), "%s", user.directory);
	snprintf(real, sizeof(real), "%s-real", own);
	ck_assert_int_eq(rename(own, real), 0);
	ck_assert(!store_user_open(&user));
	store_user_assert_error(&user, "No such file or directory");
	ck_assert_int_eq(symlink(real, own), 0);
	assert_refused("not a directory, or a symbolic link to one");
	ck_assert_int_eq(unlink(own), 0);
	write_file(own, "", 0);
	ck_assert(!store_user_open(&user));
	store_user_assert_error(&user, "not a directory, or a symbolic link to one");
	ck_assert_int_eq(unlink(own), 0);
	ck_assert_int_eq(rename(real, own), 0);
	ck_assert(store_user_open(&user));
	store_user_teardown(&user);
}
END_TEST

START_TEST(what_it_makes_is_private)
{
	struct stat info;

	umask(0);
	make_store();
	ck_assert_int_eq(stat(user.path, &info), 0);
	ck_assert_uint_eq(info.st_mode & 07777, 0600);
	store_user_teardown(&user);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_database_of_the_first_version_is_opened,
	    whose_fault_a_failure_of_the_first_version_was,
	    migrations_are_made_in_order_all_or_none,
	    the_migrations_have_no_gap,
	    a_newer_or_foreign_one_is_refused,
	    a_damaged_database_is_refused_and_left_alone,
	    a_log_without_its_database_is_refused,
	    the_check_finds_what_does_not_fit,
	    the_check_changes_nothing,
	    only_plain_files_of_ours_are_opened,
	    only_a_private_directory_is_opened,
	    what_it_makes_is_private,
	};

	return unit_run("store_open", tests, LENGTH(tests));
}
