/* SPDX-License-Identifier: ISC */
/* path_part: see path_part.h. In the supervisor; pure. */
#include "supervisor/path_part.h"

#include <string.h>

static struct span
base(struct span path)
{
	const char *slash = path.len == 0 ? NULL : memrchr(path.at, '/', path.len);

	if (slash != NULL) {
		path.len -= (size_t)(slash + 1 - path.at);
		path.at = slash + 1;
	}
	return path;
}

/* As parallel has it, also of ".bashrc", which is all extension. */
static struct span
stem(struct span path)
{
	struct span name = base(path);
	const char *dot = name.len == 0 ? NULL : memrchr(name.at, '.', name.len);

	if (dot != NULL) {
		path.len = (size_t)(dot - path.at);
	}
	return path;
}

static struct span
without_slashes(struct span path)
{
	while (path.len > 0 && path.at[path.len - 1] == '/') {
		path.len--;
	}
	return path;
}

/* As dirname(1). */
static struct span
folder(struct span path)
{
	struct span rest = without_slashes(path), above;

	rest.len -= base(rest).len;
	above = without_slashes(rest);
	if (above.len > 0) {
		return above;
	}
	return rest.len > 0 || (path.len > 0 && path.at[0] == '/') ? SPAN_LITERAL("/")
								   : SPAN_LITERAL(".");
}

struct span
path_part(struct span path, enum path_part part)
{
	switch (part) {
	case PATH_STEM:
		return stem(path);
	case PATH_BASE:
		return base(path);
	case PATH_FOLDER:
		return folder(path);
	case PATH_BASE_STEM:
		return stem(base(path));
	case PATH_WHOLE:
		break;
	}
	return path;
}
