/* SPDX-License-Identifier: ISC */
/* test_task_program: the program that a command comes down to. */
#include <stdlib.h>
#include <string.h>

#include "ipc/task_spec.h"
#include "tests/unit.h"

/* The program of a task whose text this is. */
static void
put_program(struct span task, struct text *out)
{
	struct spec_error error;
	struct task_spec *spec = task_spec_parse(task, SPEC_TASK, &error);

	ck_assert_msg(spec != NULL, "%.*s: %s", (int)task.len, task.at, error.message);
	task_spec_program(spec, out);
	task_spec_free(spec);
}

static void
assert_shell(const char *script, const char *expected)
{
	struct text task = TEXT_INIT, out = TEXT_INIT;

	text_string(&task, "{\"shell\":");
	text_json_string(&task, script, strlen(script));
	text_char(&task, '}');
	put_program((struct span){task.data, task.len}, &out);
	text_terminate(&out);
	ck_assert_msg(strcmp(out.data, expected) == 0, "%s: %s, not %s", script, out.data,
		      expected);
	text_free(&task);
	text_free(&out);
}

START_TEST(a_script_is_looked_into)
{
	static const char *const rows[][2] = {
	    {"gzip -k a | wc", "gzip"},
	    {"/usr/bin/gzip<a>b", "gzip"},
	    {">out 2>&1 gzip", "gzip"},
	    {"2>/dev/null gzip", "gzip"},
	    {"&>log gzip", "gzip"},
	    {"  # a comment\n\n gzip", "gzip"},
	    {"A=1 B='x y' gzip -c", "gzip"},
	    {"A=$(date +%s; echo ')') gzip", "gzip"},
	    {"A=\"$(ls | wc)\"; gzip", "gzip"},
	    {"A=`ls | wc` gzip", "gzip"},
	    {"A=${B:-c d} gzip", "gzip"},
	    {"cd /tmp && gzip a", "gzip"},
	    {"set -eu; cd \"a b\"; export X=1; exec gzip", "gzip"},
	    {"exec gzip", "gzip"},
	    {"time gzip a", "gzip"},
	    {"! gzip", "gzip"},
	    {"(gzip a; wc) &", "gzip"},
	    {"{ gzip a; }", "gzip"},
	    {"if grep -q x y; then gzip; fi", "grep"},
	    {"while read l; do gzip $l; done", "read"},
	    {"for i in 1 2 3; do gzip $i; done", "gzip"},
	    {"[ -f a ] || gzip b", "gzip"},
	    {"test -f a && gzip", "gzip"},
	    {". venv/bin/activate && python fit.py", "python fit.py"},
	    {"\"/opt/my tool/run it\" x", "run it"},
	    {"g\\zip", "gzip"},
	    {"gz\"ip\" a", "gzip"},
	    {"gzip\\\n -k", "gzip"},
	    {"\\\ngzip", "gzip"},
	    {"echo 'a; b' # c", "echo"},
	    {"case $x in a) gzip;; esac", "sh"},
	    {"cd /tmp", "sh"},
	    {"A=1", "sh"},
	    {"# nothing", "sh"},
	    {"'", "sh"},
	    {"$(", "$("},
	    {"$CMD a", "$CMD"},
	    {"\"", "sh"},
	    {"((((", "sh"},
	    {"a`", "a`"},
	    {"\\", "\\"},
	    {"bash -c 'cd x && nice gzip a'", "gzip"},
	    {"bash -c \"sh -c 'gzip a'\"", "gzip"},
	    {"sudo -u me env A=1 nice -n 5 timeout -s KILL 5 gzip", "gzip"},
	};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		assert_shell(rows[i][0], rows[i][1]);
	}
}
END_TEST

/* The words of the row, divided by spaces, are the command. */
static void
assert_exec(const char *command, const char *expected)
{
	struct text task = TEXT_INIT, out = TEXT_INIT;
	const char *from = command;

	text_string(&task, "{\"exec\":[");
	for (;;) {
		size_t len = strcspn(from, "|");

		text_json_string(&task, from, len);
		if (from[len] == '\0') {
			break;
		}
		text_char(&task, ',');
		from += len + 1;
	}
	text_string(&task, "]}");
	put_program((struct span){task.data, task.len}, &out);
	text_terminate(&out);
	ck_assert_msg(strcmp(out.data, expected) == 0, "%s: %s, not %s", command, out.data,
		      expected);
	text_free(&task);
	text_free(&out);
}

START_TEST(wrappers_are_seen_through)
{
	static const char *const rows[][2] = {
	    {"/bin/gzip|-k|a", "gzip"},
	    {"env|A=1|gzip", "gzip"},
	    {"env|-i|-u|X|--chdir=/|-C|/|A=1|gzip", "gzip"},
	    {"env|-S|A=1 gzip -k", "gzip"},
	    {"env", "env"},
	    {"env|A=1", "env"},
	    {"nice|gzip", "gzip"},
	    {"nice|-10|gzip", "gzip"},
	    {"nice|-n|10|gzip", "gzip"},
	    {"nice|-n10|gzip", "gzip"},
	    {"nice|--adjustment=5|gzip", "gzip"},
	    {"nice|--adjustment|5|gzip", "gzip"},
	    {"nohup|gzip", "gzip"},
	    {"timeout|5|gzip", "gzip"},
	    {"timeout|-k|1|--signal=INT|--foreground|5|gzip", "gzip"},
	    {"timeout|--signal|INT|5|gzip", "gzip"},
	    {"timeout|5", "timeout"},
	    {"stdbuf|-oL|gzip", "gzip"},
	    {"stdbuf|-o|L|-e|0|gzip", "gzip"},
	    {"ionice|-c3|gzip", "gzip"},
	    {"ionice|-c|2|-n|7|gzip", "gzip"},
	    {"chrt|-b|0|gzip", "gzip"},
	    {"taskset|-c|0-3|gzip", "gzip"},
	    {"taskset|0x1|gzip", "gzip"},
	    {"setsid|-w|gzip", "gzip"},
	    {"xargs|-0|-n|1|-P4|-I{}|gzip|{}", "gzip"},
	    {"xargs|-i|gzip|{}", "gzip"},
	    {"xargs", "xargs"},
	    {"sudo|-n|-u|me|A=1|gzip", "gzip"},
	    {"busybox|gzip|-k", "gzip"},
	    {"busybox|sh|-c|gzip a", "gzip"},
	    {"flock|lock|-c|gzip a", "gzip"},
	    {"flock|-w|5|lock|gzip|a", "gzip"},
	    {"env|--|gzip", "gzip"},
	    {"sh|-c|gzip", "gzip"},
	    {"bash|-lc|gzip", "gzip"},
	    {"bash|-o|pipefail|-c|gzip", "gzip"},
	    {"bash|-eo|pipefail|-c|gzip", "gzip"},
	    {"bash|--norc|-c|gzip", "gzip"},
	    {"bash|-e|/x/run.sh|a", "bash run.sh"},
	    {"sh|run.sh", "sh run.sh"},
	    {"sh|-c", "sh"},
	    {"sh", "sh"},
	    {"bash|--", "bash"},
	    {"a/", "a/"},
	    {"/", "/"},
	};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		assert_exec(rows[i][0], rows[i][1]);
	}
}
END_TEST

START_TEST(interpreters_bring_their_script)
{
	static const char *const rows[][2] = {
	    {"python3|/x/fit.py|a", "python3 fit.py"},
	    {"/usr/bin/python3.11|-u|-W|ignore|-Xdev|fit.py", "python3.11 fit.py"},
	    {"python|-c|print(1)", "python -c"},
	    {"python|-uc|print(1)", "python -c"},
	    {"python|-m|http.server|80", "python -m http.server"},
	    {"python|-mhttp.server", "python -m http.server"},
	    {"python", "python"},
	    {"python|-W", "python"},
	    {"perl|-e|1", "perl -e"},
	    {"perl|-pi.bak|-we|1|f", "perl -e"},
	    {"perl|-I|lib|-MData::Dumper|x.pl", "perl x.pl"},
	    {"ruby|-I|lib|-r|set|x.rb", "ruby x.rb"},
	    {"ruby|-e|1", "ruby -e"},
	    {"node|--max-old-space-size=99|--require|x|app.js", "node app.js"},
	    {"java|-Xmx1g|-jar|/x/a.jar|b", "java a.jar"},
	    {"java|-cp|x:y|com.example.Main|b", "java com.example.Main"},
	    {"Rscript|--vanilla|fit.R", "Rscript fit.R"},
	    {"Rscript|-e|1", "Rscript -e"},
	    {"php|-d|a=b|x.php", "php x.php"},
	    {"php|-f|x.php", "php x.php"},
	    {"lua5.4|x.lua", "lua5.4 x.lua"},
	    {"nice|python3|--|x.py", "python3 x.py"},
	    {"env|python3|x.py", "python3 x.py"},
	};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		assert_exec(rows[i][0], rows[i][1]);
	}
}
END_TEST

START_TEST(the_first_command_of_steps_counts)
{
	struct text out = TEXT_INIT;

	put_program(
	    SPAN_LITERAL("{\"steps\":[{\"sleep\":1},{\"shell\":\"gzip a\"},{\"exec\":[\"wc\"]}]}"),
	    &out);
	unit_assert_text(&out, "gzip");
	put_program(SPAN_LITERAL("{\"sleep\":1}"), &out);
	ck_assert_uint_eq(out.len, 0);
	text_free(&out);
}
END_TEST

/* It becomes part of records and of messages. */
START_TEST(any_bytes_give_short_clean_text)
{
	static const char alphabet[] = "a-\\'\"`$(){};|&<>= \n\t/c#!\xff\xc3\xa4\x01";
	uint64_t state = 7;

	for (int i = 0; i < 20000; i++) {
		struct text task = TEXT_INIT, out = TEXT_INIT, bytes = TEXT_INIT;
		size_t len = 1 + unit_random(&state) % 60;

		text_string(&bytes, i % 2 == 0 ? "sh" : "x");
		text_char(&bytes, i % 3 == 0 ? '\xe4' : 'y');
		for (size_t n = 0; n < len; n++) {
			text_char(&bytes, alphabet[unit_random(&state) % (sizeof(alphabet) - 1)]);
		}
		text_string(&task, "{\"exec\":[\"bash\",\"-c\",{\"base64\":");
		text_json_base64(&task, bytes.data, bytes.len);
		text_string(&task, "}]}");
		put_program((struct span){task.data, task.len}, &out);
		ck_assert_uint_gt(out.len, 0);
		ck_assert_uint_le(out.len, 300);
		ck_assert(text_is_utf8(out.data, out.len));
		for (size_t n = 0; n < out.len; n++) {
			ck_assert_uint_ge((unsigned char)out.data[n], 0x20);
		}
		text_free(&task);
		text_free(&out);
		text_free(&bytes);
	}
}
END_TEST

START_TEST(long_scripts_and_deep_ones_end)
{
	struct text script = TEXT_INIT, task = TEXT_INIT, out = TEXT_INIT;

	for (int i = 0; i < 20000; i++) {
		text_string(&script, i % 2 == 0 ? "sh -c " : "\"");
	}
	text_string(&task, "{\"shell\":");
	text_json_string(&task, script.data, script.len);
	text_char(&task, '}');
	put_program((struct span){task.data, task.len}, &out);
	ck_assert_uint_gt(out.len, 0);
	text_clear(&task);
	text_clear(&out);
	text_string(&task, "{\"exec\":[");
	for (int i = 0; i < 20000; i++) {
		text_string(&task, "\"env\",");
	}
	text_string(&task, "\"gzip\"]}");
	put_program((struct span){task.data, task.len}, &out);
	unit_assert_text(&out, "env");
	text_free(&script);
	text_free(&task);
	text_free(&out);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_script_is_looked_into,         wrappers_are_seen_through,
	    interpreters_bring_their_script, the_first_command_of_steps_counts,
	    any_bytes_give_short_clean_text, long_scripts_and_deep_ones_end,
	};

	return unit_run("task_program", tests, LENGTH(tests));
}
