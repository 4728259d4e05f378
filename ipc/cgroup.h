/* SPDX-License-Identifier: ISC */
/*
 * cgroup: groups of cgroup v2 below our own, where that was left to us to divide: one a command
 * that wants it. What is in one is killed at a stroke, wherever it hides. Where there is none to be
 * had every call does nothing. Supervisor and worker.
 */
#ifndef IPC_CGROUP_H
#define IPC_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

struct cgroup {
	char *name; /* NULL: none */
	int procs;  /* cgroup.procs, to be written to by who goes in; -1: closed */
};

/*
 * Makes one for the bearer of a mark (STINT_RUN), with a limit of memory if the kernel counts it
 * there. False: there is none to be had.
 */
bool cgroup_make(struct cgroup *, const char *mark, uint64_t memory);
void cgroup_close(struct cgroup *); /* whoever is to be in it is */
void cgroup_kill(const struct cgroup *);
bool cgroup_ran_out(const struct cgroup *); /* of its memory: the kernel killed in it */
void cgroup_remove(struct cgroup *);        /* when all in it are gone; harmless if there is none */

/* Removes those that workers of this run (STINT_RUN of the supervisor) could not remove. */
void cgroup_remove_left(const char *run);

#endif
