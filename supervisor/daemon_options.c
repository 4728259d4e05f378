/* SPDX-License-Identifier: ISC */
/* daemon_options: see daemon_options.h. In the supervisor, of stintd. */
#include "supervisor/daemon_options.h"

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervisor/daemon_config.h"
#include "supervisor/daemon_paths.h"
#include "supervisor/supervisor.h"

enum { OPTION_CHECK = 256, OPTION_SOCKET, OPTION_STATE, OPTION_ROOT, OPTION_VERSION };

static const struct option longs[] = {{"foreground", no_argument, NULL, 'f'},
				      {"config", required_argument, NULL, 'c'},
				      {"set", required_argument, NULL, 'o'},
				      {"check", no_argument, NULL, OPTION_CHECK},
				      {"socket", required_argument, NULL, OPTION_SOCKET},
				      {"state-directory", required_argument, NULL, OPTION_STATE},
				      {"allow-root", no_argument, NULL, OPTION_ROOT},
				      {"help", no_argument, NULL, 'h'},
				      {"version", no_argument, NULL, OPTION_VERSION},
				      {NULL, 0, NULL, 0}};

static void
print_help(void)
{
	puts("usage: stintd [-f] [-c FILE] [-o KEY=VALUE] ...\n\n"
	     "Keeps a queue of jobs, runs them, and goes on after a crash. stint submit hands it\n"
	     "jobs, and starts it if need be.\n\n"
	     "  -f, --foreground       stay in the foreground, log to stderr\n"
	     "  -c, --config FILE      read this configuration instead of the usual one\n"
	     "  -o, --set KEY=VALUE    set a key of the configuration\n"
	     "      --socket PATH      the same as -o socket=PATH\n"
	     "      --state-directory DIR   the same as -o state_directory=DIR\n"
	     "      --allow-root       run as root, and all tasks with it\n"
	     "      --check            check configuration and queue, and end\n"
	     "  -h, --help             this list\n"
	     "      --version          what is running here\n\n"
	     "stintd(8) is the manual, stintd.json(5) that of the configuration.");
}

/* The daemon has another working directory than whoever started it. */
static const char *
absolute(const char *path)
{
	char *here = path[0] == '/' ? NULL : getcwd(NULL, 0), *whole;

	if (path[0] == '/') {
		return path;
	}
	if (here == NULL || asprintf(&whole, "%s/%s", here, path) < 0) {
		err(EXIT_SYSTEM, "%s", path);
	}
	free(here);
	return whole;
}

bool
daemon_options_set(struct daemon_options *options, const char *key, const char *value)
{
	if (options->count == DAEMON_OPTIONS_MOST) {
		return false;
	}
	options->set[options->count].key = key;
	options->set[options->count++].value = value;
	return true;
}

static void
take_pair(struct daemon_options *options, const char *pair)
{
	char *key = strdup(pair);
	size_t len;

	if (key == NULL) {
		err(EXIT_SYSTEM, "options");
	}
	len = strcspn(key, "=");
	if (len == 0 || key[len] == '\0') {
		errx(EXIT_USAGE, "-o %s: is to be KEY=VALUE, as -o cores=2", text_printable(key));
	}
	key[len] = '\0';
	if (!daemon_options_set(options, key, key + len + 1)) {
		errx(EXIT_USAGE, "there are too many options -o: put them into a file");
	}
}

static void
take_option(struct daemon_options *options, int option, char *word)
{
	bool room = true;

	switch (option) {
	case 'f':
		options->foreground = true;
		break;
	case 'c':
		options->file = absolute(optarg);
		break;
	case 'o':
		take_pair(options, optarg);
		break;
	case OPTION_CHECK:
		options->check = true;
		break;
	case OPTION_SOCKET:
		room = daemon_options_set(options, "socket", absolute(optarg));
		break;
	case OPTION_STATE:
		room = daemon_options_set(options, "state_directory", absolute(optarg));
		break;
	case OPTION_ROOT:
		room = daemon_options_set(options, "allow_root", "true");
		break;
	case 'h':
		print_help();
		exit(EXIT_ALL_OK);
	case OPTION_VERSION:
		puts("stintd " STINT_VERSION);
		exit(EXIT_ALL_OK);
	default:
		errx(EXIT_USAGE, "%s: is no option, or lacks its value; stintd -h lists them",
		     text_printable(word));
	}
	if (!room) {
		errx(EXIT_USAGE, "there are too many options");
	}
}

void
daemon_options_parse(struct daemon_options *options, int argc, char **argv)
{
	int option;

	memset(options, 0, sizeof(*options));
	opterr = 0;
	while ((option = getopt_long(argc, argv, "fc:o:h", longs, NULL)) != -1) {
		take_option(options, option, argv[optind - 1]);
	}
	if (optind < argc) {
		errx(EXIT_USAGE, "%s: stintd takes options only; stintd -h lists them",
		     text_printable(argv[optind]));
	}
}

struct daemon_config *
daemon_options_read(const struct daemon_options *options, struct text *error)
{
	struct daemon_config *config = daemon_config_load(options->file, true, error);
	bool good = config != NULL;

	for (size_t i = 0; good && i < options->count; i++) {
		good = daemon_config_set(config, options->set[i].key, options->set[i].value, error);
	}
	good = good && daemon_paths_resolve(config, true, error);
	if (!good) {
		text_terminate(error);
		daemon_config_free(config);
		return NULL;
	}
	return config;
}
