/* SPDX-License-Identifier: ISC */
/* test_history: what was learned comes back in the next run, and no file can do harm. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/history.h"
#include "tests/unit.h"

static char folder[64], file[128];

/* A state folder that is not there yet. */
static void
begin(void)
{
	snprintf(folder, sizeof(folder), "/tmp/history.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/state", folder);
	setenv("XDG_STATE_HOME", file, 1);
	snprintf(file, sizeof(file), "%s/state/stint/history.jsonl", folder);
}

static void
end(void)
{
	char path[128];

	unlink(file);
	snprintf(path, sizeof(path), "%s/state/stint", folder);
	rmdir(path); /* fails if a temporary file was left, and then so does the next */
	snprintf(path, sizeof(path), "%s/state", folder);
	rmdir(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

static void
write_history(const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/state", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/state/stint", folder);
	mkdir(path, 0700);
	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert(fds_write_all(fd, text, strlen(text)));
	close(fd);
}

static struct kinds *
loaded(void)
{
	struct kinds *kinds = kinds_new();

	history_load(kinds);
	return kinds;
}

static unsigned
count_lines(void)
{
	FILE *lines = fopen(file, "re");
	unsigned count = 0;
	int c;

	ck_assert_ptr_nonnull(lines);
	while ((c = getc(lines)) != EOF) {
		count += c == '\n';
	}
	fclose(lines);
	return count;
}

START_TEST(what_was_learned_comes_back)
{
	int64_t wall_us, cpu_us;
	struct kinds *kinds;
	struct kind *kind;

	begin();
	kinds = loaded();
	kind = kinds_get(kinds, SPAN_LITERAL("f\xc3\xbcr \\\"alle\\\""), false);
	kind_learn_use(kind, 420);
	for (int i = 0; i < KIND_WALLS + 3; i++) {
		kind_learn_took(kind, 1500000 + i, i < 4 ? -1 : 700000);
	}
	kind_learn_use(kinds_get(kinds, SPAN_LITERAL("gzip"), true), 990);
	history_save(kinds);
	kinds_free(kinds);
	kinds = loaded();
	kind = kinds_get(kinds, SPAN_LITERAL("f\xc3\xbcr \\\"alle\\\""), false);
	ck_assert_uint_eq(kind_use(kind), 420);
	ck_assert_uint_eq(kind->ended, 1);
	ck_assert_uint_eq(kind->wall_count, KIND_WALLS);
	ck_assert_int_eq(kind_median_us(kind), 1500000 + 3 + KIND_WALLS / 2);
	ck_assert_int_eq(kind->cpus_us[0], -1); /* the oldest that was kept */
	ck_assert(kind_alone(kind, &wall_us, &cpu_us));
	ck_assert_int_eq(cpu_us, 700000);
	ck_assert_int_eq(kind_class(kinds_get(kinds, SPAN_LITERAL("gzip"), true)), KIND_COMPUTES);
	ck_assert_int_eq(kind_class(kinds_get(kinds, SPAN_LITERAL("gzip"), false)), KIND_UNKNOWN);
	kinds_free(kinds);
	end();
}
END_TEST

START_TEST(nothing_learned_is_nothing_written)
{
	struct kinds *kinds;
	struct stat info;

	begin();
	kinds = loaded();
	kinds_get(kinds, SPAN_LITERAL("seen"), false);
	history_save(kinds);
	kinds_free(kinds);
	ck_assert_int_ne(stat(file, &info), 0);
	write_history("{\"name\":\"a\",\"use\":5,\"tasks\":3,\"walls\":[1]}\n");
	kinds = loaded();
	unlink(file);
	history_save(kinds);
	kinds_free(kinds);
	ck_assert_int_ne(stat(file, &info), 0);
	end();
}
END_TEST

START_TEST(the_latest_come_first_and_the_oldest_go)
{
	struct kinds *kinds;
	char name[16];

	begin();
	kinds = loaded();
	for (int i = 0; i < HISTORY_MOST; i++) {
		snprintf(name, sizeof(name), "old%d", i);
		kind_learn_use(kinds_get(kinds, span_of(name), false), 1000);
	}
	history_save(kinds);
	kinds_free(kinds);
	kinds = loaded();
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "new%d", i);
		kind_learn_use(kinds_get(kinds, span_of(name), false), 0);
	}
	history_save(kinds);
	kinds_free(kinds);
	ck_assert_uint_eq(count_lines(), HISTORY_MOST);
	kinds = loaded();
	ck_assert_int_eq(kind_class(kinds_get(kinds, SPAN_LITERAL("new9"), false)), KIND_WAITS);
	ck_assert_int_eq(kind_class(kinds_get(kinds, SPAN_LITERAL("old0"), false)), KIND_COMPUTES);
	ck_assert_int_eq(kind_class(kinds_get(kinds, SPAN_LITERAL("old999"), false)), KIND_UNKNOWN);
	kinds_free(kinds);
	end();
}
END_TEST

START_TEST(lines_that_are_damaged_are_passed_over)
{
	struct text text = TEXT_INIT;
	struct kinds *kinds;

	begin();
	text_string(&text,
		    "{\"name\":\"good\",\"use\":5,\"tasks\":3,\"walls\":[1,2,-1,1e300,\"x\"]}\n"
		    "\n[]\nnull\n{\n{\"name\":\"cut\",\"use\":1\n{\"name\":7,\"use\":1}\n"
		    "{\"name\":\"neg\",\"use\":-1,\"tasks\":3}\n"
		    "{\"name\":\"much\",\"use\":99999999999,\"tasks\":3}\n"
		    "{\"name\":\"less\",\"use\":1,\"tasks\":-3}\n\xff\xfe\n{\"name\":\"");
	for (int i = 0; i < 10000; i++) {
		text_char(&text, 'x');
	}
	text_string(&text, "\"}\n{\"program\":\"last\",\"use\":999,\"tasks\":99999999}");
	text_terminate(&text);
	write_history(text.data);
	text_free(&text);
	kinds = loaded();
	ck_assert_int_eq(kind_class(kinds_get(kinds, SPAN_LITERAL("good"), false)), KIND_WAITS);
	ck_assert_int_eq(kind_median_us(kinds_get(kinds, SPAN_LITERAL("good"), false)), 2000000);
	ck_assert_int_eq(kind_class(kinds_get(kinds, SPAN_LITERAL("neg"), false)), KIND_UNKNOWN);
	ck_assert_int_eq(kind_class(kinds_get(kinds, SPAN_LITERAL("much"), false)), KIND_UNKNOWN);
	ck_assert_int_eq(kind_class(kinds_get(kinds, SPAN_LITERAL("last"), true)), KIND_COMPUTES);
	kinds_free(kinds);
	end();
}
END_TEST

START_TEST(without_a_place_for_it_it_is_done_without)
{
	struct kinds *kinds = kinds_new();

	kind_learn_use(kinds_get(kinds, SPAN_LITERAL("k"), false), 1);
	setenv("XDG_STATE_HOME", "/proc/nowhere", 1);
	history_load(kinds);
	history_save(kinds);
	setenv("XDG_STATE_HOME", "not/absolute", 1);
	unsetenv("HOME");
	history_load(kinds);
	history_save(kinds);
	ck_assert_int_ne(access("not", F_OK), 0);
	kinds_free(kinds);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    what_was_learned_comes_back, nothing_learned_is_nothing_written,
	    the_latest_come_first_and_the_oldest_go, lines_that_are_damaged_are_passed_over,
	    without_a_place_for_it_it_is_done_without};

	return unit_run("history", tests, LENGTH(tests));
}
