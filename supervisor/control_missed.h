/* SPDX-License-Identifier: ISC */
/*
 * control_missed: records that were told while those kept before were on their way from the store,
 * which may have been read before or after. In the supervisor, of stintd.
 */
#ifndef SUPERVISOR_CONTROL_MISSED_H
#define SUPERVISOR_CONTROL_MISSED_H

#include "ipc/text.h"

/* Of whole lines of results, told one behind the other, those that `fd` does not end with yet. */
struct span control_missed(struct span told, int fd);

#endif
