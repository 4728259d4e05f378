# SPDX-License-Identifier: ISC
"""One system call, or one allocation, of stintd or of its store fails, at any point of their life:
daemon_faults.py calls|allocations COUNT. In the current folder.

It goes on, or it ends with status 3 and a line that says why. What was acknowledged is there after the
next start, and runs; nothing is said to be ok that is not; of what was started nothing is left.
"""
import mmap
import os
import random
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, f"{os.environ['TOP']}/tests/e2e")
from stintd import (Client, Daemon, Gone, Refused, alive, end_well, expect, idle, processes_of,
                    survivors, until)

PATIENCE_S = 20


def title(pid):
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def store_of(daemon):
    def find():
        return [pid for pid in processes_of(daemon.process.pid)[1:]
                if title(pid).startswith("stintd: store")]

    return until(find, 20, "there is no process of the store")[0]


# ---- what clients do meanwhile ---------------------------------------------------------------------


class Work:
    """What clients ask for, and what they were answered."""

    def __init__(self, daemon, fault):
        self.daemon, self.client, self.fault = daemon, None, fault
        self.acknowledged = {}  # job: whether it ends ok; None: it is held, and asked to be cancelled
        self.said = {}          # job: the outcome that was told
        self.refused = []

    def lives(self):
        return self.daemon.process.poll() is None

    def ask(self, what, **members):
        """None: it was refused, or the connection has ended, which each has a reason for."""
        try:
            if self.client is None:
                self.client = Client(self.daemon.socket, PATIENCE_S)
            return self.client.all(what, **members)
        except Refused as refusal:
            expect(str(refusal), "refused without a word")
            self.refused.append(str(refusal))
        except Gone:
            self.client = None
        except TimeoutError:
            self.client = None
            expect(not self.lives() or (what == "wait" and self.was_paused()), f"{self.fault}: {what} {members} is not answered: "
                   f"{self.daemon.last_words()}")
        return None

    def was_paused(self):
        """By itself, for want of something: it tries again later, and is told to at once here."""
        client = Client(self.daemon.socket, PATIENCE_S)
        if "trouble" not in client.status():
            return False
        client.ask("resume")
        return True

    def submit(self, name, good=True, **members):
        """Its commands leave a byte in ran.NAME each time that they run."""
        tasks = [{"id": "a", "shell": f"echo >>ran.{name}"},
                 {"id": "b", "needs": ["a"], "print": "x" * 3000},
                 {"id": "c", "cpu": {"loop": 1000}}, {"id": "d", "sleep": 0.01}]
        if not good:
            tasks.append({"id": "e", "shell": "exit 3"})
        text = "\n".join(str(task).replace("'", '"') for task in tasks) + "\n"
        answer = self.ask("submit", text=text, directory=os.getcwd(), name=name, **members)
        if answer is None:
            return None
        self.acknowledged[answer[1]["job"]] = good
        return answer[1]["job"]

    def wait(self, job):
        for _ in range(2 if job is not None else 0):
            answer = self.ask("wait", job=job)
            if answer is not None:
                self.said[job] = answer[1]["outcome"]
                return True
        return False

    def all(self):
        jobs = [self.submit(f"early{i}", good=i != 1) for i in range(3)]
        for job in jobs:
            self.wait(job)
        if jobs[0] is not None:
            for what in ("results", "source", "output", "status"):
                self.ask(what, job=jobs[0])
        if self.said.get(jobs[0]):
            self.ask("output", job=jobs[0], follow=True)
        if jobs[1] is not None and self.said.get(jobs[1]) and self.ask("retry", job=jobs[1]):
            self.wait(jobs[1])
        held = self.submit("held", hold=True)
        if held is not None:
            self.acknowledged[held] = None
            self.ask("cancel", job=held)
        self.ask("pause")
        self.submit("paused")
        self.ask("resume")
        for i in range(3):
            self.submit(f"late{i}")
        self.ask("jobs")

    def settle(self):
        """True: it lives on, and all is done; it may have said that it cannot go on."""
        while self.lives():
            answer = self.ask("status")
            if answer is None:
                continue
            status = answer[0][0]["value"]
            if "broken" in status or idle(status):
                return True
            if "trouble" in status:
                self.ask("resume")
        return False


def ended_well(daemon, what):
    """It was stopped, or has ended by itself: with a status and words for it, and nothing is left."""
    status, words = daemon.process.wait(PATIENCE_S), daemon.last_words()
    last = words.strip().rsplit("\n", 1)[-1]
    expect(status in (0, 3), f"{what}: status {status}: {words}")
    expect(last.startswith(("stintd: ", "stint: ")), f"{what}: no clear error: {words}")
    expect(status == 0 or last != "stintd: ended", f"{what}: status {status} without a reason: {words}")
    survivors()


def check_all(work, what):
    """After a start without faults: all that was acknowledged is there, and is run."""
    with Daemon(".") as daemon:
        client = daemon.client()
        jobs = client.jobs()
        lost = [job for job in work.acknowledged if job not in jobs]
        expect(not lost, f"{what}: of {len(work.acknowledged)} acknowledged jobs {lost} are lost")
        client.ask("resume")
        client.until_idle()
        for job, good in work.acknowledged.items():
            check_job(client, job, good, work.said.get(job), what)
        expect(daemon.stop() == 0, f"{what}: the next one did not end well")


def check_job(client, job, good, said, what):
    now = client.job(job)
    records = {record["id"]: record for record in client.records(job)}
    what = f"{what}: job {job}, of which was said {said}: {now}: {records}"
    outcome = now.get("outcome")
    if good is None:
        expect(now["state"] == "held" or outcome == "cancelled", what)
        return
    expect(outcome in (("ok",) if good else ("failed",)) or said == "failed", what)
    expect(said in (None, outcome) or (said == "failed" and good), what)
    if outcome == "ok":
        ran = os.path.getsize(f"ran.{now['name']}")
        expect({record["status"] for record in records.values()} == {"ok"}, what)
        expect(set(records) == set("abcd") and ran >= 1, what)
        expect(len(records["b"]["stdout"]) >= 3000, what)


def live(daemon, what, begin=None):
    """One life, with faults that begin() arms when it is ready. What it came to."""
    for name in os.listdir("."):
        if name.startswith("ran."):
            os.unlink(name)
    open("log", "wb").close()
    work = Work(daemon, what)
    try:
        try:
            daemon.start(PATIENCE_S)
            if begin is not None:
                begin(daemon)
            work.all()
            went_on = work.settle()
            if went_on:
                stop(daemon, what)
            ended_well(daemon, what)
        except TimeoutError as problem:
            sys.exit(f"{what}: {problem}: {daemon.last_words()}")
        finally:
            if work.lives():
                daemon.kill()
    except Gone:  # it did not start
        went_on = False
        ended_well(daemon, what)
    check_all(work, what)
    return went_on, len(work.refused)


def stop(daemon, what):
    for _ in range(3):  # the call by which it hears of a signal may be the one that fails
        daemon.process.terminate()
        try:
            daemon.process.wait(PATIENCE_S)
            return
        except subprocess.TimeoutExpired:
            pass
    sys.exit(f"{what}: it does not end")


def report(outcomes):
    went_on = sum(went for went, _ in outcomes)
    print(f"{len(outcomes)} faults: {went_on} times it went on, {len(outcomes) - went_on} times it "
          f"ended and said why; {sum(refused for _, refused in outcomes)} requests were refused")


# ---- allocations -----------------------------------------------------------------------------------

FIRST, FORKED, FOREVER = -1, -2, 1 << 30  # see fail_alloc.c


class Plan:
    """By which allocations fail, shared with the process."""

    def __init__(self):
        with open("plan", "w+b") as file:
            file.truncate(24)
            self.memory = mmap.mmap(file.fileno(), 24)

    def set(self, pid, fails, left):
        self.memory[:] = struct.pack("=iiqq", pid, fails, left, 0)

    def count(self):
        return struct.unpack("=iiqq", self.memory)[3]


def starved(plan):
    library = os.path.join(os.path.dirname(os.environ["STINT"]), "fault", "fail_alloc.so")
    env = dict(os.environ, LD_PRELOAD=library, FAIL_ALLOC=os.path.abspath("plan"))
    return Daemon(".", env=env)


def allocations(count):
    plan, outcomes = Plan(), []
    for process, name in ((FIRST, "stintd"), (FORKED, "its store")):
        plan.set(process, 0, 0)
        live(starved(plan), "no fault")
        most = plan.count()
        expect(most > 100, f"only {most} allocations of {name}")
        for i in range(count):
            fails = random.choice((1, 1, FOREVER))
            number = most * i // count + random.randrange(most // count + 1)
            what = f"allocation {number} of {most} of {name}{', and all further ones' * (fails > 1)}"
            plan.set(process, fails, number)
            outcomes.append(live(starved(plan), what))
    report(outcomes)


# ---- system calls ----------------------------------------------------------------------------------

CALLS = (("openat", "EMFILE", "EIO"), ("read", "EIO"), ("write", "ENOSPC", "EIO"),
         ("pread64", "EIO"), ("pwrite64", "ENOSPC", "EIO"), ("fsync", "EIO"), ("fdatasync", "EIO"),
         ("ftruncate", "EIO"), ("rename", "EIO"), ("unlink", "EIO"), ("mmap", "ENOMEM"),
         ("socket", "EMFILE"), ("accept4", "EMFILE", "ECONNABORTED"),
         ("sendto", "ENOBUFS"), ("recvmsg", "ENOMEM"), ("sendmsg", "ENOBUFS"),
         ("epoll_ctl", "ENOMEM"), ("epoll_wait", "EINTR"), ("poll", "EINTR"),
         ("clone,clone3,fork,vfork", "EAGAIN"), ("pipe2", "EMFILE"), ("fcntl", "EMFILE"),
         ("pidfd_open", "EMFILE"), ("getsockopt", "ENOBUFS"), ("memfd_create", "EMFILE"))


def trace(daemon, *options):
    """strace of stintd and of its store, but of nothing that they start. It ends with them."""
    pids = [daemon.process.pid, store_of(daemon)]
    tracer = subprocess.Popen(["strace", "-qq", "-o", "trace", *options,
                               *[word for pid in pids for word in ("-p", str(pid))]],
                              stderr=subprocess.DEVNULL)

    def holds(pid):
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            return f"TracerPid:\t{tracer.pid}\n" in file.read()

    for pid in pids:
        until(lambda pid=pid: holds(pid) or not alive(pid), 20, "strace does not get hold of it")


def count_calls():
    """How often each is called in a life, by the process that does so most."""
    live(Daemon("."), "no fault", lambda daemon: trace(daemon, "-e", "trace=all"))
    found = {}
    with open("trace", encoding="utf-8", errors="replace") as file:
        for line in file:
            pid, _, rest = line.partition(" ")
            key = (pid, rest.strip().partition("(")[0])
            found[key] = found.get(key, 0) + 1
    return {name: max([number for (_, call), number in found.items() if call in name.split(",")],
                      default=0) for name, *_ in CALLS}


def calls(count):
    most, outcomes = count_calls(), []
    points = [(name, random.choice(errors), random.randint(1, most[name]))
              for name, *errors in CALLS if most[name] > 0
              for _ in range(max(1, count // len(CALLS)))]
    random.shuffle(points)
    for name, error, number in points[:count]:
        inject = f"inject={name}:error={error}:when={number}"
        outcomes.append(live(Daemon("."), f"{name} number {number} of {most[name]} {error}",
                             lambda daemon, inject=inject: trace(
                                 daemon, "-e", f"trace={inject.split(':')[0][7:]}", "-e", inject)))
    report(outcomes)


end_well()
if "FULL" not in os.environ:
    random.seed(11)  # of those points, always the same
globals()[sys.argv[1]](int(sys.argv[2]))
