/* SPDX-License-Identifier: ISC */
/*
 * machine: what there is for tasks beside cores: descriptors, processes and memory. In the
 * supervisor.
 */
#ifndef SUPERVISOR_MACHINE_H
#define SUPERVISOR_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/* How many commands may run at once on so many workers, by RLIMIT_NOFILE, RLIMIT_NPROC and pids. */
unsigned machine_commands_most(unsigned workers);

/* How many built-in waits its memory has room for. */
unsigned machine_waits_most(void);

/* How many jobs of the daemon may be open at once: what its memory has room for. */
unsigned machine_jobs_most(void);

/* Bytes: the machine's memory, or what the control group allows, whichever is less. */
uint64_t machine_memory(void);

/* Less than a twentieth of it is available now: one more command could bring the machine down. */
bool machine_short_of_memory(void);

#endif
