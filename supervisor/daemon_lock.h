/* SPDX-License-Identifier: ISC */
/*
 * daemon_lock: that there is one stintd for a queue: a lock on the file `lock` in the state
 * directory, which ends with whoever holds it, however that ends; and the pidfile, which is for
 * people and scripts: nobody is signalled because of what stands there. In the supervisor, of
 * stintd.
 */
#ifndef SUPERVISOR_DAEMON_LOCK_H
#define SUPERVISOR_DAEMON_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

#include "ipc/text.h"

struct daemon_config;
struct daemon_lock;

/*
 * NULL: `error` says why not. If another daemon holds the lock and answers on its socket that is at
 * once; one that is just coming up or going down is waited for, for some seconds.
 */
struct daemon_lock *daemon_lock_take(const struct daemon_config *, struct text *error);
void daemon_lock_free(struct daemon_lock *); /* and removes the pidfile, if it is ours */

/* Who holds it, as it says itself; 0: nobody. For messages. */
pid_t daemon_lock_holder(const struct daemon_config *);

#endif
