/* SPDX-License-Identifier: ISC */
/* suspend: see suspend.h. In the supervisor. */
#include "supervisor/suspend.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/pids.h"
#include "supervisor/guard.h"
#include "supervisor/pool.h"
#include "supervisor/sink_progress.h"

#define PATIENCE_MS 200 /* for a worker to stop by itself */
#define ROUNDS_MOST 10  /* looks for what others have forked meanwhile */

static bool
is_stopped(pid_t pid)
{
	siginfo_t info = {.si_pid = 0};

	return waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOHANG | WNOWAIT) != 0 ||
	       info.si_pid == pid;
}

/* Workers first: what they start, they start before they stop. */
static void
stop_workers(struct pool *pool)
{
	const struct timespec moment = {.tv_nsec = 1000000};
	int left_ms = PATIENCE_MS;

	for (unsigned i = 0; i < pool_size(pool); i++) {
		struct worker_proc *worker = pool_worker(pool, (int)i);

		if (worker != NULL) {
			worker_proc_suspend(worker);
		}
	}
	for (unsigned i = 0; i < pool_size(pool); i++) {
		struct worker_proc *worker = pool_worker(pool, (int)i);

		while (worker != NULL && !is_stopped(worker_proc_pid(worker)) && left_ms-- > 0) {
			nanosleep(&moment, NULL);
		}
		if (worker != NULL && left_ms <= 0) {
			kill(worker_proc_pid(worker), SIGSTOP);
		}
	}
}

/* All that tasks have started, but for the workers. */
static void
find_tasks(struct pool *pool, struct pids *tasks)
{
	struct pids own = {.at = NULL};

	pids_add_children(&own, getpid());
	for (size_t i = 0; i < own.count; i++) {
		bool is_worker = false;

		for (unsigned j = 0; j < pool_size(pool); j++) {
			struct worker_proc *worker = pool_worker(pool, (int)j);

			is_worker |= worker != NULL && worker_proc_pid(worker) == own.at[i];
		}
		if (is_worker) {
			pids_add_children(tasks, own.at[i]);
		} else if (own.at[i] != guard_process()) {
			pids_add(tasks, own.at[i]);
		}
	}
	pids_free(&own);
	pids_add_descendants(tasks);
}

static bool
has(const struct pids *pids, pid_t pid)
{
	for (size_t i = 0; i < pids->count; i++) {
		if (pids->at[i] == pid) {
			return true;
		}
	}
	return false;
}

/* Again while there are new ones, which were forked before their parent stopped. */
static void
stop_tasks(struct pool *pool, struct pids *tasks)
{
	bool some = true;

	for (int round = 0; some && round < ROUNDS_MOST; round++) {
		struct pids seen = *tasks;

		*tasks = (struct pids){.at = NULL};
		find_tasks(pool, tasks);
		some = false;
		for (size_t i = 0; i < tasks->count; i++) {
			if (!has(&seen, tasks->at[i])) {
				kill(tasks->at[i], SIGSTOP);
				some = true;
			}
		}
		pids_free(&seen);
	}
}

static void
hold_back(int how)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	sigprocmask(how, &stop, NULL);
}

int
suspend_watch(void)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	hold_back(SIG_BLOCK);
	return signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
}

void
suspend_unwatch(int fd)
{
	close(fd);
	hold_back(SIG_UNBLOCK);
}

/* The kernel drops a SIGTSTP that is held back when a SIGCONT comes: then this does nothing. */
void
suspend_self(void)
{
	hold_back(SIG_UNBLOCK);
	hold_back(SIG_BLOCK);
}

void
suspend_run(struct pool *pool)
{
	struct pids tasks = {.at = NULL};

	progress_hide();
	stop_workers(pool);
	stop_tasks(pool, &tasks);
	clock_stop();
	suspend_self();
	clock_continue();
	for (size_t i = 0; i < tasks.count; i++) {
		kill(tasks.at[i], SIGCONT);
	}
	for (unsigned i = 0; i < pool_size(pool); i++) {
		struct worker_proc *worker = pool_worker(pool, (int)i);

		if (worker != NULL) {
			kill(worker_proc_pid(worker), SIGCONT);
		}
	}
	pids_free(&tasks);
}
