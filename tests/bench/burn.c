/* SPDX-License-Identifier: ISC */
/*
 * Does the given steps and ends: the commands of the benchmarks that mix commands. It belongs to
 * no program of the project.
 *
 * Usage: burn [-m MEGABYTES] STEP...
 *
 * A step is a number of seconds of CPU time to burn, or w and a number of seconds to wait. Its CPU
 * time is that of the whole process, start-up and the filling of -m included. With -m it holds so
 * much memory, itself included, until it ends.
 */

#include <sys/mman.h>

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MEGABYTE          1000000
#define PROGRAM_MEGABYTES 1 /* what a process takes without -m, roughly */

static double
cpu_time(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) < 0)
		err(1, "clock_gettime");
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
number_of(const char *text, double most)
{
	double number;
	char *end;

	number = strtod(text, &end);
	if (end == text || *end || !(number >= 0 && number <= most))
		errx(2, "%s: not a number up to %g; usage: burn [-m MEGABYTES] STEP...", text,
		     most);
	return number;
}

static void
burn_until(double cpu)
{
	while (cpu_time() < cpu)
		for (volatile int i = 0; i < 10000; i++)
			continue;
}

static void
wait_for(double seconds)
{
	struct timespec left;

	left.tv_sec = (time_t)seconds;
	left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
	while (nanosleep(&left, &left) < 0)
		if (errno != EINTR)
			err(1, "nanosleep");
}

/* Never unmapped: it is there to be held. */
static void
hold_memory(double megabytes)
{
	size_t size;
	char *memory;

	if (megabytes <= PROGRAM_MEGABYTES)
		return;
	size = (size_t)((megabytes - PROGRAM_MEGABYTES) * MEGABYTE);
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		err(1, "%g megabytes", megabytes);
	memset(memory, 1, size);
}

int
main(int argc, char *argv[])
{
	double cpu = 0, megabytes = 0;
	int ch;

	while ((ch = getopt(argc, argv, "m:")) != -1) {
		if (ch != 'm')
			return 2;
		megabytes = number_of(optarg, 1e6);
	}
	if (optind == argc)
		errx(2, "usage: burn [-m MEGABYTES] STEP...");
	hold_memory(megabytes);
	for (char **step = argv + optind; *step; step++) {
		if (**step == 'w') {
			wait_for(number_of(*step + 1, 1e6));
		} else {
			cpu += number_of(*step, 1e6);
			burn_until(cpu);
		}
	}
	return 0;
}
