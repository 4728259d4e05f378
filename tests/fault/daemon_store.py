# SPDX-License-Identifier: ISC
"""What the store of stintd stands on fails: daemon_store.py CASE. In the current folder.

disk: its file system, mounted at ./state, is full; results: likewise, while tasks run. limit: no
file may grow any more. sync, write: the system call fails, by strace. Each time: what was
acknowledged is kept, nothing else is acknowledged, no more work is taken, and it says so; with room
again all of it is run. end: no file may grow, and a job ends.
removed: the database is. behind: it does not keep up, then goes on, or dies.
"""
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, f"{os.environ['TOP']}/tests/e2e")
from stintd import Daemon, Gone, Refused, end_well, expect, processes_of, until

PADDING = "x" * 5000


def store_of(daemon):
    """The process that has the database: the daemon's first child."""
    for pid in processes_of(daemon.process.pid)[1:]:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
            if file.read().startswith("stintd: store"):
                return pid
    raise Gone("there is no process of the store")


def submit(client, number):
    return client.submit([{"id": "a", "shell": f"echo >>ran.{number}", "env": {"P": PADDING}}],
                         directory=os.getcwd())


def submit_until_refused(client, acknowledged, most):
    """The sentence by which one was refused."""
    for _ in range(most):
        try:
            number = len(acknowledged)
            acknowledged[submit(client, number)] = number
        except Refused as refusal:
            return str(refusal)
    sys.exit(f"{most} jobs were acknowledged, nothing was refused")


def takes_nothing(daemon, client, why):
    """Nothing is taken, nothing is started any more, and that is told."""
    for attempt in range(3):
        try:
            sys.exit(f"job {submit(client, 1000 + attempt)} was acknowledged after that")
        except Refused as refusal:
            expect(why in str(refusal), f"it was refused for another reason: {refusal}")
    status = client.status()
    expect(why in status.get("broken", ""), f"the status does not say so: {status}")
    expect("nothing is taken any more" in daemon.last_words(), "the log does not say so")


def has_all(client, acknowledged):
    jobs = client.jobs()
    lost = [job for job in acknowledged if job not in jobs]
    expect(not lost, f"of {len(acknowledged)} acknowledged jobs {len(lost)} are lost: {lost[:10]}")


def runs_all(daemon, acknowledged):
    """After a new start, with room: each is there, and ran."""
    with daemon:
        client = daemon.client()
        has_all(client, acknowledged)
        client.ask("resume")
        client.until_idle()
        for job, number in acknowledged.items():
            records = client.records(job)
            expect([r["status"] for r in records] == ["ok"], f"job {job} has {records}")
            expect(os.path.getsize(f"ran.{number}") <= records[0]["attempt"], f"job {job} ran more")
        expect(submit(client, 9999) > max(acknowledged), "a number was given twice")
        daemon.stop()


def disk():
    daemon, acknowledged = Daemon("."), {}
    with daemon:
        client = daemon.client()
        client.ask("pause")
        why = submit_until_refused(client, acknowledged, 2000)
        expect("disk is full" in why or "No space" in why, f"it was refused: {why}")
        takes_nothing(daemon, client, why)
        daemon.kill()
    with daemon:  # there is no room yet: it starts all the same, and has all
        has_all(daemon.client(), acknowledged)
        daemon.kill()
    subprocess.run(["mount", "-o", "remount,size=64m", "state"], check=True)
    runs_all(daemon, acknowledged)
    print(f"{len(acknowledged)} jobs acknowledged; then: {why}")


def results():
    """Tasks end, and what they wrote has no room."""
    tasks = 1500
    with Daemon(".") as daemon:
        client = daemon.client()
        job = client.submit([{"id": f"t{i}", "shell": f"echo >>ran.{i}; head -c 2000 /dev/zero"}
                             for i in range(tasks)], directory=os.getcwd())
        until(lambda: "broken" in client.status(), 60, "there is room for all")
        until(lambda: client.status()["computing"] + client.status()["waiting"] == 0, 60,
              "more and more is started")
        daemon.kill()
    subprocess.run(["mount", "-o", "remount,size=64m", "state"], check=True)
    with Daemon(".") as daemon:
        client = daemon.client()
        expect(client.ask("wait", job=job)["outcome"] == "ok", "it did not end ok")
        records = {record["id"]: record for record in client.records(job)}
        expect(len(records) == tasks, f"{len(records)} records of {tasks} tasks")
        again = 0
        for i in range(tasks):
            count, attempt = os.path.getsize(f"ran.{i}"), records[f"t{i}"]["attempt"]
            expect(1 <= count <= attempt, f"task {i} ran {count} times, has attempt {attempt}")
            again += count > 1
        expect(daemon.stop() == 0, "it did not end well")
    print(f"{again} of {tasks} tasks ran again")


def broken_by(fault):
    """fault(pid of the store): from then on its writes fail, until it has ended."""
    daemon, acknowledged = Daemon("."), {}
    with daemon:
        client = daemon.client()
        client.ask("pause")
        for number in range(20):
            acknowledged[submit(client, number)] = number
        ends = fault(store_of(daemon))
        why = submit_until_refused(client, acknowledged, 2000)
        takes_nothing(daemon, client, why)
        client.ask("ping")
        ends()
        daemon.kill()
    runs_all(daemon, acknowledged)
    print(f"{len(acknowledged)} jobs acknowledged; then: {why}")


def limit():
    def fault(pid):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (200_000, 200_000))
        return lambda: None

    broken_by(fault)


def end():
    """A job ends when its end cannot be kept: nobody is told that it has, and it runs again."""
    with Daemon(".") as daemon:
        client, waits = daemon.client(), daemon.client()
        job = client.submit([{"shell": "echo >>ran; while [ ! -e go ]; do sleep 0.02; done"}],
                            directory=os.getcwd())
        waits.send({"type": "wait", "request": 99, "job": job})
        until(lambda: os.path.exists("ran"), 20, "it does not begin")
        resource.prlimit(store_of(daemon), resource.RLIMIT_FSIZE, (4096, 4096))
        with open("go", "w", encoding="ascii"):
            until(lambda: "broken" in client.status(), 20, "what broke is not told")
        state = client.job(job)
        expect(state["state"] != "ended", f"it is told as ended: {state}")
        expect(client.status()["ended"]["ok"] == 0, "it is counted as ended")
        heard = {}
        while heard.get("request") != 99:
            heard = waits.receive()
        expect(heard["type"] == "error" and heard["exit"] == 3, f"who waits hears {heard}")
        daemon.kill()
    with Daemon(".") as daemon:
        client = daemon.client()
        expect(client.ask("wait", job=job)["outcome"] == "ok", "it did not end ok")
        expect([record["attempt"] for record in client.records(job)] == [2], "it ran more often")
        expect(os.path.getsize("ran") == 2, "it did not run again")
        daemon.stop()
    print("it ran again")


def removed():
    """The database is removed while it is used: what would be lost is not acknowledged."""
    for name in ("stintd.db", "stintd.db-wal", ""):
        with Daemon(".") as daemon:
            client = daemon.client()
            submit(client, 1)
            if name:
                os.unlink(f"state/stint/queue/{name}")
            else:
                os.rename("state/stint/queue", "state/stint/elsewhere")
            takes_nothing(daemon, client, "was moved or removed")
            daemon.kill()
        shutil.rmtree("state/stint")
    print("nothing was acknowledged")


def injected(calls):
    def fault(pid):
        tracer = subprocess.Popen(
            ["strace", "-f", "-qq", "-o", "trace", "-e", f"trace={calls}",
             "-e", f"inject={calls}:error=EIO", "-p", str(pid)], stderr=subprocess.DEVNULL)
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            until(lambda: file.seek(0) == 0 and f"TracerPid:\t{tracer.pid}\n" in file.read(), 20,
                  "strace does not get hold of it")
        return tracer.wait

    broken_by(fault)


def submit_until_full(client):
    """As much as the daemon reads: the numbers of the requests."""
    requests = range(client.number + 1, client.number + 100)
    text = '{"sleep": 0}\n' + " " * 1000000
    client.socket.setblocking(False)
    for client.number in requests:
        line = memoryview(json.dumps({"type": "submit", "request": client.number, "hold": True,
                                      "text": text}).encode() + b"\n")
        while line:
            if not select.select([], [client.socket], [], 2)[1]:
                return range(requests[0], client.number), line
            line = line[client.socket.send(line):]
    sys.exit(f"{len(requests)} MB were taken, though nothing can be kept")


def wakings(daemon):
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
        return int(file.read().split("voluntary_ctxt_switches:")[1].split()[0])


def answers_to(client, requests, rest):
    """How often each kind came. The last line is sent to its end."""
    client.socket.setblocking(True)
    client.socket.sendall(rest)
    missing, kinds = {*requests, client.number}, {"done": 0, "error": 0}
    while missing:
        answer = client.receive()
        missing.remove(answer["request"])
        kinds[answer["type"]] += 1
    return kinds


def behind():
    with Daemon(".") as daemon:
        client, store = daemon.client(), store_of(daemon)
        os.kill(store, signal.SIGSTOP)
        requests, rest = submit_until_full(client)
        before = wakings(daemon)
        time.sleep(1)  # what is looked at is that nothing happens meanwhile
        expect(wakings(daemon) == before, f"it looked {wakings(daemon) - before} times")
        daemon.client().ask("ping")
        os.kill(store, signal.SIGCONT)
        kinds = answers_to(client, requests, rest)
        expect(kinds["error"] == 0, f"{kinds} of what was submitted")
        os.kill(store, signal.SIGSTOP)
        requests, rest = submit_until_full(client)
        os.kill(store, signal.SIGKILL)
        kinds = answers_to(client, requests, rest)
        expect(kinds["done"] == 0, f"{kinds} after its death")
        client.ask("ping")
        expect("broken" in client.status(), "it does not say so")
    print(f"{len(requests)} MB taken, then none until there was room")


def sync():
    injected("fsync,fdatasync")


def write():
    injected("write,pwrite64")


end_well()
globals()[sys.argv[1]]()
