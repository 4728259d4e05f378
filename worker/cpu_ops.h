/* SPDX-License-Identifier: ISC */
/*
 * cpu_ops: what the action `cpu` can compute. In the worker; a function a file cpu_<name>.c,
 * a row in ipc/cpu_ops.def.
 *
 * A function computes until its end or until cancel_check() says stop, which it asks at least
 * every millisecond. It appends its value to `value` as JSON text.
 * arg: microseconds for a DURATION op, else the whole number.
 * Returns 0, or -1 with errno ECANCELED or ENOMEM and nothing appended.
 */
#ifndef WORKER_CPU_OPS_H
#define WORKER_CPU_OPS_H

#include <stdint.h>

#include "ipc/text.h"
#include "worker/cancel.h"

#define CPU_OP(name, argument, most) \
	int cpu_##name(uint64_t arg, struct cancel *, struct text *value);
#include "ipc/cpu_ops.def"
#undef CPU_OP

#endif
