/* SPDX-License-Identifier: ISC */
/* sink_table: the sinks of a run, see sinks.def. In the supervisor. */
#include "supervisor/sink.h"

const struct sink_ops *const sink_table[] = {
#define SINK(name) &sink_##name,
#include "supervisor/sinks.def"
#undef SINK
    NULL};
