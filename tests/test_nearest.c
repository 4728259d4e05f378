/* SPDX-License-Identifier: ISC */
/* test_nearest: the word that was meant, or none. */
#include "ipc/nearest.h"
#include "tests/unit.h"

static const char *const words[] = {"sleep", "cpu",   "exec",   "shell",   "print",     "steps",
				    "id",    "name",  "repeat", "timeout", "class",     "cwd",
				    "env",   "stdin", "stdout", "stderr",  "max_output"};

static const char *
meant(const char *typed)
{
	struct nearest nearest = NEAREST_INIT(typed);

	for (size_t i = 0; i < LENGTH(words); i++) {
		nearest_offer(&nearest, words[i]);
	}
	return nearest.word;
}

START_TEST(one_slip_is_understood)
{
	static const char *const pairs[][2] = {{"slep", "sleep"},
					       {"sleeep", "sleep"},
					       {"slepe", "sleep"},
					       {"sleep ", "sleep"},
					       {"Sleep", "sleep"},
					       {"cup", "cpu"},
					       {"exce", "exec"},
					       {"timout", "timeout"},
					       {"maxoutput", "max_output"},
					       {"max-output", "max_output"},
					       {"stdot", "stdout"},
					       {"stder", "stderr"},
					       {"nmae", "name"},
					       {"calss", "class"},
					       {"evn", "env"},
					       {"step", "steps"},
					       {"pritn", "print"}};

	for (size_t i = 0; i < LENGTH(pairs); i++) {
		const char *word = meant(pairs[i][0]);

		ck_assert_msg(word != NULL, "%s", pairs[i][0]);
		ck_assert_str_eq(word, pairs[i][1]);
	}
}
END_TEST

START_TEST(what_resembles_nothing_gets_no_advice)
{
	static const char *const strange[] = {"zzz",
					      "priority",
					      "q",
					      "parallelism",
					      "xyzzy",
					      "do",
					      "the quick brown fox jumps over the lazy dog",
					      "\xc3\xa9\xc3\xa9\xc3\xa9"};

	for (size_t i = 0; i < LENGTH(strange); i++) {
		ck_assert_msg(meant(strange[i]) == NULL, "%s: %s", strange[i], meant(strange[i]));
	}
}
END_TEST

START_TEST(the_nearest_wins_whatever_the_order)
{
	struct nearest nearest = NEAREST_INIT("stdou"), other = NEAREST_INIT("stdou");

	nearest_offer(&nearest, "stdout");
	nearest_offer(&nearest, "stdoutxx");
	ck_assert_str_eq(nearest.word, "stdout");
	nearest_offer(&other, "stdoutxx");
	nearest_offer(&other, "stdout");
	ck_assert_str_eq(other.word, "stdout");
}
END_TEST

START_TEST(words_of_any_length_are_harmless)
{
	char longest[200];

	for (size_t len = 0; len < sizeof(longest) - 1; len++) {
		for (size_t i = 0; i < len; i++) {
			longest[i] = 'a';
		}
		longest[len] = '\0';
		for (int back = 0; back < 2; back++) {
			char short_word[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
			struct nearest nearest = NEAREST_INIT(back ? short_word : longest);

			nearest_offer(&nearest, back ? longest : short_word);
			ck_assert_int_eq(nearest.word != NULL,
					 len >= (back ? 24 : 21) && len <= 32);
		}
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {one_slip_is_understood, what_resembles_nothing_gets_no_advice,
				      the_nearest_wins_whatever_the_order,
				      words_of_any_length_are_harmless};

	return unit_run("nearest", tests, LENGTH(tests));
}
