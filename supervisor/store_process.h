/* SPDX-License-Identifier: ISC */
/* store_process: the process of the store, from its fork to its end; see store.h and store_wire.h. */
#ifndef SUPERVISOR_STORE_PROCESS_H
#define SUPERVISOR_STORE_PROCESS_H

/* In the child, which has nothing of its own: all descriptors but the socket are closed. */
_Noreturn void store_process_run(int socket, const char *directory);

#endif
