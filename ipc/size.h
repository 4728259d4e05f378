/* SPDX-License-Identifier: ISC */
/* size: how people write a number of bytes. Pure; any process. */
#ifndef IPC_SIZE_H
#define IPC_SIZE_H

#include <stdbool.h>
#include <stdint.h>

#define SIZE_MOST (UINT64_C(1) << 53) /* 8 PiB: what a JSON number holds exactly */

/*
 * "4096", "200M", "1.5G", "1.5GiB", "64k": a decimal number and K, M, G or T (1024, 1024², …), in
 * either case, with or without B or iB; or B alone. 0 … SIZE_MOST; a fraction of a byte is cut off.
 */
bool size_parse(const char *string, uint64_t *bytes);

#endif
