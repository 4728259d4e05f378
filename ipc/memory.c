/* SPDX-License-Identifier: ISC */
/* memory: see memory.h. */
#include "ipc/memory.h"

#include <event2/event.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <bsd/stdlib.h>

/* Allocates nothing itself: there is nothing left to allocate from. */
void
memory_none(void)
{
	static char words[] = ": out of memory\n";
	const char *name = getprogname();
	struct iovec line[] = {{(void *)(uintptr_t)name, strlen(name)}, {words, sizeof(words) - 1}};

	if (writev(STDERR_FILENO, line, 2) < 0) {
		_exit(3);
	}
	_exit(3);
}

void *
memory_check(void *memory)
{
	if (memory == NULL) {
		memory_none();
	}
	return memory;
}

static void *
allocate(size_t size)
{
	return memory_check(malloc(size));
}

static void *
resize(void *memory, size_t size)
{
	return memory_check(realloc(memory, size));
}

void
memory_insist(void)
{
	json_set_alloc_funcs(allocate, free);
	event_set_mem_functions(allocate, resize, free);
}
