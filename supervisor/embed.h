/* SPDX-License-Identifier: ISC */
/*
 * embed: files that a program carries in itself, as they were when it was built; the assembler puts
 * them in, and the Makefile knows that the object depends on them.
 *
 *	EMBED(script, EMBED_FILE("supervisor/a.js") EMBED_FILE("supervisor/b.js"))
 *	... (struct span){embedded_script, embedded_script_size} ...
 */
#ifndef SUPERVISOR_EMBED_H
#define SUPERVISOR_EMBED_H

#include <stdint.h>

#define EMBED_FILE(path) ".incbin \"" path "\"\n"
#define EMBED(name, files)                                 \
	__asm__(".pushsection .rodata\n"                   \
		".balign 4\n"                              \
		"embedded_" #name "_size: .long 2f - 1f\n" \
		"embedded_" #name ":\n"                    \
		"1:\n" files "2:\n"                        \
		".popsection\n");                          \
	extern const char embedded_##name[];               \
	extern const uint32_t embedded_##name##_size;

#endif
