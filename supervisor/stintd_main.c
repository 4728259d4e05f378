/* SPDX-License-Identifier: ISC */
/*
 * stintd: the daemon: a queue of jobs that survives, and the engine that runs them. This file: from
 * the command line to daemon_run(), in the process that was started.
 */
#include <bsd/unistd.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "ipc/memory.h"
#include "supervisor/activation.h"
#include "supervisor/daemon.h"
#include "supervisor/daemon_background.h"
#include "supervisor/daemon_config.h"
#include "supervisor/daemon_lock.h"
#include "supervisor/daemon_log.h"
#include "supervisor/daemon_options.h"
#include "supervisor/daemon_paths.h"
#include "supervisor/notify.h"
#include "supervisor/process_title.h"
#include "supervisor/store.h"
#include "supervisor/supervisor.h"

/* Whatever whoever started us ignores or blocks: neither we nor tasks are to inherit it. */
static void
reset_signals(void)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int i = 1; i < NSIG; i++) {
		sigaction(i, &standard, NULL);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Every line of it by itself. */
static void
complain(struct text *error)
{
	char *rest, *line;

	text_terminate(error);
	rest = error->data;
	while ((line = strsep(&rest, "\n")) != NULL) {
		daemon_log_start_error(line);
	}
	text_free(error);
}

static bool
may_be_root(const struct daemon_config *config)
{
	struct text error = TEXT_INIT;

	if (geteuid() != 0 || config->allow_root) {
		return true;
	}
	text_printf(
	    &error,
	    "does not run as root: whoever submits a job would be root. Start it as another user, "
	    "or say --allow-root, or set \"allow_root\": true in %s",
	    config->file != NULL ? config->file : "stintd.json");
	complain(&error);
	return false;
}

/* `stintd --check`: makes nothing, and changes nothing. Returns the exit status. */
static int
check(const struct daemon_config *config)
{
	struct text report = TEXT_INIT;
	struct stat info;
	pid_t holder;
	bool good = true;

	printf("configuration: ok, %s\n",
	       config->file != NULL ? config->file : "the defaults: there is no file");
	if (lstat(config->state_directory, &info) != 0 && errno == ENOENT) {
		printf("queue: none yet in %s\n", config->state_directory);
		return EXIT_ALL_OK;
	}
	if (!daemon_paths_make(config->state_directory, DIRECTORY_CLOSED, &report)) {
		complain(&report);
		return EXIT_SYSTEM;
	}
	holder = daemon_lock_holder(config);
	if (holder != 0) {
		warnx("queue: not checked, a running stintd has it (process %d): stop that first",
		      (int)holder);
		return EXIT_SYSTEM;
	}
	good = store_check(config->state_directory, &report);
	text_terminate(&report);
	fprintf(good ? stdout : stderr, "queue: %s\n", report.data);
	text_free(&report);
	return good ? EXIT_ALL_OK : EXIT_SYSTEM;
}

/*
 * The socket that systemd has passed, in `fd`; its path stands above all configuration. Where our
 * files are, and whom to tell how far we are.
 */
static bool
take_from_systemd(struct daemon_options *options, int *fd)
{
	static char path[DAEMON_PATH_MOST];
	struct text error = TEXT_INIT;
	bool good = activation_take(fd, path, sizeof(path), &error);

	/* What else the caller had open is not for us. */
	closefrom(*fd >= 0 ? *fd + 1 : STDERR_FILENO + 1);
	daemon_paths_take();
	if (!good || !notify_open(&error)) {
		complain(&error);
		return false;
	}
	text_free(&error);
	return *fd < 0 || daemon_options_set(options, "socket", path);
}

int
main(int argc, char **argv, char **envp)
{
	static struct daemon_options options;
	struct daemon_config *config;
	struct text error = TEXT_INIT;
	int activated, background = -1;

	fds_fill_standard();
	memory_insist();
	process_title_init(argc, argv, envp);
	daemon_options_parse(&options, argc, argv);
	reset_signals();
	if (!take_from_systemd(&options, &activated)) {
		return EXIT_USAGE;
	}
	config = daemon_options_read(&options, &error);
	if (config == NULL) {
		complain(&error);
		return EXIT_USAGE;
	}
	text_free(&error);
	if (options.check || !may_be_root(config)) {
		int status = options.check ? check(config) : EXIT_USAGE;

		daemon_config_free(config);
		return status;
	}
	if (!options.foreground) {
		background = daemon_background_begin();
	}
	return daemon_run(config, &options, activated, background);
}
