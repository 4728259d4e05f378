/* SPDX-License-Identifier: ISC */
/* duration: how people write a length of time. Pure; any process. */
#ifndef IPC_DURATION_H
#define IPC_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#define DURATION_MOST_US (INT64_C(3650) * 86400 * 1000000) /* ten years */

/* "1500ms" "1.5s" "2m" "1h" "1d", or plain seconds "1.5". 0 … DURATION_MOST_US. */
bool duration_parse(const char *string, int64_t *us);

bool duration_of_seconds(double seconds, int64_t *us); /* false if out of range or not a number */

#endif
