/* SPDX-License-Identifier: ISC */
/*
 * http_token: the secret that whoever asks the dashboard must know: a file that only the daemon's
 * user can read. In the supervisor, of stintd.
 */
#ifndef SUPERVISOR_HTTP_TOKEN_H
#define SUPERVISOR_HTTP_TOKEN_H

#include "ipc/text.h"

#define HTTP_TOKEN_LEAST 16
#define HTTP_TOKEN_MOST  127

/*
 * Reads it into `token`, of HTTP_TOKEN_MOST + 1 bytes; a file that is not there is made, with a new
 * token. False: `error` says what is wrong with the file and what to do.
 */
bool http_token_read(const char *path, char *token, struct text *error);

#endif
