/* SPDX-License-Identifier: ISC */
/*
 * queue: what the macros of <sys/queue.h> and <sys/tree.h> look like, for cppcheck, which reads no
 * system headers. No program includes it.
 */
#ifndef LINT_QUEUE_H
#define LINT_QUEUE_H

#define QUEUE_HEAD(name, type) \
	struct name {          \
		type *first;   \
	}
#define QUEUE_ENTRY(type)   \
	struct {            \
		type *next; \
	}
#define QUEUE_LOOP(item, head)        while (((item) = next(head)))
#define QUEUE_SAFE(item, head, after) while (((after) = next(head)), ((item) = next(head)))

#define LIST_HEAD(name, type)   QUEUE_HEAD(name, struct type)
#define SLIST_HEAD(name, type)  QUEUE_HEAD(name, struct type)
#define STAILQ_HEAD(name, type) QUEUE_HEAD(name, struct type)
#define TAILQ_HEAD(name, type)  QUEUE_HEAD(name, struct type)

#define LIST_ENTRY(type)   QUEUE_ENTRY(struct type)
#define SLIST_ENTRY(type)  QUEUE_ENTRY(struct type)
#define STAILQ_ENTRY(type) QUEUE_ENTRY(struct type)
#define TAILQ_ENTRY(type)  QUEUE_ENTRY(struct type)

#define RB_HEAD(name, type)                        QUEUE_HEAD(name, struct type)
#define RB_ENTRY(type)                             QUEUE_ENTRY(struct type)
#define RB_PROTOTYPE(name, type, field, comparing) struct type *next_of_##name(struct type *);
#define RB_GENERATE(name, type, field, comparing)  struct type *next_of_##name(struct type *);

#define RB_FOREACH(item, name, head)     QUEUE_LOOP(item, head)
#define LIST_FOREACH(item, head, link)   QUEUE_LOOP(item, head)
#define SLIST_FOREACH(item, head, link)  QUEUE_LOOP(item, head)
#define STAILQ_FOREACH(item, head, link) QUEUE_LOOP(item, head)
#define TAILQ_FOREACH(item, head, link)  QUEUE_LOOP(item, head)

#define LIST_FOREACH_SAFE(item, head, link, after)   QUEUE_SAFE(item, head, after)
#define SLIST_FOREACH_SAFE(item, head, link, after)  QUEUE_SAFE(item, head, after)
#define STAILQ_FOREACH_SAFE(item, head, link, after) QUEUE_SAFE(item, head, after)
#define TAILQ_FOREACH_SAFE(item, head, link, after)  QUEUE_SAFE(item, head, after)

#endif
