/* SPDX-License-Identifier: ISC */
/* test_job_slots: -j in all its forms, and the file that it may be in. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/job_slots.h"
#include "tests/unit.h"

#define CORES 8

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert(fds_write_all(fd, text, strlen(text)));
	close(fd);
}

START_TEST(each_form_says_how_many)
{
	static const struct {
		const char *text;
		unsigned slots;
	} rows[] = {{"1", 1},   {"4", 4},       {"1024", 1024}, {"04", 4},   {"+1", 9},
		    {"+0", 8},  {"-1", 7},      {"-8", 1},      {"-100", 1}, {"0%", 1},
		    {"50%", 4}, {"100%", 8},    {"1000%", 80},  {"6%", 1},   {"19%", 2},
		    {"-0", 8},  {"+1024", 1024}};
	struct job_slots job_slots;
	unsigned slots;

	for (size_t i = 0; i < LENGTH(rows); i++) {
		const char *wrong = job_slots_parse(&job_slots, rows[i].text, CORES, &slots);

		ck_assert_msg(wrong == NULL, "%s: %s", rows[i].text, wrong);
		ck_assert_msg(slots == rows[i].slots, "%s: %u", rows[i].text, slots);
		ck_assert(!job_slots_changed(&job_slots, &slots));
	}
}
END_TEST

START_TEST(anything_else_is_refused)
{
	static const char *const texts[] = {"",
					    "0",
					    "x",
					    "4x",
					    " 4",
					    "+",
					    "-",
					    "%",
					    "+%",
					    "+50%",
					    "-50%",
					    "--1",
					    "+-1",
					    "4%%",
					    "1025",
					    "4.5",
					    "@",
					    "@/nowhere/at/all",
					    "+1025",
					    "1025%",
					    "99999999999999999999",
					    "+99999999999999999999",
					    "-99999999999999999999",
					    "99999999999999999999%",
					    "9223372036854775807"};
	struct job_slots job_slots;
	unsigned slots;

	for (size_t i = 0; i < LENGTH(texts); i++) {
		ck_assert_msg(job_slots_parse(&job_slots, texts[i], CORES, &slots) != NULL,
			      "accepted: %s", texts[i]);
	}
}
END_TEST

START_TEST(a_file_is_read_again_when_it_has_changed)
{
	char folder[] = "/tmp/job_slots.XXXXXX", option[64], *path = option + 1;
	struct job_slots job_slots;
	unsigned slots = 0;

	snprintf(option, sizeof(option), "@%s/jobs", mkdtemp(folder));
	write_file(path, "3\n");
	ck_assert_ptr_null(job_slots_parse(&job_slots, option, CORES, &slots));
	ck_assert_uint_eq(slots, 3);
	ck_assert(!job_slots_changed(&job_slots, &slots));
	write_file(path, "+1 and words");
	ck_assert(job_slots_changed(&job_slots, &slots));
	ck_assert_uint_eq(slots, 9);
	ck_assert(!job_slots_changed(&job_slots, &slots));
	write_file(path, "soon"); /* half written, perhaps: what was asked for holds */
	ck_assert(!job_slots_changed(&job_slots, &slots));
	write_file(path, "50%"); /* of another length: the clock of files is coarse */
	ck_assert(job_slots_changed(&job_slots, &slots));
	ck_assert_uint_eq(slots, 4);
	unlink(path);
	ck_assert(!job_slots_changed(&job_slots, &slots));
	ck_assert_uint_eq(slots, 4);
	write_file(path, "25%");
	ck_assert(job_slots_changed(&job_slots, &slots));
	ck_assert_uint_eq(slots, 2);
	unlink(path);
	rmdir(folder);
}
END_TEST

START_TEST(what_is_no_file_is_not_waited_for)
{
	char folder[] = "/tmp/job_slots.XXXXXX", option[64], *path = option + 1;
	struct job_slots job_slots;
	unsigned slots;

	snprintf(option, sizeof(option), "@%s/pipe", mkdtemp(folder));
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_ptr_nonnull(job_slots_parse(&job_slots, option, CORES, &slots));
	ck_assert_ptr_nonnull(job_slots_parse(&job_slots, "@/", CORES, &slots));
	unlink(path);
	write_file(path, "");
	ck_assert_ptr_nonnull(job_slots_parse(&job_slots, option, CORES, &slots));
	unlink(path);
	rmdir(folder);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {each_form_says_how_many, anything_else_is_refused,
				      a_file_is_read_again_when_it_has_changed,
				      what_is_no_file_is_not_waited_for};

	return unit_run("job_slots", tests, LENGTH(tests));
}
