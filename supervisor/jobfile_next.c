/* SPDX-License-Identifier: ISC */
/*
 * jobfile_next: see jobfile.h; the tasks in the order in which they may run. In the supervisor.
 *
 * Tasks have their turn in the order of the file. One that has to wait then, comes as soon as its
 * needs have ended, before others have their turn.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/memory.h"
#include "supervisor/jobfile_parts.h"

#define HELD_MOST 32768 /* tasks of a stream that wait; then it is read no further */

/* The next line of a stream that is not blank. */
static enum jobfile_state
next_line(struct jobfile *jobfile, struct span *line)
{
	switch (line_source_next(&jobfile->source, line)) {
	case LINE_TAKEN:
		return JOBFILE_TASK;
	case LINE_TOO_LONG:
		jobfile_complain(&jobfile->error, jobfile->file, jobfile->source.line, "",
				 "a line longer than 16 MiB");
		return JOBFILE_BAD;
	case LINE_REFUSED:
		text_span(&jobfile->error, *line);
		return JOBFILE_BAD;
	case LINE_WAIT:
		return JOBFILE_WAIT;
	case LINE_END:
		return JOBFILE_END;
	case LINE_FAIL:
		break;
	}
	if (line->len > 0) {
		text_span(&jobfile->error, *line);
	} else {
		jobfile_fail(jobfile, strerror(errno));
	}
	return JOBFILE_FAIL;
}

static void
append_text(struct jobfile *jobfile, struct task_text *text)
{
	if (jobfile->text_count == jobfile->text_room) {
		jobfile->text_room = jobfile->text_room == 0 ? 1 : jobfile->text_room * 2;
		jobfile->texts = memory_check(
		    reallocarray(jobfile->texts, jobfile->text_room, sizeof(*jobfile->texts)));
	}
	jobfile->texts[jobfile->text_count++] = text;
}

static void
drop_texts(struct jobfile *jobfile)
{
	for (size_t i = jobfile->text_next; i < jobfile->text_count; i++) {
		task_text_release(jobfile->texts[i]);
	}
	jobfile->text_count = jobfile->text_next = 0;
}

/* All that a line stands for. */
static bool
take_texts(struct jobfile *jobfile, const struct piece *piece)
{
	struct task_text *text;

	task_reader_begin(&jobfile->reader, piece, jobfile->ordinal);
	while (task_reader_next(&jobfile->reader, &text, &jobfile->error)) {
		if (text == NULL) {
			return true;
		}
		append_text(jobfile, text);
	}
	needs_of_bad_line(jobfile->needs, jobfile->texts, jobfile->text_count,
			  jobfile->reader.group_hash);
	return false;
}

static bool
take_needs(struct jobfile *jobfile, const struct piece *piece)
{
	struct needs_fault fault;
	bool good = needs_of_line(jobfile->needs, jobfile->texts, jobfile->text_count,
				  jobfile->number + 1, &fault);

	if (!good) {
		text_terminate(&fault.message);
		jobfile_describe_need(piece, fault.index, fault.message.data, &jobfile->error);
	}
	text_free(&fault.message);
	return good;
}

/* The tasks of a line. False: it is bad, as a whole. */
static bool
take_line(struct jobfile *jobfile, const struct piece *piece)
{
	if (!take_texts(jobfile, piece) || !take_needs(jobfile, piece)) {
		drop_texts(jobfile);
		return false;
	}
	for (size_t i = 0; i < jobfile->text_count; i++) {
		jobfile->left += jobfile->texts[i]->repeat;
	}
	return true;
}

/* The texts of the next line. */
static enum jobfile_state
read_line(struct jobfile *jobfile)
{
	struct piece piece = {.file = jobfile->file, .prefix = ""};
	enum jobfile_state state;

	jobfile->text_count = jobfile->text_next = 0;
	if (needs_held(jobfile->needs) >= HELD_MOST) {
		return JOBFILE_HELD;
	}
	state = next_line(jobfile, &piece.text);
	if (state == JOBFILE_TASK || state == JOBFILE_BAD) {
		jobfile->ordinal++;
	}
	if (state != JOBFILE_TASK) {
		return state;
	}
	piece.line = jobfile->source.line;
	return take_line(jobfile, &piece) ? JOBFILE_TASK : JOBFILE_BAD;
}

static bool
heeds_needs(const struct jobfile *jobfile)
{
	return jobfile->needs != NULL && !jobfile->ignores_needs;
}

/* What a task is expected to take, and all behind it. */
static int64_t
rank_of(const struct jobfile *jobfile, const struct task_text *text)
{
	int64_t us = text->expected_us;

	if (heeds_needs(jobfile) && !jobfile->stream && text->node != 0) {
		return needs_rank_us(jobfile->needs, text);
	}
	if (us < 0 && jobfile->expect.ask != NULL) {
		us = jobfile->expect.ask(jobfile->expect.context, text);
	}
	return us < 0 ? jobfile->unknown_us : us;
}

/* The next text has its turn. False: it is not for now; it comes by way of the needs. */
static bool
take_turn(struct jobfile *jobfile)
{
	struct task_text *text = jobfile->texts[jobfile->text_next++];

	jobfile->first = jobfile->number + 1;
	jobfile->number += text->repeat;
	if (heeds_needs(jobfile) && !needs_start(jobfile->needs, text)) {
		task_text_release(text);
		return false;
	}
	jobfile->text = text;
	jobfile->rank_us = rank_of(jobfile, text);
	return true;
}

/* One whose needs have ended, or that is skipped. */
static bool
take_waiting(struct jobfile *jobfile)
{
	struct needs_turn turn;

	if (!heeds_needs(jobfile) || !needs_next(jobfile->needs, &turn, &jobfile->error)) {
		return false;
	}
	jobfile->text = turn.text;
	jobfile->first = turn.number;
	jobfile->rank_us = jobfile->stream ? rank_of(jobfile, turn.text) : turn.rank_us;
	jobfile->skipped = turn.skipped;
	return true;
}

static void
rank(struct jobfile *jobfile)
{
	if (heeds_needs(jobfile) && !jobfile->stream && !jobfile->ranked) {
		jobfile->unknown_us = needs_rank(jobfile->needs, jobfile->texts,
						 jobfile->text_count, jobfile->expect);
		jobfile->ranked = true;
	}
}

/* The next text whose repeats are to be handed out. */
static enum jobfile_state
next_text(struct jobfile *jobfile)
{
	enum jobfile_state state;

	text_clear(&jobfile->error);
	jobfile->index = 0;
	jobfile->skipped = false;
	rank(jobfile);
	for (;;) {
		if (take_waiting(jobfile)) {
			return JOBFILE_TASK;
		}
		if (jobfile->text_next < jobfile->text_count) {
			if (take_turn(jobfile)) {
				return JOBFILE_TASK;
			}
			continue;
		}
		state = jobfile->stream ? read_line(jobfile) : JOBFILE_END;
		jobfile->at_end |= state == JOBFILE_END;
		if (state == JOBFILE_END && jobfile_held(jobfile) > 0) {
			return JOBFILE_HELD;
		}
		if (state != JOBFILE_TASK) {
			return state;
		}
	}
}

enum jobfile_state
jobfile_next(struct jobfile *jobfile, struct task **task)
{
	enum jobfile_state state = JOBFILE_TASK;
	struct task_text *text;

	if (jobfile->text == NULL) {
		state = next_text(jobfile);
		text_terminate(&jobfile->error);
	}
	if (state != JOBFILE_TASK) {
		jobfile->number += state == JOBFILE_BAD;
		return state;
	}
	text = jobfile->text;
	*task = task_new(text, jobfile->first + jobfile->index, 0);
	jobfile->index++;
	(*task)->index = text->repeat > 1 ? jobfile->index : 0;
	jobfile->left--;
	if (jobfile->index == text->repeat) {
		jobfile->text = NULL;
		task_text_release(text);
	}
	return jobfile->skipped ? JOBFILE_SKIP : JOBFILE_TASK;
}

uint64_t
jobfile_skip_repeats(struct jobfile *jobfile)
{
	uint64_t skipped = 0;

	if (jobfile->text != NULL) {
		skipped = jobfile->text->repeat - jobfile->index;
		jobfile->left -= skipped;
		task_text_release(jobfile->text);
		jobfile->text = NULL;
	}
	return skipped;
}

void
jobfile_ignore_needs(struct jobfile *jobfile)
{
	jobfile->ignores_needs = true;
	if (jobfile->stream) {
		needs_only_check(jobfile->needs);
	}
}

void
jobfile_set_expect(struct jobfile *jobfile,
		   int64_t (*expect)(void *context, const struct task_text *), void *context)
{
	jobfile->expect = (struct needs_expect){expect, context};
}

int64_t
jobfile_rank(const struct jobfile *jobfile)
{
	return jobfile->rank_us;
}

void
jobfile_ended(struct jobfile *jobfile, const struct task *task, enum task_status status,
	      int64_t wall_us)
{
	if (heeds_needs(jobfile)) {
		needs_ended(jobfile->needs, task->text, status, wall_us);
	}
	if (wall_us > jobfile->longest_us) {
		jobfile->longest_us = wall_us;
		text_clear(&jobfile->longest);
		task_put_plain_id(task, &jobfile->longest);
	}
}

void
jobfile_path(const struct jobfile *jobfile, int64_t *us, struct text *words)
{
	struct text chain = TEXT_INIT;
	int64_t chain_us = heeds_needs(jobfile) ? needs_path(jobfile->needs, &chain) : 0;
	const struct text *longest = chain_us >= jobfile->longest_us ? &chain : &jobfile->longest;

	*us = chain_us > jobfile->longest_us ? chain_us : jobfile->longest_us;
	if (!jobfile->stream) {
		text_bytes(words, longest->data, longest->len);
	}
	text_free(&chain);
}

uint64_t
jobfile_held(const struct jobfile *jobfile)
{
	return heeds_needs(jobfile) ? needs_held(jobfile->needs) : 0;
}

bool
jobfile_has_task(const struct jobfile *jobfile)
{
	return jobfile->text != NULL || jobfile->text_next < jobfile->text_count ||
	       (heeds_needs(jobfile) && needs_queued(jobfile->needs) > 0);
}

uint64_t
jobfile_left(const struct jobfile *jobfile)
{
	return jobfile->left;
}

uint64_t
jobfile_total(const struct jobfile *jobfile, uint64_t handed_out)
{
	uint64_t known = handed_out + jobfile->left;

	if (!jobfile->stream || jobfile->source.ended) {
		return known; /* of a stream, all but what is in the buffer */
	}
	if (jobfile->source.taken == 0 || jobfile->source.size == 0) {
		return 0;
	}
	return (uint64_t)((double)known * (double)jobfile->source.size /
			  (double)jobfile->source.taken);
}
