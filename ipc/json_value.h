/* SPDX-License-Identifier: ISC */
/*
 * json_value: what a single JSON value says, found by json_scan: numbers without a tree around
 * them, strings by jansson. Pure; any process.
 */
#ifndef IPC_JSON_VALUE_H
#define IPC_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/text.h"

bool json_value_uint(struct span number, uint64_t *); /* a whole number, 0 .. 2^53 */
bool json_value_us(struct span number, int64_t *us);  /* seconds into microseconds, rounded */

/* Decodes a JSON string, quotes included. *bytes is malloc'd, terminated, the caller's. */
bool json_value_string(struct span string, char **bytes, size_t *len);
/* Appends what a JSON string, quotes included, says. False if it cannot be decoded. */
bool json_value_append(struct text *, struct span string);
/* Likewise one that holds base64. */
bool json_value_base64(struct span string, char **bytes, size_t *len);

#endif
