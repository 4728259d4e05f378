# SPDX-License-Identifier: ISC
"""What stintd finds when it starts: daemon_start.py damage|calls|links [COUNT]. In the current folder.

damage: bytes of the database are others. calls: a system call fails, by strace. links: something
else is in the place of a file. It starts, or says in a line why not; the queue stays as it is.
"""
import os
import random
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, f"{os.environ['TOP']}/tests/e2e")
from stintd import Client, Daemon, Gone, Refused, alive, end_well, expect, processes_of, until

QUEUE = "state/stint/queue"


def make(jobs):
    """A queue with jobs that ended and jobs that wait; the numbers of those that there are."""
    with Daemon(".") as daemon:
        client = daemon.client()
        for i in range(jobs):
            client.submit([{"id": f"t{i}", "print": "x" * 1000}])
        client.until_idle()
        for i in range(jobs):
            client.submit([{"id": f"t{i}", "print": "x" * 1000}], hold=True)
        numbers = sorted(client.jobs())
        expect(daemon.stop() == 0, "it did not end well")
    return numbers


def content(folder):
    """Every file by its bytes, but for those that say who runs."""
    found = {}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and name not in ("lock", "stintd.log"):
            with open(path, "rb") as file:
                found[name] = file.read()
    return found


def start(options=()):
    """None: it started, and has ended in order. Else what it said."""
    open("log", "wb").close()
    daemon = Daemon(".", *options)
    try:
        with daemon:
            daemon.client().ask("ping")
            daemon.stop()
            return None
    except Gone:
        words = daemon.last_words()
        status = daemon.process.poll()
        expect(status in (2, 3), f"it ended with {status}: {words}")
        expect(words.startswith("stintd: ") and words.count("\n") <= 2, f"no clear error: {words!r}")
        return words


# ---- damage ----------------------------------------------------------------------------------------


def damage(count):
    numbers = make(20)
    shutil.copytree("state", "good")
    size = os.path.getsize(f"{QUEUE}/stintd.db")
    refused = 0
    for turn in range(count):
        shutil.rmtree("state")
        shutil.copytree("good", "state")
        with open(f"{QUEUE}/stintd.db", "r+b") as file:
            # The head, the schema, then anywhere; random bytes, zeros, or cut short.
            at = (0, 100, 4096, *(random.randrange(size) for _ in range(count)))[turn]
            file.seek(at)
            if turn % 3 == 2:
                file.truncate(max(at, 5000))
            else:
                file.write((random.randbytes(300), bytes(3000))[turn % 3])
        before = content(QUEUE)
        said = start()
        if said is None:
            continue  # it hit what is not in use
        refused += 1
        expect("stintd.db" in said and ("damaged" in said or "not a database" in said), said)
        expect(content(QUEUE) == before, f"turn {turn}: it has changed what is damaged")
        checked = subprocess.run([os.environ["STINT"] + "d", "--check", "--state-directory",
                                  os.path.abspath(QUEUE)], capture_output=True, check=False)
        expect(checked.returncode == 3 and checked.stderr, f"--check says {checked}")
        expect(content(QUEUE) == before, f"turn {turn}: the check has changed what is damaged")
    shutil.rmtree("state")
    shutil.copytree("good", "state")
    with Daemon(".") as daemon:
        expect(sorted(daemon.client().jobs()) == numbers, "the good one is no more")
        daemon.stop()
    expect(refused >= 2, f"only {refused} were refused")
    print(f"{count} times damaged, {refused} times refused, left alone each time")


# ---- system calls ----------------------------------------------------------------------------------

# error: of what may fail without the machine being wrong altogether.
CALLS = (("openat", "EMFILE"), ("openat", "EIO"), ("read", "EIO"), ("pread64", "EIO"),
         ("pwrite64", "ENOSPC"), ("write", "ENOSPC"), ("fsync", "EIO"), ("fdatasync", "EIO"),
         ("ftruncate", "EIO"), ("fstat,newfstatat", "EIO"), ("mkdir", "ENOSPC"), ("flock", "ENOLCK"),
         ("fcntl", "ENOLCK"), ("socket", "EMFILE"), ("socketpair", "EMFILE"), ("bind", "EACCES"),
         ("listen", "EADDRINUSE"), ("clone,clone3,fork,vfork", "EAGAIN"), ("epoll_create1", "EMFILE"),
         ("pipe2", "EMFILE"), ("eventfd2", "EMFILE"), ("unlink", "EIO"), ("rename", "EIO"),
         ("pidfd_open", "EMFILE"), ("prctl", "EINVAL"))


class Traced(Daemon):
    """One of whose system calls the Nth fails, in whichever process of it."""

    def __init__(self, calls, error, number):
        super().__init__(".")
        self.inject = f"inject={calls}:error={error}:when={number}"
        self.calls = calls

    def argv(self):
        return ["strace", "-f", "-qq", "-o", "trace", "-e", f"trace={self.calls}",
                "-e", self.inject, *super().argv()]

    def signal(self, signo):
        """To stintd itself, of whom strace is the parent."""
        for pid in processes_of(self.process.pid)[1:2]:
            os.kill(pid, signo)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, patience=30):
        """More than once: the call that fails may be the one by which it hears of a signal."""
        for _ in range(6):
            self.signal(signal.SIGTERM)
            try:
                return self.process.wait(patience)
            except subprocess.TimeoutExpired:
                pass
        raise TimeoutError("it does not end")


def fail_once(calls, error, number):
    """True: it started all the same."""
    open("log", "wb").close()
    daemon = Traced(calls, error, number)
    try:
        with daemon:
            try:
                Client(daemon.socket, patience=2).ask("ping")
            except (Gone, Refused, TimeoutError):
                pass  # it may be what was to be read of us, or told to us
            daemon.stop()
            return True
    except (Gone, TimeoutError) as problem:
        words, status = daemon.last_words(), daemon.process.poll()
        what = f"{calls} {error} {number}: status {status}, {problem}: {words!r}"
        expect(status is not None and 0 < status < 128, what)
        expect(words, what)
        return False


def calls(count):
    numbers, started, refused = make(10), 0, 0
    for names, error in CALLS:
        for number in random.sample(range(1, 25), min(count, 24)):
            if fail_once(names, error, number):
                started += 1
            else:
                refused += 1
            with Daemon(".") as daemon:
                jobs = daemon.client().jobs()
                expect(sorted(jobs) == numbers,
                       f"{names} {error} {number}: of {len(numbers)} jobs there are {len(jobs)}")
                expect(daemon.stop() == 0, "it did not end well")
    print(f"{started} times it started all the same, {refused} times it said why not")


# ---- links -----------------------------------------------------------------------------------------


def links(_):
    numbers = make(2)
    with Daemon(".") as daemon:  # with the store's process, so that the database's log stays
        daemon.client().submit([{"sleep": 0}], hold=True)
        pids = processes_of(daemon.process.pid)[1:]
        os.kill(daemon.process.pid, signal.SIGSTOP)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        daemon.kill()
        until(lambda: not any(map(alive, pids)), 20, "they are not dead")
    numbers.append(numbers[-1] + 1)
    names = [name for name in os.listdir(QUEUE) if os.path.isfile(f"{QUEUE}/{name}")]
    names.sort(key=lambda name: name != "stintd.db-wal")  # a start that goes further reads it in
    expect({"stintd.db", "stintd.db-wal", "lock", "begun"} <= set(names), f"there are {names}")
    for name in names:
        path = f"{QUEUE}/{name}"
        for make_it in ("symlink", "hard link", "fifo"):
            os.rename(path, "aside")
            if make_it == "symlink":
                os.symlink(os.path.abspath("aside"), path)
            elif make_it == "hard link":
                os.link("aside", path)
            else:
                os.mkfifo(path)
            with open("aside", "rb") as file:
                before = file.read()
            said = start()
            expect(said and name in said, f"{make_it} for {name}: {said}")
            with open("aside", "rb") as file:
                expect(file.read() == before, f"{make_it} for {name}: it was written to")
            os.unlink(path)
            os.rename("aside", path)
    with Daemon(".") as daemon:
        expect(sorted(daemon.client().jobs()) == numbers, "the queue is no more what it was")
        daemon.stop()
    print(f"{', '.join(sorted(names))}: refused")


end_well()
globals()[sys.argv[1]](int(sys.argv[2]) if len(sys.argv) > 2 else 0)
