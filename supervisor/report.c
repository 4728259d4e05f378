/* SPDX-License-Identifier: ISC */
/* report: see report.h. In the supervisor. */
#include "supervisor/report.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/fds.h"

static const struct report_ops *const table[] = {
#define REPORT(name, says) &report_##name,
#include "supervisor/reports.def"
#undef REPORT
};

static const char *const says[] = {
#define REPORT(name, words) words,
#include "supervisor/reports.def"
#undef REPORT
};

#define REPORTS (sizeof(table) / sizeof(table[0]))

const struct report_ops *
report_find(const char *name)
{
	for (size_t i = 0; i < REPORTS; i++) {
		if (strcmp(table[i]->name, name) == 0) {
			return table[i];
		}
	}
	return NULL;
}

const struct report_ops *
report_of_file(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < REPORTS; i++) {
		const char *suffix = table[i]->suffix;
		size_t more = suffix == NULL ? 0 : strlen(suffix);

		if (more > 0 && len > more && strcmp(path + len - more, suffix) == 0) {
			return table[i];
		}
	}
	return NULL;
}

void
report_names(struct text *out)
{
	for (size_t i = 0; i < REPORTS; i++) {
		text_string(out, i == 0 ? "" : ", ");
		text_string(out, table[i]->name);
	}
}

void
report_suffixes(bool several, struct text *out)
{
	bool first = true;

	for (size_t i = 0; i < REPORTS; i++) {
		if (table[i]->suffix != NULL && (table[i]->several || !several)) {
			text_string(out, first ? "" : ", ");
			text_string(out, table[i]->suffix);
			first = false;
		}
	}
}

void
report_list(struct text *out)
{
	for (size_t i = 0; i < REPORTS; i++) {
		const char *suffix = table[i]->suffix;

		text_printf(out, "  %-8s %-8s %s\n", table[i]->name, suffix == NULL ? "" : suffix,
			    says[i]);
	}
}

char *
report_label(const char *name)
{
	char *label = strdup(name);

	if (label == NULL) {
		err(3, "report");
	}
	for (char *c = label; !text_is_utf8(name, strlen(name)) && *c != '\0'; c++) {
		*c = (unsigned char)*c < 0x80 ? *c : '?';
	}
	return label;
}

void
report_describe_locale(struct report *report)
{
	setlocale(LC_CTYPE, "");
	report->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

bool
report_write(const struct report_ops *ops, const struct report *report, const char *path)
{
	struct text out = TEXT_INIT;
	bool to_stdout = strcmp(path, "-") == 0, good;
	int fd =
	    to_stdout ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int why;

	if (fd < 0) {
		return false;
	}
	ops->write(report, &out);
	good = fds_write_all(fd, out.data, out.len);
	why = errno;
	if (!to_stdout && close(fd) != 0) {
		why = good ? errno : why;
		good = false;
	}
	text_free(&out);
	errno = why;
	return good;
}
