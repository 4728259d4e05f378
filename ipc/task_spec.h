/* SPDX-License-Identifier: ISC */
/*
 * task_spec: one task as its author wrote it, from JSON text to a struct. Both sides decode with
 * it: the supervisor to refuse what is wrong before anything runs, the worker to run it.
 *
 * task_spec_parse() makes one, task_spec_free() frees it and all it points to. Pure; any process.
 */
#ifndef IPC_TASK_SPEC_H
#define IPC_TASK_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/text.h"

#define TASK_ID_MAX         1024                /* bytes; of a tag, too */
#define TASK_OUTPUT_DEFAULT (UINT32_C(1) << 20) /* bytes of each stream kept */
#define TASK_OUTPUT_MAX     (UINT32_C(4) << 20)

enum action_type {
#define ACTION(name, shape, load) ACTION_##name,
#include "ipc/actions.def"
#undef ACTION
	ACTION_TYPES
};

enum task_key {
#define KEY(name, place, reader) TASK_KEY_##name,
#include "ipc/task_keys.def"
#undef KEY
	TASK_KEYS
};

enum cpu_op {
#define CPU_OP(name, argument, most) OP_##name,
#include "ipc/cpu_ops.def"
#undef CPU_OP
	CPU_OPS
};

struct action {
	enum action_type type;
	enum cpu_op op; /* OPERATION */
	union {
		int64_t us;     /* DURATION */
		uint64_t arg;   /* OPERATION: of the op, microseconds if it takes a duration */
		char *string;   /* STRING, TEXT; terminated */
		char **strings; /* STRINGS; ends with NULL */
	};
};

#define TASK_PRIORITY_MOST 1000 /* and least, below 0 */
#define TASK_RETRIES_MOST  10000
#define TASK_CRASHES_MOST  50
#define TASK_NEEDS_MOST    100000
#define TASK_CPUS_MOST     4096
#define TASK_UNITS_MOST    1000000 /* of a named resource */
#define TASK_PERCENT_MOST  1000000
#define TASK_MATRIX_MOST   1000000 /* combinations */
#define TASK_MATRIX_KEYS   64
#define TASK_CRASHES       3 /* crash_limit unless said */
#define TASK_GRACE_US      (5 * INT64_C(1000000))

/* What a task is tried again after, while its `retries` last; bits. */
enum task_retry { RETRY_FAILED = 1, RETRY_TIMEOUT = 2, RETRY_CRASH = 4, RETRY_ALWAYS = 7 };

/* So many units of a named resource. */
struct task_use {
	char *resource; /* [A-Za-z][A-Za-z0-9_]* */
	uint32_t units; /* from 1 */
};

/* What the supervisor is to heed; only tasks that say something of it have one. */
struct task_rules {
	char **needs; /* ids; ends with NULL; NULL: none */
	struct task_use *uses;
	uint32_t use_count;
	bool needs_any_status;
	uint8_t retry;       /* enum task_retry, bits; 0: never, it runs at most once */
	uint8_t crash_limit; /* workers that it may take with it, from 1 */
	int16_t priority;
	uint16_t retries;         /* beyond the first attempt */
	uint32_t timeout_percent; /* of the median of its name so far; 0: none */
	int64_t backoff_us;       /* before the second attempt; then doubled */
};

enum task_class { TASK_CLASS_NONE, TASK_CLASS_CPU, TASK_CLASS_WAIT };

/* Where a command runs; only tasks that say something of it have one. */
struct task_context {
	char *cwd;    /* each NULL where the task says nothing */
	char **env;   /* "NAME=value" to set, "NAME" to remove; ends with NULL */
	char *input;  /* stdin: a path */
	char *output; /* stdout: a path */
	char *error;  /* stderr: a path, or "stdout" */
	uint32_t max_output;
	int64_t grace_us; /* from TERM to KILL; TASK_GRACE_US unless said */
	uint64_t memory;  /* bytes that it may take, its descendants included; 0: no limit */
	uint16_t cpus;    /* cores that it computes on; 1 unless said */
	int8_t nice;      /* added to that of stint; 0 unless said */
};

struct task_spec {
	struct action *actions; /* &single, or those of `steps` */
	struct action single;
	struct task_context *context;
	struct task_rules *rules;
	char *id;           /* NULL if the task has none of its own */
	char *name;         /* likewise */
	char *tag;          /* likewise; not always UTF-8 */
	int64_t timeout_us; /* 0: none */
	uint32_t count;     /* of actions */
	uint32_t repeat;    /* 1 unless said */
	enum task_class hint;
	uint32_t keys; /* a bit for each key that is there, by enum task_key */
};

#define TASK_HAS(spec, key) (((spec)->keys & (UINT32_C(1) << TASK_KEY_##key)) != 0)

/* What is wrong, and where: a path of up to four members or elements. */
struct spec_error {
	struct {
		char key[64]; /* "" for an element */
		int index;    /* of an element, -1 for a member */
	} path[4];
	const char *entered[4]; /* the keys while decoding; copied into `path` on failure */
	int depth;
	int line;   /* of a syntax error, from 1; 0 if it is none */
	int column; /* likewise, in bytes */
	char message[256];
};

enum spec_kind { SPEC_TASK, SPEC_DEFAULTS /* no action, no id */ };

/*
 * Decodes one task, or a `defaults` object. Returns NULL and fills `error` if it is not valid.
 * `keys` of what is there, with the action counted as none.
 */
struct task_spec *task_spec_parse(struct span text, enum spec_kind, struct spec_error *error);
void task_spec_free(struct task_spec *);

/* The enum task_key of a key that `defaults` may hold; -1 for any other. */
int task_key_find(struct span key);
bool task_key_is_for_workers(struct span key); /* it, or an action; false: the supervisor's alone */
bool task_key_is_limit(struct span key);       /* workers heed it, yet it is not what is done */

/* A resource may be called so. */
bool task_resource_is_name(const char *name);

/* What holds for a task that says nothing of it. */
extern const struct task_rules task_rules_none;

/*
 * The rules of a task, with those of the job's defaults where it has no key of its own (`keys`: of
 * the task). Takes `own` over; each may be NULL.
 */
struct task_rules *task_rules_merge(struct task_rules *own, uint32_t keys,
				    const struct task_rules *defaults);
void task_rules_free(struct task_rules *);

/*
 * For those who decode: what is entered, and not left, is the path; spec_fail() sets the message,
 * copies the path's keys, and returns false.
 */
void spec_enter(struct spec_error *, const char *key, int index); /* index -1: a member */
void spec_leave(struct spec_error *);
bool spec_fail(struct spec_error *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds to the message. */
void spec_error_add(struct spec_error *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends "steps[2].cpu.primes" and the like. */
void spec_error_path(const struct spec_error *, struct text *);

/* Whether an action takes a core while it runs. */
bool task_spec_computes(const struct task_spec *, uint32_t step);

bool task_spec_commands(const struct task_spec *); /* it runs a command, in some step */

/*
 * What it will take as far as its author said it: the sums of its sleeps and spins. False: some
 * step takes nobody knows how long (then the sums are of the others).
 */
bool task_spec_expected(const struct task_spec *, int64_t *wall_us, int64_t *cpu_us);

/*
 * Appends the program that its first command runs, as a name under which to learn: "gzip" of
 * ["/bin/gzip","-k","a"] and of "gzip -k a | wc"; shells, env, nice, timeout and the like are seen
 * through, an interpreter brings its script: "python3 fit.py". Nothing for a task without command.
 */
void task_spec_program(const struct task_spec *, struct text *);

const char *action_name(enum action_type);
const char *cpu_op_name(enum cpu_op);

#endif
