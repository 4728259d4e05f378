/* SPDX-License-Identifier: ISC */
/*
 * queue_output: what a task writes that is too much for the store: all of it is in a file beside it,
 * output/JOB/TASK.stdout or .stderr in the daemon's state directory, and the record has its
 * beginning. Nothing is kept open from one piece to the next. See queue_parts.h. In the supervisor,
 * of stintd.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/queue_parts.h"
#include "supervisor/safe_name.h"
#include "supervisor/supervisor.h"

static const char *const streams[] = {"stdout", "stderr"};

int
queue_output_compare(const struct queue_output *a, const struct queue_output *b)
{
	return (a->task > b->task) - (a->task < b->task);
}

RB_GENERATE(queue_outputs, queue_output, all, queue_output_compare)

/* The file of a stream, below the state directory. */
static void
put_path(struct text *path, uint64_t number, struct span id, int stream)
{
	text_printf(path, "output/%ju/", (uintmax_t)number);
	safe_name_put(path, id);
	text_printf(path, ".%s", streams[stream]);
	text_terminate(path);
}

static void
make_folders(int state, uint64_t number)
{
	char folder[40];

	snprintf(folder, sizeof(folder), "output/%ju", (uintmax_t)number);
	if (mkdirat(state, folder, 0700) != 0 && errno == ENOENT) {
		mkdirat(state, "output", 0700);
		mkdirat(state, folder, 0700);
	}
}

/* The file of a task's stream; -1 with errno. */
static int
open_file(const struct queue *queue, uint64_t number, struct span id, int stream, int flags)
{
	int state = open(queue->config->state_directory, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	struct text path = TEXT_INIT;
	int fd = -1, why;

	if (state < 0) {
		return -1;
	}
	if ((flags & O_CREAT) != 0) {
		make_folders(state, number);
	}
	put_path(&path, number, id, stream);
	fd = openat(state, path.data, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	why = errno;
	text_free(&path);
	close(state);
	errno = why;
	return fd;
}

int
queue_open_output(const struct queue *queue, uint64_t number, const char *task, int stream)
{
	return open_file(queue, number, span_of(task), stream - 1, O_RDONLY);
}

void
queue_each_output(const struct queue *queue, uint64_t number,
		  void (*visit)(void *context, const char *task, int stream, struct span bytes,
				bool all),
		  void *context)
{
	const struct queue_entry *entry = queue_find(queue, number);
	struct queue_output *output;
	struct text id = TEXT_INIT;

	if (entry == NULL || entry->active == NULL) {
		return;
	}
	RB_FOREACH(output, queue_outputs, &entry->active->outputs)
	{
		text_clear(&id);
		task_put_plain_id(output->task, &id);
		text_terminate(&id);
		for (int stream = 0; stream < 2; stream++) {
			const struct text *head = &output->head[stream];

			if (head->len > 0) {
				visit(context, id.data, stream + 1,
				      (struct span){head->data, head->len},
				      !output->in_file[stream]);
			}
		}
	}
	text_free(&id);
}

static struct queue_output *
find(struct queue_active *active, const struct task *task, bool make)
{
	struct queue_output key = {.task = task};
	struct queue_output *output = RB_FIND(queue_outputs, &active->outputs, &key), *other;

	if (output == NULL && make) {
		output = calloc(1, sizeof(*output));
		if (output == NULL) {
			err(EXIT_SYSTEM, "queue");
		}
		output->task = task;
		if ((other = RB_INSERT(queue_outputs, &active->outputs, output)) != NULL) {
			free(output); /* which cannot be: it was looked for */
			output = other;
		}
	}
	return output;
}

static void
forget(struct queue_active *active, struct queue_output *output)
{
	RB_REMOVE(queue_outputs, &active->outputs, output);
	text_free(&output->head[0]);
	text_free(&output->head[1]);
	free(output);
}

/* All that has come so far, then what comes. */
static void
write_piece(struct queue_active *active, struct queue_output *output, int stream, struct span bytes)
{
	struct queue *queue = active->entry->queue;
	struct text *head = &output->head[stream], id = TEXT_INIT;
	bool first = !output->in_file[stream], good;
	int fd;

	task_put_plain_id(output->task, &id);
	fd = open_file(queue, active->entry->job.kept.number, (struct span){id.data, id.len},
		       stream, O_WRONLY | O_CREAT | O_APPEND | (first ? O_TRUNC : 0));
	good = fd >= 0 && (!first || fds_write_all(fd, head->data, head->len)) &&
	       fds_write_all(fd, bytes.at, bytes.len);
	text_free(&id);
	if (!good) {
		char why[200];

		snprintf(why, sizeof(why), "what tasks write cannot be kept in %s/output: %s",
			 queue->config->state_directory, strerror(errno));
		queue_interrupt(queue, why);
	}
	output->in_file[stream] = good || output->in_file[stream];
	fds_close(&fd);
}

void
queue_output_take(struct queue_active *active, const struct task *task,
		  const struct task_output *piece)
{
	struct queue_output *output = find(active, task, true);
	size_t most = active->entry->queue->config->inline_output;
	int stream = piece->stream - 1;
	struct text *head = &output->head[stream];

	if (!output->in_file[stream] && head->len + piece->bytes.len <= most) {
		text_span(head, piece->bytes);
		return;
	}
	write_piece(active, output, stream, piece->bytes);
	if (head->len < most && output->in_file[stream]) {
		text_bytes(head, piece->bytes.at,
			   piece->bytes.len < most - head->len ? piece->bytes.len
							       : most - head->len);
	}
}

void
queue_output_lost(struct queue_active *active, const struct task *task)
{
	struct queue_output *output = find(active, task, false);

	if (output != NULL) {
		forget(active, output);
	}
}

/* Its beginning, as a record has it: text, or where it is none, as base64. */
static void
shorten(struct result_record *record, int stream, struct text *head, struct text *json)
{
	size_t len = head->len;

	while (len > 0 && head->len - len < 4 && !text_is_utf8(head->data, len)) {
		len--; /* a character that was cut */
	}
	record->output[stream] = record->output_base64[stream] = SPAN_EMPTY;
	record->truncated = true;
	if (text_is_utf8(head->data, len)) {
		text_json_string(json, head->data, len);
		record->output[stream] = (struct span){json->data, json->len};
	} else {
		text_json_base64(json, head->data, head->len);
		record->output_base64[stream] = (struct span){json->data, json->len};
	}
}

/* Before the record says so, the file is on the disk. */
static void
sync_file(struct queue_active *active, const struct queue_output *output, int stream)
{
	struct text id = TEXT_INIT;
	int fd;

	task_put_plain_id(output->task, &id);
	fd = open_file(active->entry->queue, active->entry->job.kept.number,
		       (struct span){id.data, id.len}, stream, O_WRONLY);
	if (fd >= 0) {
		fdatasync(fd);
		close(fd);
	}
	text_free(&id);
}

void
queue_output_encode(struct queue_active *active, const struct finished *finished, struct text *out)
{
	struct queue_output *output = find(active, finished->task, false);
	struct result_record record = *finished->record;
	struct text json[2] = {TEXT_INIT, TEXT_INIT}, text = TEXT_INIT;
	struct finished shorter = *finished;

	if (output != NULL && (output->in_file[0] || output->in_file[1])) {
		for (int stream = 0; stream < 2; stream++) {
			if (output->in_file[stream]) {
				shorten(&record, stream, &output->head[stream], &json[stream]);
				sync_file(active, output, stream);
			}
		}
		result_record_encode(&text, &record);
		shorter.text = (struct span){text.data, text.len};
	}
	finished_encode(&shorter, out);
	text_free(&json[0]);
	text_free(&json[1]);
	text_free(&text);
	if (output != NULL) {
		forget(active, output);
	}
}

void
queue_output_free(struct queue_active *active)
{
	struct queue_output *output;

	while ((output = RB_MIN(queue_outputs, &active->outputs)) != NULL) {
		forget(active, output);
	}
}

static int
remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
	(void)info;
	(void)kind;
	(void)place;
	return remove(path);
}

void
queue_output_remove(const struct queue *queue, uint64_t number)
{
	struct text path = TEXT_INIT;
	struct stat info;

	text_printf(&path, "%s/output/%ju", queue->config->state_directory, (uintmax_t)number);
	text_terminate(&path);
	if (lstat(path.data, &info) == 0 && S_ISDIR(info.st_mode)) {
		nftw(path.data, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	}
	text_free(&path);
}
