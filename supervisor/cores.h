/* SPDX-License-Identifier: ISC */
/* cores: how many cores this process may use. In the supervisor. */
#ifndef SUPERVISOR_CORES_H
#define SUPERVISOR_CORES_H

/* The affinity mask, and the CPU quota of its cgroup, rounded up (v2 and v1). At least 1. */
unsigned cores_available(void);

#endif
