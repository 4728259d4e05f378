/* SPDX-License-Identifier: ISC */
/* test_run_defaults: what the command line says for tasks becomes JSON that their decoder takes. */
#include <string.h>

#include "supervisor/run_defaults.h"
#include "tests/unit.h"

START_TEST(values_become_json)
{
	static const struct {
		const char *key, *value, *json;
	} rows[] = {{"timeout", "5", "5"},
		    {"timeout", "1.5", "\"1.5\""},
		    {"timeout", "2m", "\"2m\""},
		    {"timeout", "300%", "\"300%\""},
		    {"retries", "0", "0"},
		    {"nice", "-5", "-5"},
		    {"memory", "1G", "\"1G\""},
		    {"grace", "500ms", "\"500ms\""},
		    {"cwd", "/a\"b", "\"/a\\\"b\""},
		    {"retry", "failed", "\"failed\""},
		    {"retry", "failed,timeout", "[\"failed\",\"timeout\"]"}};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct run_defaults defaults = {0};
		const char *wrong = run_defaults_set(&defaults, rows[i].key, rows[i].value);

		ck_assert_msg(wrong == NULL, "%s %s: %s", rows[i].key, rows[i].value, wrong);
		ck_assert_uint_eq(defaults.count, 1);
		ck_assert_str_eq(defaults.set[0].key, rows[i].key);
		ck_assert_str_eq(defaults.set[0].value, rows[i].json);
	}
}
END_TEST

START_TEST(wrong_values_are_refused)
{
	static const char *const rows[][2] = {{"timeout", "soon"},
					      {"timeout", ""},
					      {"timeout", "-1"},
					      {"timeout", "1e999"},
					      {"retries", "-1"},
					      {"retries", "x"},
					      {"retries", "007"},
					      {"retries", "1.5"},
					      {"retry", "often"},
					      {"retry", "failed,"},
					      {"retry", "failed,often"},
					      {"memory", "-1"},
					      {"memory", "much"},
					      {"nice", "--5"},
					      {"nice", "99"},
					      {"cpus", "0"},
					      {"backoff", "-"},
					      {"cwd", "\xff"},
					      {"timeout", "1\",\"retries\":\"5"},
					      {"retries", "99999999999999999999"}};
	struct run_defaults defaults = {0};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		ck_assert_msg(run_defaults_set(&defaults, rows[i][0], rows[i][1]) != NULL,
			      "accepted: %s %s", rows[i][0], rows[i][1]);
	}
	ck_assert_uint_eq(defaults.count, 0);
}
END_TEST

START_TEST(the_last_value_holds_unless_it_is_wrong)
{
	struct run_defaults defaults = {0};
	char longer[200];

	ck_assert_ptr_null(run_defaults_set(&defaults, "retries", "1"));
	ck_assert_ptr_null(run_defaults_set(&defaults, "timeout", "5s"));
	ck_assert_ptr_null(run_defaults_set(&defaults, "retries", "2"));
	ck_assert_uint_eq(defaults.count, 2);
	ck_assert_str_eq(defaults.set[0].value, "2");
	ck_assert_ptr_nonnull(run_defaults_set(&defaults, "retries", "many"));
	ck_assert_str_eq(defaults.set[0].value, "2");
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ck_assert_ptr_nonnull(run_defaults_set(&defaults, "cwd", longer));
	ck_assert_uint_eq(defaults.count, 2);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {values_become_json, wrong_values_are_refused,
				      the_last_value_holds_unless_it_is_wrong};

	return unit_run("run_defaults", tests, LENGTH(tests));
}
