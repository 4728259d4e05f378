/* SPDX-License-Identifier: ISC */
/*
 * options_value: what the value of an option says; says what is wrong with it on stderr, and ends
 * the process with status 2. In the supervisor.
 */
#ifndef SUPERVISOR_OPTIONS_VALUE_H
#define SUPERVISOR_OPTIONS_VALUE_H

/* The value as a message may quote it, until the next call. */
const char *options_shown(const char *value);

unsigned options_number(const char *option, const char *value, unsigned most); /* from 1 */

/* The place of a word in a list that ends with NULL. */
int options_choose(const char *option, const char *value, const char *const *words);

#endif
