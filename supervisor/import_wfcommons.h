/* SPDX-License-Identifier: ISC */
/*
 * import_wfcommons: what the files of the import of WfFormat share; for nobody else. In the
 * supervisor; pure.
 *
 * WfFormat 1.5 has what a workflow is in workflow.specification.tasks, and how it went in
 * workflow.execution.tasks; 1.3 and 1.4 have both in workflow.tasks, 1.0 to 1.2 in workflow.jobs.
 */
#ifndef SUPERVISOR_IMPORT_WFCOMMONS_H
#define SUPERVISOR_IMPORT_WFCOMMONS_H

#include "supervisor/id_table.h"
#include "supervisor/import.h"

/* The keys of a task that matter, of all versions. */
enum wf_key {
	WF_ID,
	WF_NAME,
	WF_CATEGORY,
	WF_PARENTS,
	WF_CHILDREN,
	WF_COMMAND,
	WF_RUNTIME,
	WF_RUNTIME_OLD,
	WF_AVG_CPU,
	WF_CORE_COUNT,
	WF_CORES,
	WF_MEMORY,
	WF_MEMORY_OLD,
	WF_KEYS
};

extern const char *const wf_keys[WF_KEYS];

/* An element of one of the lists. */
struct wf_entry {
	const char *list; /* "workflow.tasks" */
	uint32_t index;
	struct span text;
	struct span values[WF_KEYS]; /* empty: it does not have it */
};

/* What is kept of a task beside what the job has; at the same place. */
struct wf_task {
	struct span text; /* in the list that says what it needs */
	struct span parents, children;
	struct span name, category;
	bool ran; /* how it went is known */
};

struct wf_reader {
	const struct import_source *source;
	struct import_job *job;
	struct text *error;
	struct wf_task *tasks;
	uint32_t room;
	struct id_table ids;   /* place + 1 */
	struct id_table names; /* likewise, or WF_SEVERAL; made when it is first asked for */
	bool named;
	bool old; /* a name may stand for an id that is missing */
};

#define WF_SEVERAL UINT32_MAX

/* Both return false; the line is that of `at`. */
bool wf_refuse(const struct wf_reader *, const char *at, const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool wf_refuse_value(const struct wf_reader *, const struct wf_entry *, enum wf_key,
		     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The values of those members that have the keys; what is not there stays as it is. */
bool wf_members(const struct wf_reader *, struct span object, const char *path,
		const char *const *keys, int count, struct span *values);

/* A string without control characters that a job file takes; an empty one stays empty. */
bool wf_string(const struct wf_reader *, const struct wf_entry *, enum wf_key, struct span *);

/* How long a task took, what it used, its command, and from all that its name. */
bool wf_measures(const struct wf_reader *, const struct wf_entry *, struct import_task *,
		 const struct wf_task *);

/* What the tasks need, once all of them are there. */
bool wf_needs(struct wf_reader *, const char *list);

#endif
