/* SPDX-License-Identifier: ISC */
/* test_daemon_config: the configuration of stintd; what files may say is tests/daemon_config/. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/daemon_config.h"
#include "supervisor/daemon_value.h"
#include "tests/unit.h"

static char file[64];

/* What a file that says this makes; NULL: it is refused, `error` has why. */
static struct daemon_config *
read_text(const char *text, struct text *error)
{
	struct daemon_config *config;
	int fd;

	snprintf(file, sizeof(file), "/tmp/stintd-config.XXXXXX");
	fd = mkostemp(file, O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert(fds_write_all(fd, text, strlen(text)));
	close(fd);
	config = daemon_config_read(file, error);
	ck_assert_int_eq(unlink(file), 0);
	return config;
}

static struct daemon_config *
good(const char *text)
{
	struct text error = TEXT_INIT;
	struct daemon_config *config = read_text(text, &error);

	ck_assert_msg(config != NULL, "%s: %s", text, error.data);
	text_free(&error);
	return config;
}

START_TEST(what_nobody_sets_is_as_documented)
{
	struct text error = TEXT_INIT;
	struct daemon_config *config = daemon_config_read(NULL, &error);

	ck_assert_ptr_nonnull(config);
	ck_assert_ptr_null(config->file);
	ck_assert_uint_eq(config->cores, 0);
	ck_assert_uint_eq(config->waiting, 0);
	ck_assert_uint_eq(config->memory, 0);
	ck_assert(config->no_new_privileges);
	ck_assert(!config->allow_root);
	ck_assert(config->autostart);
	ck_assert_uint_eq(config->clients, 256);
	ck_assert_ptr_null(config->http);
	ck_assert(!config->http_write);
	ck_assert_uint_eq(config->http_host_count, 0);
	ck_assert_ptr_null(config->socket_group);
	ck_assert_ptr_null(config->state_directory);
	ck_assert_int_eq(config->keep_us, INT64_C(30) * 86400 * 1000000);
	ck_assert_uint_eq(config->keep_jobs, 100000);
	ck_assert_uint_eq(config->inline_output, 65536);
	ck_assert_int_eq(config->drain_us, 10000000);
	ck_assert_ptr_null(config->log);
	ck_assert_int_eq(config->log_level, DAEMON_INFO);
	ck_assert(!config->log_json);
	daemon_config_free(config);
	text_free(&error);
}
END_TEST

START_TEST(values_get_to_their_fields)
{
	struct daemon_config *config = good(
	    "{\"cores\": 3, \"waiting\": 4, \"memory\": \"1k\", \"worker\": \"/w\","
	    "\"no_new_privileges\": false, \"state_directory\": \"/s\","
	    "\"runtime_directory\": \"/r\", \"socket\": \"/k\", \"pidfile\": \"/p\","
	    "\"socket_group\": \"g\", \"clients\": 5, \"allow_root\": true, \"autostart\": false,"
	    "\"http\": \"127.0.0.1:80\", \"http_token_file\": \"/t\", \"http_write\": true,"
	    "\"http_hosts\": [\"a\", \"b\"], \"keep\": 1.5, \"keep_jobs\": 6, \"inline_output\": 7,"
	    "\"drain\": \"2m\", \"log\": \"/l\", \"log_level\": \"debug\", \"log_json\": true}");

	ck_assert_str_eq(config->file, file);
	ck_assert_uint_eq(config->cores, 3);
	ck_assert_uint_eq(config->waiting, 4);
	ck_assert_uint_eq(config->memory, 1024);
	ck_assert_str_eq(config->worker, "/w");
	ck_assert(!config->no_new_privileges);
	ck_assert_str_eq(config->state_directory, "/s");
	ck_assert_str_eq(config->runtime_directory, "/r");
	ck_assert_str_eq(config->socket, "/k");
	ck_assert_str_eq(config->pidfile, "/p");
	ck_assert_str_eq(config->socket_group, "g");
	ck_assert_uint_eq(config->clients, 5);
	ck_assert(config->allow_root);
	ck_assert(!config->autostart);
	ck_assert_str_eq(config->http, "127.0.0.1:80");
	ck_assert_str_eq(config->http_token_file, "/t");
	ck_assert(config->http_write);
	ck_assert_uint_eq(config->http_host_count, 2);
	ck_assert_str_eq(config->http_hosts[1], "b");
	ck_assert_int_eq(config->keep_us, 1500000);
	ck_assert_uint_eq(config->keep_jobs, 6);
	ck_assert_uint_eq(config->inline_output, 7);
	ck_assert_int_eq(config->drain_us, 120000000);
	ck_assert_str_eq(config->log, "/l");
	ck_assert_int_eq(config->log_level, DAEMON_DEBUG);
	ck_assert(config->log_json);
	daemon_config_free(config);
}
END_TEST

START_TEST(every_mistake_has_its_line)
{
	struct text error = TEXT_INIT;
	char expected[512];

	ck_assert_ptr_null(read_text("{\n\"drain\": \"x\",\n\"cores\": 1,\n\"clint\": 0}", &error));
	snprintf(expected, sizeof(expected),
		 "%s:2: drain: is to be a time: \"90s\", \"2m\", \"1.5h\", \"30d\", or a number of "
		 "seconds\n%s:4: clint: unknown key, did you mean \"clients\"?",
		 file, file);
	unit_assert_text(&error, expected);
	text_free(&error);
}
END_TEST

START_TEST(a_message_is_one_line_whatever_the_key)
{
	struct text error = TEXT_INIT;

	ck_assert_ptr_null(read_text("{\"a\\nb\\u001b[31m\": 1}", &error));
	ck_assert_ptr_null(memchr(error.data, '\n', error.len));
	ck_assert_ptr_null(memchr(error.data, '\x1b', error.len));
	text_free(&error);
}
END_TEST

START_TEST(options_set_what_the_file_sets)
{
	struct text error = TEXT_INIT;
	struct daemon_config *config = good("{\"cores\": 3, \"log\": \"syslog\"}");

	ck_assert(daemon_config_set(config, "cores", "5", &error));
	ck_assert_uint_eq(config->cores, 5);
	ck_assert(daemon_config_set(config, "drain", "3s", &error)); /* without quotes */
	ck_assert_int_eq(config->drain_us, 3000000);
	ck_assert(daemon_config_set(config, "drain", "\"4s\"", &error)); /* or with them */
	ck_assert_int_eq(config->drain_us, 4000000);
	ck_assert(daemon_config_set(config, "log", "/a/file", &error));
	ck_assert_str_eq(config->log, "/a/file");
	ck_assert(!daemon_config_set(config, "cores", "many", &error));
	unit_assert_text(&error, "cores: is to be a whole number from 0 to 65536");
	ck_assert(!daemon_config_set(config, "core", "1", &error));
	unit_assert_text(&error, "core: unknown key, did you mean \"cores\"?");
	ck_assert(!daemon_config_set(config, "log", "\xff", &error));
	unit_assert_text(&error, "log: is no UTF-8");
	ck_assert_uint_eq(config->cores, 5);
	daemon_config_free(config);
	text_free(&error);
}
END_TEST

START_TEST(a_reload_takes_over_what_can_change)
{
	struct text error = TEXT_INIT, needs = TEXT_INIT;
	struct daemon_config *config = good("{\"cores\": 3, \"log\": \"/a\", \"keep\": \"1d\"}");
	struct daemon_config *next = good("{\"cores\": 4, \"log\": \"/b\", \"drain\": 1}");

	daemon_config_reload(config, next, &needs);
	daemon_config_free(next);
	ck_assert_uint_eq(needs.len, 0);
	ck_assert_uint_eq(config->cores, 4);
	ck_assert_str_eq(config->log, "/b"); /* though `next` has gone */
	ck_assert_int_eq(config->drain_us, 1000000);
	ck_assert_int_eq(config->keep_us, INT64_C(30) * 86400 * 1000000); /* as nobody sets it */

	next = daemon_config_read(NULL, &error);
	daemon_config_reload(config, next, &needs);
	daemon_config_free(next);
	ck_assert_uint_eq(config->cores, 0);
	ck_assert_ptr_null(config->log);
	daemon_config_free(config);
	text_free(&needs);
	text_free(&error);
}
END_TEST

START_TEST(a_reload_names_what_needs_a_new_start)
{
	struct text needs = TEXT_INIT;
	struct daemon_config *config = good("{\"socket\": \"/a\", \"cores\": 1}");
	struct daemon_config *next =
	    good("{\"socket\": \"/b\", \"cores\": 2, \"http\": \"127.0.0.1:1\"}");

	daemon_config_reload(config, next, &needs);
	unit_assert_text(&needs, "socket, http");
	ck_assert_str_eq(config->socket, "/a");
	ck_assert_ptr_null(config->http);
	ck_assert_uint_eq(config->cores, 2);
	daemon_config_free(next);
	daemon_config_free(config);
	text_free(&needs);
}
END_TEST

START_TEST(every_key_has_a_valid_default)
{
	for (size_t i = 0; i < daemon_key_count; i++) {
		struct text error = TEXT_INIT;
		struct daemon_config *config = daemon_config_read(NULL, &error);

		ck_assert_msg(daemon_keys[i].initial == NULL ||
				  daemon_config_set(config, daemon_keys[i].name,
						    daemon_keys[i].initial, &error),
			      "%s", daemon_keys[i].name);
		for (size_t j = 0; j < i; j++) {
			ck_assert_str_ne(daemon_keys[i].name, daemon_keys[j].name);
		}
		daemon_config_free(config);
		text_free(&error);
	}
}
END_TEST

START_TEST(a_huge_file_is_refused)
{
	struct text error = TEXT_INIT, huge = TEXT_INIT;

	text_string(&huge, "{\"cores\": 1");
	for (int i = 0; i < (1 << 20); i++) {
		text_char(&huge, ' ');
	}
	text_string(&huge, "}");
	text_terminate(&huge);
	ck_assert_ptr_null(read_text(huge.data, &error));
	ck_assert_ptr_nonnull(strstr(error.data, "larger than 1 MiB"));
	text_free(&huge);
	text_free(&error);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {what_nobody_sets_is_as_documented,
				      values_get_to_their_fields,
				      every_mistake_has_its_line,
				      a_message_is_one_line_whatever_the_key,
				      options_set_what_the_file_sets,
				      a_reload_takes_over_what_can_change,
				      a_reload_names_what_needs_a_new_start,
				      every_key_has_a_valid_default,
				      a_huge_file_is_refused};

	return unit_run("daemon_config", tests, LENGTH(tests));
}
