/* SPDX-License-Identifier: ISC */
/* import: see import.h. In the supervisor; pure. */
#include "supervisor/import.h"

const struct import_ops *const import_formats[] = {
#define IMPORT(name, says) &import_##name,
#include "supervisor/imports.def"
#undef IMPORT
    NULL};

void
import_describe(struct text *out)
{
#define IMPORT(name, says) text_printf(out, "  %-24s  %s\n", #name, says);
#include "supervisor/imports.def"
#undef IMPORT
}
