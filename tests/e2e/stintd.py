# SPDX-License-Identifier: ISC
"""stintd, driven from Python: a daemon in a folder of its own, and a client of its control socket.

Used by the fault tests and by the benchmarks. STINTD names the program, else it is the one beside
STINT.
"""
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time

PATIENCE_S = 240


class Gone(Exception):
    """The daemon has closed the connection, or is not there."""


class Refused(Exception):
    """The daemon has answered with an error."""


class Client:
    """A connection: hello is said; ask() sends a request and waits for its last answer."""

    def __init__(self, path, patience=PATIENCE_S):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(patience)
        try:
            self.socket.connect(path)
        except OSError as error:
            self.socket.close()
            raise Gone(error) from None
        self.file = self.socket.makefile("rb")
        self.number = 0
        self.hello = self.receive()
        if self.hello.get("type") != "hello":
            raise Refused(self.hello.get("error"))
        self.send({"type": "hello", "version": 1})

    def close(self):
        self.file.close()
        self.socket.close()

    def send(self, message):
        try:
            self.socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            raise Gone(error) from None

    def receive(self):
        try:
            line = self.file.readline()
        except TimeoutError:
            raise
        except OSError as error:
            raise Gone(error) from None
        if not line.endswith(b"\n"):
            raise Gone("the connection has ended")
        return json.loads(line)

    def all(self, what, **members):
        """The data messages of a request, then its last message."""
        self.number += 1
        self.send({"type": what, "request": self.number, **members})
        data = []
        while True:
            message = self.receive()
            if message.get("type") == "error":
                raise Refused(message["error"])
            if message.get("request") != self.number:
                continue
            if message["type"] == "done":
                return data, message
            data.append(message)

    def ask(self, what, **members):
        return self.all(what, **members)[1]

    def submit(self, tasks, **members):
        """A document of these tasks: the number of the job."""
        text = json.dumps({"stint": 1, "tasks": tasks})
        return self.ask("submit", text=text, **members)["job"]

    def status(self):
        return self.all("status")[0][0]["value"]

    def job(self, number):
        return self.all("status", job=number)[0][0]["value"]

    def jobs(self):
        return {message["value"]["job"]: message["value"] for message in self.all("jobs")[0]}

    def records(self, number):
        text = "".join(message["text"] for message in self.all("results", job=number)[0])
        return [json.loads(line) for line in text.splitlines()]

    def until_idle(self, patience=PATIENCE_S):
        """Waits until no job is queued or runs any more: its status then."""
        return until(lambda: idle(self.status()), patience, "the queue is not empty")


def idle(status):
    return status if status["jobs"]["queued"] + status["jobs"]["running"] == 0 else None


def expect(good, what):
    """Or the test ends here."""
    if not good:
        sys.exit(what)


def end_well():
    """For a test: SIGTERM, too, ends what it has started."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))


def until(condition, patience, what):
    """Looks again and again: what it found."""
    end = time.monotonic() + patience
    while not (found := condition()):
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.01)
    return found


def marked():
    """The pids of all that was started with our mark, but for this process and its parent: workers,
    tasks, and what these left behind; of stintd itself the title may hide it."""
    mark = f"E2E_MARK={os.environ['E2E_MARK']}".encode()
    found = set()
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and int(name) not in (os.getpid(), os.getppid()):
                with open(f"/proc/{name}/environ", "rb") as file:
                    if mark in file.read().split(b"\0"):
                        found.add(int(name))
        except OSError:
            pass
    return found


def alive(pid):
    """It is there, and no zombie."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rsplit(b") ", 1)[1][:1] not in (b"Z", b"X")
    except OSError:
        return False


def survivors():
    """Waits until all that was started is gone; else the test ends."""
    try:
        until(lambda: not marked(), 80, "")
    except TimeoutError:
        for pid in marked():
            with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                print(f"survivor {pid}: {file.read()}".replace("\0", " "))
        sys.exit("there are survivors")


def processes_of(pid):
    """It, its children, and theirs."""
    found = [pid]
    for member in found:
        try:
            with open(f"/proc/{member}/task/{member}/children", encoding="ascii") as file:
                found += [int(child) for child in file.read().split()]
        except OSError:
            pass
    return found


def program():
    beside = os.path.join(os.path.dirname(os.environ.get("STINT", "")), "stintd")
    return os.environ.get("STINTD") or beside


class Daemon:
    """One in the folder: its socket, state and configuration are in there, its log is `log`."""

    def __init__(self, folder, *options, env=None):
        self.folder, self.options, self.process = os.path.abspath(folder), options, None
        self.env = dict(env or os.environ, NOTIFY_SOCKET=self.path("notify"))
        for name, part in (("XDG_RUNTIME_DIR", "run"), ("XDG_STATE_HOME", "state"),
                           ("XDG_CONFIG_HOME", "config")):
            os.makedirs(self.path(part), 0o700, exist_ok=True)
            self.env[name] = self.path(part)
        self.socket = self.path("run/stint/stintd.sock")
        self.began = self.took = 0.0  # when it was started, and how long it took until ready

    def path(self, name):
        return os.path.join(self.folder, name)

    def argv(self):
        root = ["--allow-root"] if os.geteuid() == 0 else []
        return [program(), "-f", *root, *self.options]

    def start(self, patience=PATIENCE_S):
        """Starts it, and waits until it says that it is ready."""
        if os.path.exists(self.path("notify")):
            os.unlink(self.path("notify"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, \
                open(self.path("log"), "ab") as log:
            notify.bind(self.path("notify"))
            self.began = time.monotonic()
            # In a session of its own, so that nobody's terminal matters to it.
            self.process = subprocess.Popen(self.argv(), env=self.env, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True)
            self._await_ready(notify, self.began + patience)
            self.took = time.monotonic() - self.began
        return self

    def _await_ready(self, notify, end):
        pidfd = os.pidfd_open(self.process.pid)
        try:
            while True:
                left = end - time.monotonic()
                ready = select.select([notify, pidfd], [], [], max(left, 0))[0]
                if notify in ready:
                    if b"READY=1" in notify.recv(4096):
                        return
                elif ready:
                    raise Gone(f"it ended with {self.process.wait()}: {self.last_words()}")
                elif left <= 0:
                    raise TimeoutError("it is not ready")
        finally:
            os.close(pidfd)

    def last_words(self):
        with open(self.path("log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-500:]

    def client(self):
        return Client(self.socket)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, patience=PATIENCE_S):
        """TERM, and its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(patience)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()
