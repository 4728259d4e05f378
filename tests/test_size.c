/* SPDX-License-Identifier: ISC */
/* test_size: sizes as people write them. */
#include "ipc/size.h"
#include "tests/unit.h"

START_TEST(sizes_are_read)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} rows[] = {{"0", 0},
		    {"4096", 4096},
		    {"1B", 1},
		    {"1k", 1024},
		    {"64K", 65536},
		    {"64kb", 65536},
		    {"200M", UINT64_C(200) << 20},
		    {"1.5GiB", UINT64_C(3) << 29},
		    {"1.5gib", UINT64_C(3) << 29},
		    {"2T", UINT64_C(2) << 40},
		    {"0.5K", 512},
		    {"1.9", 1},
		    {"8192T", SIZE_MOST},
		    {"9007199254740992", SIZE_MOST}};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		uint64_t bytes = 1234567;

		ck_assert_msg(size_parse(rows[i].text, &bytes), "%s", rows[i].text);
		ck_assert_msg(bytes == rows[i].bytes, "%s: %ju", rows[i].text, (uintmax_t)bytes);
	}
}
END_TEST

START_TEST(what_is_no_size_is_refused)
{
	static const char *const texts[] = {
	    "",   "M",   "-1",    "+1",  " 1",  "1 M", "1MM",   "1Mi",   "1P",   "1e5", "0x10",
	    "1.", ".5M", "1.2.3", "nan", "inf", "1iB", "8193T", "1KiBB", "1bib", "1\n", "1e999M"};

	for (size_t i = 0; i < LENGTH(texts); i++) {
		uint64_t bytes = 0;

		ck_assert_msg(!size_parse(texts[i], &bytes), "%s", texts[i]);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {sizes_are_read, what_is_no_size_is_refused};

	return unit_run("size", tests, LENGTH(tests));
}
