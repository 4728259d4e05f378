/* SPDX-License-Identifier: ISC */
/*
 * http_report: the timeline of a job: the page of `stint report -f html`, made by its code. Reading
 * a million records takes seconds, in which the daemon would do nothing else, so that a process is
 * forked for it; it writes the page into memory that both share, and seals it when it is whole.
 * In the supervisor, of stintd, and in that process.
 */
#include <bsd/unistd.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/fds.h"
#include "supervisor/dashboard_parts.h"
#include "supervisor/page_text.h"
#include "supervisor/recorded_run.h"
#include "supervisor/report.h"
#include "supervisor/report_page.h"

#define REPORTS_MOST 2   /* at once */
#define CPU_SECONDS  120 /* that one may take */

/* ---- the process that makes it ---------------------------------------------------------------- */

/* Nothing that the daemon had, but these two: what it answers by must end when it ends. */
static void
leave_daemon(pid_t daemon, int *results, int *page)
{
	const struct rlimit cpu = {CPU_SECONDS, CPU_SECONDS};
	int a = fcntl(*results, F_DUPFD_CLOEXEC, 100), b = fcntl(*page, F_DUPFD_CLOEXEC, 100);
	const struct sigaction usual = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int i = 1; i < NSIG; i++) { /* the handlers write where the daemon reads */
		sigaction(i, &usual, NULL);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != daemon || a < 0 || b < 0 || dup2(a, 3) != 3 || dup2(b, 4) != 4) {
		_exit(1);
	}
	closefrom(5);
	*results = 3;
	*page = 4;
	prctl(PR_SET_NAME, "stint-report");
	setrlimit(RLIMIT_CPU, &cpu);
	setpriority(PRIO_PROCESS, 0, 10);
}

static _Noreturn void
make_page(int results, int page, const char *title, unsigned cores)
{
	struct recorded_run *run = recorded_run_new(&report_html.limits);
	struct text error = TEXT_INIT, out = TEXT_INIT;
	struct report report = {.runs = &run, .labels = &title, .count = 1, .title = title};

	if (!recorded_run_read_fd(run, results, "results", &error)) {
		_exit(1);
	}
	recorded_run_finish(run, cores);
	report_html.write(&report, &out);
	if (!fds_write_all(page, out.data, out.len) ||
	    fcntl(page, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW) != 0) {
		_exit(1);
	}
	_exit(0);
}

/* ---- the daemon's side ------------------------------------------------------------------------ */

struct making {
	struct http_call *call;
	struct event *ended;
	pid_t pid;
	int process; /* its pidfd */
	int page;
};

static void
making_free(struct making *making)
{
	if (making->ended != NULL) {
		event_free(making->ended);
	}
	fds_close(&making->process);
	fds_close(&making->page);
	free(making);
}

/* The browser went, or the daemon ends: nobody wants it. */
static void
unwanted(struct http_call *call, void *context)
{
	struct making *making = context;
	struct dashboard *dashboard = call->owner;

	call->gone = NULL;
	dashboard->reports--;
	syscall(SYS_pidfd_send_signal, making->process, SIGKILL, NULL, 0);
	waitid(P_PIDFD, (id_t)making->process, NULL, WEXITED);
	making_free(making);
}

static void
made(evutil_socket_t fd, short what, void *context)
{
	struct making *making = context;
	struct http_call *call = making->call;
	struct dashboard *dashboard = call->owner;
	struct text policy = TEXT_INIT;
	int page = making->page;

	(void)what;
	waitid(P_PIDFD, (id_t)fd, NULL, WEXITED | WNOHANG); /* unless it was reaped already */
	dashboard->reports--;
	call->gone = NULL;
	making->page = -1;
	making_free(making);
	if ((fcntl(page, F_GET_SEALS) & F_SEAL_WRITE) == 0 || lseek(page, 0, SEEK_SET) != 0) {
		fds_close(&page);
		http_answer_error(call, 500, "the timeline of job %" PRIu64 " could not be made",
				  call->job);
		return;
	}
	page_policy(report_page_script(), report_page_style(), &policy);
	text_string(&policy, "; frame-ancestors 'none'");
	text_terminate(&policy);
	http_answer_fd(call, page, HTTP_HTML, policy.data, NULL, NULL, NULL);
	text_free(&policy);
}

/* Forks; false: that cannot be. */
static bool
start_making(struct dashboard *dashboard, struct making *making, int results, const char *title)
{
	struct queue_status status = {0};
	pid_t daemon = getpid();

	queue_status(dashboard->queue, &status);
	making->page = memfd_create("stint-report", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (making->page < 0) {
		return false;
	}
	making->pid = fork();
	if (making->pid == 0) {
		leave_daemon(daemon, &results, &making->page);
		make_page(results, making->page, title, status.cores);
	}
	if (making->pid < 0) {
		return false;
	}
	making->process = (int)syscall(SYS_pidfd_open, making->pid, 0);
	if (making->process < 0) {
		kill(making->pid, SIGKILL);
		return false;
	}
	making->ended = event_new(dashboard->base, making->process, EV_READ, made, making);
	return making->ended != NULL && event_add(making->ended, NULL) == 0;
}

static void
got_results(void *context, int fd, const char *error)
{
	struct http_call *call = context;
	struct dashboard *dashboard = call->owner;
	const struct queue_job *job;
	struct making *making;
	char title[256];

	if (!http_call_open(call)) {
		fds_close(&fd);
	} else if (fd < 0) {
		http_answer_error(call, 503, "%s", error);
	} else if (dashboard->reports == REPORTS_MOST) {
		fds_close(&fd);
		http_answer_error(call, 429, "%d timelines are being made already", REPORTS_MOST);
	} else {
		job = queue_job(dashboard->queue, call->job);
		snprintf(title, sizeof(title), "job %" PRIu64 "%s%s", call->job,
			 job == NULL || job->kept.name == NULL ? "" : ": ",
			 job == NULL || job->kept.name == NULL ? "" : job->kept.name);
		making = calloc(1, sizeof(*making));
		if (making != NULL) {
			*making = (struct making){.call = call, .process = -1, .page = -1};
		}
		if (making == NULL || !start_making(dashboard, making, fd, title)) {
			if (making != NULL) {
				making_free(making);
			}
			http_answer_error(call, 503, "the timeline cannot be made now");
		} else {
			dashboard->reports++;
			call->gone = unwanted;
			call->context = making;
		}
		fds_close(&fd);
	}
	http_call_release(call);
}

void
http_report(struct dashboard *dashboard, struct http_call *call)
{
	if (http_find_job(dashboard, call) != NULL) {
		http_call_hold(call);
		queue_get_results(dashboard->queue, call->job, got_results, call);
	}
}
