/* SPDX-License-Identifier: ISC */
/*
 * daemon_value: the keys of stintd.json(5) and what they take: a value into a field of struct
 * daemon_config. In the supervisor; pure.
 */
#ifndef SUPERVISOR_DAEMON_VALUE_H
#define SUPERVISOR_DAEMON_VALUE_H

#include <jansson.h>
#include <stddef.h>

#include "supervisor/daemon_config.h"

#define DAEMON_KEYS_MOST 64

struct daemon_key {
	const char *name;
	size_t offset; /* of its field */
	enum { START, LIVE } when;
	uint64_t least, most;
	const char *initial; /* JSON; NULL: the field is NULL */
	/*
	 * NULL, or what is wrong with the value: static, until the next call. The value's strings
	 * are pointed to: it is to live as long as the config.
	 */
	const char *(*take)(const struct daemon_key *, struct daemon_config *, const json_t *);
};

extern const struct daemon_key daemon_keys[];
extern const size_t daemon_key_count;

#endif
