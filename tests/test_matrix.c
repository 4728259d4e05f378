/* SPDX-License-Identifier: ISC */
/* test_matrix: the tasks that a matrix makes, their ids, and what becomes of braces. */
#include <string.h>

#include "supervisor/matrix.h"
#include "tests/unit.h"

static void
assert_makes(const char *values, const char *id, const char *task, const char *expected)
{
	struct matrix *matrix = matrix_new(span_of(values), span_of(task), span_of(id));
	struct text made = TEXT_INIT, all = TEXT_INIT;

	while (matrix_next(matrix, &made)) {
		text_bytes(&all, made.data, made.len);
		text_char(&all, '\n');
	}
	ck_assert(!matrix_next(matrix, &made));
	text_terminate(&all);
	ck_assert_msg(strcmp(all.data, expected) == 0, "%s\n%s\nnot\n%s", task, all.data, expected);
	matrix_free(matrix);
	text_free(&made);
	text_free(&all);
}

START_TEST(the_last_key_is_the_fastest)
{
	assert_makes("{\"lr\":[0.10,1e-2],\"s\":[1,\"b\",true]}", "t", "{\"print\":\"{s}/{lr}\"}",
		     "{\"id\":\"t.lr=0.10,s=1\",\"print\":\"1/0.10\"}\n"
		     "{\"id\":\"t.lr=0.10,s=b\",\"print\":\"b/0.10\"}\n"
		     "{\"id\":\"t.lr=0.10,s=true\",\"print\":\"true/0.10\"}\n"
		     "{\"id\":\"t.lr=1e-2,s=1\",\"print\":\"1/1e-2\"}\n"
		     "{\"id\":\"t.lr=1e-2,s=b\",\"print\":\"b/1e-2\"}\n"
		     "{\"id\":\"t.lr=1e-2,s=true\",\"print\":\"true/1e-2\"}\n");
	assert_makes("{\"a\":[1]}", "7", "{}", "{\"id\":\"7.a=1\"}\n");
}
END_TEST

START_TEST(an_id_may_have_all_keys)
{
	struct matrix *matrix;

	assert_makes("{\"a\":[1,2],\"b\":[3]}", "x-{b}-{a}", "{\"sleep\":0}",
		     "{\"id\":\"x-3-1\",\"sleep\":0}\n{\"id\":\"x-3-2\",\"sleep\":0}\n");
	assert_makes("{\"a\":[1]}", "x-{{a}}", "{\"sleep\":0}",
		     "{\"id\":\"x-{a}.a=1\",\"sleep\":0}\n");
	matrix = matrix_new(SPAN_LITERAL("{\"a\":[1],\"b\":[3]}"), SPAN_LITERAL("{}"),
			    SPAN_LITERAL("x-{a}"));
	ck_assert_str_eq(matrix_missing_key(matrix), "b");
	ck_assert(!matrix_is_group(matrix));
	matrix_free(matrix);
}
END_TEST

START_TEST(values_go_into_every_string_but_keys)
{
	assert_makes(
	    "{\"a\":[\"v\"]}", "t",
	    "{\"exec\":[\"{a}\",\"-{a}{a}\",{\"base64\":\"YQ==\"}],\"env\":{\"{a}\":\"{a}\",\"N\":"
	    "null},"
	    "\"cwd\":\"/{a}\",\"stdin\":\"{a}\",\"name\":\"n-{a}\",\"needs\":[\"p.{a}\",3]}",
	    "{\"id\":\"t.a=v\",\"exec\":[\"v\",\"-vv\",{\"base64\":\"YQ==\"}],"
	    "\"env\":{\"{a}\":\"v\",\"N\":null},\"cwd\":\"/v\",\"stdin\":\"v\",\"name\":\"n-v\","
	    "\"needs\":[\"p.v\",3]}\n");
}
END_TEST

START_TEST(other_braces_stay)
{
	assert_makes("{\"a\":[1]}", "t", "{\"print\":\"{b} {} { {a {a b} a} {\\u0061} \\u007ba}\"}",
		     "{\"id\":\"t.a=1\",\"print\":\"{b} {} { {a {a b} a} 1 1\"}\n");
	assert_makes("{\"a\":[1]}", "t", "{\"print\":\"{{a}} {{ }} {{a} {a}} {{b}} {{a}\"}",
		     "{\"id\":\"t.a=1\",\"print\":\"{a} {{ }} {1 1} {{b}} {1\"}\n");
	assert_makes("{\"a\":[1]}", "t-{{a}}", "{\"print\":\"{\\\"k\\\":{\\\"a\\\":{a}}}\"}",
		     "{\"id\":\"t-{a}.a=1\",\"print\":\"{\\\"k\\\":{\\\"a\\\":1}}\"}\n");
	assert_makes("{\"a\":[1]}", "t", "{\"print\":\"$x ${a} a\\\\n\"}",
		     "{\"id\":\"t.a=1\",\"print\":\"$x $1 a\\\\n\"}\n");
}
END_TEST

START_TEST(a_value_is_one_word_for_the_shell)
{
	assert_makes(
	    "{\"a\":[\"x y\",\"it's\",\"\",\"$(rm)\",\"A-z_0@%+=:,./\",\"\\n\",0.5,\"{a}\"]}",
	    "{a}", "{\"shell\":\"f {a} ${a}\",\"print\":\"{a}\"}",
	    "{\"id\":\"x y\",\"shell\":\"f 'x y' ${a}\",\"print\":\"x y\"}\n"
	    "{\"id\":\"it's\",\"shell\":\"f 'it'\\\\''s' ${a}\",\"print\":\"it's\"}\n"
	    "{\"id\":\"\",\"shell\":\"f '' ${a}\",\"print\":\"\"}\n"
	    "{\"id\":\"$(rm)\",\"shell\":\"f '$(rm)' ${a}\",\"print\":\"$(rm)\"}\n"
	    "{\"id\":\"A-z_0@%+=:,./\",\"shell\":\"f A-z_0@%+=:,./ ${a}\",\"print\":\"A-z_0@%"
	    "+=:,./\"}\n"
	    "{\"id\":\"\\n\",\"shell\":\"f '\\n' ${a}\",\"print\":\"\\n\"}\n"
	    "{\"id\":\"0.5\",\"shell\":\"f 0.5 ${a}\",\"print\":\"0.5\"}\n"
	    "{\"id\":\"{a}\",\"shell\":\"f '{a}' ${a}\",\"print\":\"{a}\"}\n");
	assert_makes(
	    "{\"a\":[\"x y\"]}", "t",
	    "{\"steps\":[{\"sh\\u0065ll\":\"f {a}\"},{\"exec\":[\"{a}\"]},{\"print\":\"{a}\"}]}",
	    "{\"id\":\"t.a=x y\",\"steps\":[{\"shell\":\"f 'x y'\"},{\"exec\":[\"x y\"]},"
	    "{\"print\":\"x y\"}]}\n");
}
END_TEST

START_TEST(a_word_between_quotes_stays_one_word)
{
	assert_makes("{\"a\":[\"$x y\"]}", "t",
		     "{\"shell\":\"f '{a}' 'b{a}c' \\\"{a}\\\" $(g {a}) {a}{{a}} ${a:-${b}}\"}",
		     "{\"id\":\"t.a=$x y\",\"shell\":\"f '''$x y''' 'b''$x y''c' \\\"\\\"'$x "
		     "y'\\\"\\\" $(g '$x y') '$x y'{a} ${a:-${b}}\"}\n");
	assert_makes("{\"a\":[2]}", "t", "{\"shell\":\"echo '{a}' $(({a} + 1)) `f {a}` # {a}\"}",
		     "{\"id\":\"t.a=2\",\"shell\":\"echo '2' $((2 + 1)) `f 2` # 2\"}\n");
}
END_TEST

START_TEST(where_a_number_is_wanted_it_is_one)
{
	assert_makes(
	    "{\"n\":[3,\"2m\",true]}", "t",
	    "{\"cpu\":{\"primes\":\"{n}\"},\"timeout\":\"{n}\",\"grace\":\"{n}s\",\"priority\":"
	    "\"{n}\",\"uses\":{\"gpu\":\"{n}\"},\"exec\":[\"{n}\"],\"memory\":\"{n}{n}\"}",
	    "{\"id\":\"t.n=3\",\"cpu\":{\"primes\":3},\"timeout\":3,\"grace\":\"3s\","
	    "\"priority\":3,\"uses\":{\"gpu\":3},\"exec\":[\"3\"],\"memory\":\"33\"}\n"
	    "{\"id\":\"t.n=2m\",\"cpu\":{\"primes\":\"2m\"},\"timeout\":\"2m\",\"grace\":\"2ms\""
	    ",\"priority\":\"2m\",\"uses\":{\"gpu\":\"2m\"},\"exec\":[\"2m\"],\"memory\":"
	    "\"2m2m\"}\n"
	    "{\"id\":\"t.n=true\",\"cpu\":{\"primes\":true},\"timeout\":true,\"grace\":"
	    "\"trues\",\"priority\":true,\"uses\":{\"gpu\":true},\"exec\":[\"true\"],"
	    "\"memory\":\"truetrue\"}\n");
	assert_makes("{\"n\":[1]}", "t",
		     "{\"steps\":[{\"sleep\":\"{n}\"},{\"cpu\":{\"pi\":\"{n}\"}}]}",
		     "{\"id\":\"t.n=1\",\"steps\":[{\"sleep\":1},{\"cpu\":{\"pi\":1}}]}\n");
}
END_TEST

START_TEST(keys_and_values_may_be_spelled_with_escapes)
{
	assert_makes("{ \"\\u0061\" : [ \"\\u00e4\\\"\" ] }", "t", "{\"print\":\"{a}\"}",
		     "{\"id\":\"t.a=\xc3\xa4\\\"\",\"print\":\"\xc3\xa4\\\"\"}\n");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    the_last_key_is_the_fastest,          an_id_may_have_all_keys,
	    values_go_into_every_string_but_keys, other_braces_stay,
	    a_value_is_one_word_for_the_shell,    a_word_between_quotes_stays_one_word,
	    where_a_number_is_wanted_it_is_one,   keys_and_values_may_be_spelled_with_escapes,
	};

	return unit_run("matrix", tests, LENGTH(tests));
}
