/* SPDX-License-Identifier: ISC */
/* fds: small helpers for file descriptors, close-on-exec always. Any process. */
#ifndef IPC_FDS_H
#define IPC_FDS_H

#include <stdbool.h>
#include <stddef.h>

bool fds_pipe(int ends[2], int capacity); /* capacity in bytes is asked for; 0: the kernel's */
void fds_close(int *fd);                  /* and sets it to -1; -1 is harmless */
bool fds_write_all(int fd, const void *, size_t); /* blocking; false with errno */

/* 0, 1 and 2 are open afterwards (/dev/null where they were not), so that no file gets them. */
void fds_fill_standard(void);

#endif
