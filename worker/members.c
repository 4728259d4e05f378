/* SPDX-License-Identifier: ISC */
/* members: see members.h. In stint-worker, the loop thread. */
#include "worker/members.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "worker/proc.h"

#define THREADS_MOST 64   /* of a process, looked at one by one */
#define THREADS_ALL  4096 /* now and then: any of them may have started a process */
#define ALL_EVERY    16   /* looks */
#define LOAN_MOST_NS 200000000

struct member {
	pid_t pid;
	clockid_t clock;
	uint64_t began; /* clock ticks since the machine started; 0: not yet known */
	int64_t ran_ns;
	int64_t queued_ns;
	int64_t reaped_ns; /* what its children used that have ended */
	unsigned threads;
	struct loan loan;
	bool moved;
	bool gone;
};

/* One look under way, at the member number `at`. */
struct look {
	struct members *members;
	struct members_look *seen;
	unsigned at;
	int64_t span_ns;
	int64_t reaped_ns; /* gained by all members together */
	int64_t gone_ns;   /* counted before, of those that are gone */
	int64_t queued_ns; /* of the threads of this member */
	unsigned runnable; /* of the threads of this member */
	bool states;
};

void
members_init(struct members *members, pid_t command)
{
	*members = (struct members){.command = command};
}

void
members_free(struct members *members)
{
	free(members->list);
	*members = (struct members){0};
}

static bool
is_known(const struct members *members, pid_t pid)
{
	for (unsigned i = 0; i < members->count; i++) {
		if (members->list[i].pid == pid) {
			return true;
		}
	}
	return false;
}

/* Room for one more. */
static bool
make_room(struct members *members)
{
	unsigned cap = members->cap == 0 ? 2 : members->cap * 2;
	struct member *list;

	if (members->list != NULL && members->count < members->cap) {
		return true;
	}
	list = reallocarray(members->list, cap, sizeof(*list));
	if (list != NULL) {
		members->list = list;
		members->cap = cap;
	}
	return list != NULL;
}

/* False: memory is out. One that has ended is not added. */
static bool
add(struct members *members, pid_t pid)
{
	struct member member = {.pid = pid, .threads = 1, .moved = true};

	if (!make_room(members)) {
		return false;
	}
	if (clock_getcpuclockid(pid, &member.clock) == 0) {
		members->list[members->count++] = member;
	}
	return true;
}

static void
on_child(void *arg, pid_t pid)
{
	struct look *look = arg;

	if (look->members->count < MEMBERS_MOST && !is_known(look->members, pid)) {
		look->seen->changed = true;
		add(look->members, pid);
	}
}

void
members_adopt(struct members *members, pid_t pid)
{
	if (members->count < MEMBERS_MOST && !is_known(members, pid)) {
		add(members, pid);
	}
}

/* The CPU time of all threads that it has or had; false: there is no such process. */
static bool
read_clock(const struct member *member, int64_t *ns)
{
	struct timespec time;

	if (clock_gettime(member->clock, &time) != 0) {
		return false;
	}
	*ns = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
	return true;
}

static void
lose(struct look *look, struct member *member)
{
	member->gone = true;
	look->seen->changed = true;
	look->gone_ns += member->ran_ns + member->reaped_ns;
}

static void
note_state(struct look *look, char state)
{
	if (state == 'R') {
		look->seen->runnable = true;
		look->runnable++;
	}
	if (state == 'R' || state == 'D') {
		look->seen->asleep = false;
	}
}

static void
on_thread(void *arg, pid_t thread)
{
	struct look *look = arg;
	const struct member *member = &look->members->list[look->at];
	pid_t pid = member->pid;
	uint64_t ns;
	char state;

	if (member->moved && proc_queued(pid, thread, &ns)) {
		look->queued_ns += (int64_t)ns;
	}
	if (look->states && thread != pid && proc_thread_state(pid, thread, &state)) {
		note_state(look, state);
	}
	if (member->moved) {
		/* It may move the list of members. */
		look->members->blind =
		    !proc_children(pid, thread, on_child, look) && !proc_has_children();
	}
}

/* Looks at all of its threads; how long they stood in line since the look before. */
static int64_t
look_at_threads(struct look *look)
{
	struct member *member = &look->members->list[look->at];
	unsigned most = look->members->looks % ALL_EVERY == 0 ? THREADS_ALL : THREADS_MOST;
	int64_t queued_ns;

	look->queued_ns = 0;
	if (member->threads == 1) {
		on_thread(look, member->pid);
	} else {
		proc_threads(member->pid, most, on_thread, look);
	}
	member = &look->members->list[look->at];
	if (!member->moved) {
		return 0;
	}
	queued_ns = look->queued_ns - member->queued_ns;
	member->queued_ns = look->queued_ns;
	return queued_ns > 0 ? queued_ns : 0; /* threads that ended took theirs with them */
}

/* A member whose state may matter; how long it stood in line. */
static int64_t
study(struct look *look)
{
	static int64_t tick_ns;
	struct member *member = &look->members->list[look->at];
	struct proc_stat stat;
	int64_t reaped_ns;

	if (!proc_stat(member->pid, &stat)) {
		look->seen->asleep = false; /* it is hidden, or just gone */
		return 0;
	}
	if (member->began != 0 && member->began != stat.began) {
		lose(look, member); /* its number belongs to another process by now */
		return 0;
	}
	if (tick_ns == 0) {
		tick_ns = 1000000000 / sysconf(_SC_CLK_TCK);
	}
	reaped_ns = (int64_t)stat.reaped_ticks * tick_ns;
	look->reaped_ns += reaped_ns - member->reaped_ns;
	member->reaped_ns = reaped_ns;
	member->began = stat.began;
	member->threads = stat.threads > 0 ? stat.threads : 1;
	note_state(look, stat.state);
	return member->moved || member->threads > 1 ? look_at_threads(look) : 0;
}

int64_t
members_asked(struct loan *loan, unsigned runnable, int64_t seen_ns, int64_t span_ns)
{
	unsigned both = runnable < loan->runnable ? runnable : loan->runnable;
	int64_t least_ns = both * span_ns, asked_ns = seen_ns - loan->ns;

	loan->runnable = runnable;
	loan->ns = asked_ns < 0 ? -asked_ns : 0;
	asked_ns = asked_ns < 0 ? 0 : asked_ns;
	if (asked_ns < least_ns) {
		loan->ns += least_ns - asked_ns;
		asked_ns = least_ns;
	}
	if (runnable == 0) {
		loan->ns = 0; /* the clocks have told all */
	} else if (loan->ns > LOAN_MOST_NS) {
		loan->ns = LOAN_MOST_NS;
	}
	return asked_ns;
}

static void
look_at(struct look *look)
{
	struct member *member = &look->members->list[look->at];
	bool fresh = member->began == 0;
	int64_t ran_ns, seen_ns, asked_ns, most_ns;

	if (!read_clock(member, &ran_ns)) {
		lose(look, member);
		return;
	}
	member->moved = fresh || ran_ns > member->ran_ns;
	seen_ns = ran_ns - member->ran_ns;
	member->ran_ns = ran_ns;
	look->seen->moved = look->seen->moved || member->moved;
	look->runnable = 0;
	if (member->moved || look->states) {
		seen_ns += study(look);
	}
	member = &look->members->list[look->at];
	asked_ns = members_asked(&member->loan, look->runnable, seen_ns, look->span_ns);
	most_ns = look->span_ns * member->threads;
	if (!member->gone) {
		look->seen->asked_ns += asked_ns < most_ns ? asked_ns : most_ns;
	}
}

static void
drop_gone(struct members *members)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < members->count; i++) {
		if (!members->list[i].gone) {
			members->list[kept++] = members->list[i];
		}
	}
	members->count = kept;
}

/*
 * What ended children used comes to their parent when it waits for them: all of it, though we
 * have counted most of it while they ran. The two do not meet in one look always, and the
 * parent's is in whole clock ticks.
 */
static int64_t
newly_reaped(struct look *look)
{
	struct members *members = look->members;
	int64_t ns = look->reaped_ns - look->gone_ns - members->owed_ns;

	members->owed_ns = ns < 0 ? -ns / 2 : 0; /* it fades: not every parent waits */
	return ns < 0 ? 0 : ns;
}

bool
members_look(struct members *members, int64_t span_ns, bool states, struct members_look *seen)
{
	struct look look = {.members = members, .seen = seen, .span_ns = span_ns, .states = states};

	*seen = (struct members_look){.asleep = true};
	if (members->list == NULL) {
		if (!add(members, members->command)) {
			return false;
		}
		if (members->count > 0) {
			members->list[0].loan.runnable = 1; /* when it was started */
		}
	}
	for (look.at = 0; look.at < members->count; look.at++) {
		look_at(&look); /* adds those that it finds at the end */
	}
	drop_gone(members);
	members->looks++;
	seen->asked_ns += newly_reaped(&look);
	return true;
}
