/* SPDX-License-Identifier: ISC */
/*
 * job_slots: -j: how many cores the computing tasks get: "4", "50%" of the cores, "+1" or "-1"
 * beside them, or "@FILE", a file that holds one of these and is read again when it has changed,
 * as GNU parallel's procfile. In the supervisor.
 */
#ifndef SUPERVISOR_JOB_SLOTS_H
#define SUPERVISOR_JOB_SLOTS_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#define JOB_SLOTS_MOST 1024

struct job_slots {
	const char *file; /* of "@FILE"; NULL: it does not change */
	unsigned cores;   /* that the machine has for us */
	struct timespec changed;
	off_t size;
	ino_t inode;
	const char *wrong; /* with what job_slots_changed() last found in it; NULL: nothing */
};

/*
 * What `text` asks for, in *slots, at least 1. NULL, or what is wrong: a constant string. Of
 * "@FILE" the file is read, and `job_slots` remembers it.
 */
const char *job_slots_parse(struct job_slots *, const char *text, unsigned cores, unsigned *slots);

/*
 * True: the file has changed, and asks for *slots now. One that is gone, or empty because somebody
 * is about to write it, changes nothing; nor does nonsense, but `wrong` says so, until next time.
 */
bool job_slots_changed(struct job_slots *, unsigned *slots);

#endif
