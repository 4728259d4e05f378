/* SPDX-License-Identifier: ISC */
/*
 * process_title: what `ps` and `top` show of a process that was forked without another program: the
 * guard, the store. Only where nothing else sets titles.
 */
#ifndef SUPERVISOR_PROCESS_TITLE_H
#define SUPERVISOR_PROCESS_TITLE_H

/* As setproctitle_init(3), in main(): titles have room then, and take that of the environment. */
void process_title_init(int argc, char **argv, char **envp);

/*
 * `title` stands where the arguments did, cut to their length without process_title_init(); `name`
 * has up to 15 bytes.
 */
void process_title(const char *title, const char *name);

#endif
