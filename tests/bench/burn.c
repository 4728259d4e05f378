/* SPDX-License-Identifier: ISC */
/*
 * Burns the given seconds of CPU time and ends: the computing command of the benchmark that mixes
 * commands. It belongs to no program of the project.
 *
 * Usage: burn SECONDS
 */

#include <err.h>
#include <stdlib.h>
#include <time.h>

static double
cpu_time(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) < 0)
		err(1, "clock_gettime");
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int
main(int argc, char *argv[])
{
	double seconds;
	char *end;

	if (argc != 2)
		errx(2, "usage: burn SECONDS");
	seconds = strtod(argv[1], &end);
	if (end == argv[1] || *end)
		errx(2, "%s: not a number of seconds", argv[1]);
	while (cpu_time() < seconds)
		for (volatile int i = 0; i < 10000; i++)
			continue;
	return 0;
}
