/* SPDX-License-Identifier: ISC */
/* job_slots: see job_slots.h. In the supervisor. */
#include "supervisor/job_slots.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
parse(const char *text, unsigned cores, unsigned *slots)
{
	bool more = text[0] == '+', less = text[0] == '-';
	const char *digits = text + (more || less);
	const char *end = digits + strspn(digits, "0123456789");
	long number = strtol(digits, NULL, 10), wanted = number;

	if (end == digits || (*end == '%' && (more || less)) || end[*end == '%'] != '\0') {
		return "must be a number of cores: 4, 50%, +1, -1, or @FILE that holds one";
	}
	if (number > JOB_SLOTS_MOST) {
		return "must be no more than 1024";
	}
	if (more || less) {
		wanted = more ? cores + number : cores - number;
	} else if (*end == '%') {
		wanted = (cores * number + 50) / 100;
	} else if (number == 0) {
		return "must be from 1; leave it out: tasks that wait overlap whatever it is";
	}
	wanted = wanted < 1 ? 1 : wanted;
	*slots = (unsigned)(wanted > JOB_SLOTS_MOST ? JOB_SLOTS_MOST : wanted);
	return NULL;
}

/* The first word of the file. False: it cannot be read. */
static bool
read_file(struct job_slots *job_slots, char *word, size_t size)
{
	int fd = open(job_slots->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat info;
	ssize_t got;

	if (fd < 0) {
		return false;
	}
	got = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? read(fd, word, size - 1) : -1;
	close(fd);
	if (got < 0) {
		return false;
	}
	job_slots->changed = info.st_mtim;
	job_slots->size = info.st_size;
	job_slots->inode = info.st_ino;
	word[got] = '\0';
	word[strcspn(word, " \t\r\n")] = '\0';
	return true;
}

const char *
job_slots_parse(struct job_slots *job_slots, const char *text, unsigned cores, unsigned *slots)
{
	char word[32];

	*job_slots = (struct job_slots){.cores = cores};
	if (text[0] != '@') {
		return parse(text, cores, slots);
	}
	job_slots->file = text + 1;
	errno = 0;
	if (!read_file(job_slots, word, sizeof(word))) {
		return errno == ENOENT ? "there is no such file"
				       : "must be a file that can be read, and holds a number";
	}
	return parse(word, cores, slots);
}

bool
job_slots_changed(struct job_slots *job_slots, unsigned *slots)
{
	struct stat info;
	char word[32];

	job_slots->wrong = NULL;
	if (job_slots->file == NULL || stat(job_slots->file, &info) != 0 ||
	    (info.st_mtim.tv_sec == job_slots->changed.tv_sec &&
	     info.st_mtim.tv_nsec == job_slots->changed.tv_nsec &&
	     info.st_size == job_slots->size && info.st_ino == job_slots->inode)) {
		return false;
	}
	if (!read_file(job_slots, word, sizeof(word)) || word[0] == '\0') {
		return false;
	}
	job_slots->wrong = parse(word, job_slots->cores, slots);
	return job_slots->wrong == NULL;
}
