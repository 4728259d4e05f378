/* SPDX-License-Identifier: ISC */
/* template_parts: what a template consists of; for template.c, which reads one, and template_fill.c. */
#ifndef SUPERVISOR_TEMPLATE_PARTS_H
#define SUPERVISOR_TEMPLATE_PARTS_H

#include "supervisor/path_part.h"
#include "supervisor/template.h"

enum part_type { PART_LITERAL, PART_ARGUMENT, PART_SEQUENCE, PART_SLOT };

struct part {
	enum part_type type;
	enum path_part path;
	int position;  /* ARGUMENT: 0: all; below 0: from the back */
	size_t begin;  /* LITERAL: in the template's bytes */
	size_t len;    /* likewise */
	bool new_word; /* it begins one */
	char quote;    /* of a shell command: that it stands between; '\0': none */
};

struct template
{
	struct text bytes;
	struct part *parts;
	size_t count;
	bool shell;
	bool raw; /* arguments are put into the shell command as they are */
	bool each;
	bool has_slot;
	unsigned highest;
};

static inline struct span
part_literal(const struct template *template, const struct part *part)
{
	return (struct span){template->bytes.data + part->begin, part->len};
}

#endif
