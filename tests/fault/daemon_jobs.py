# SPDX-License-Identifier: ISC
"""Jobs of stintd: daemon_jobs.py ends|trouble|again|shares|starving|listing|large|memory. In the current
folder.

ends: what becomes of tasks that run when the daemon ends, in order or not. trouble: when it cannot
note any more what it begins. shares: how several jobs share the cores, by weight and priority, and
while one is paused. starving: a small job behind a large one. listing: many jobs while many tasks
run. large: a job that takes long to read. memory: what it takes when all is done. Nothing here
depends on how fast the machine is.
"""
import os
import resource
import shutil
import signal
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, f"{os.environ['TOP']}/tests/e2e")
from stintd import Daemon, end_well, expect, processes_of, survivors, until

TASKS = 400


def ran(name):
    try:
        return os.path.getsize(f"{name}.ran")
    except OSError:
        return 0


# ---- ends ------------------------------------------------------------------------------------------


def task(name, **more):
    # Commands are taken to wait, so that all of them run at once.
    return {"id": name, "class": "wait", **more,
            "shell": f"echo >>{name}.ran; until [ -e {name}.go ]; do sleep 0.02; done"}


def end_by(signo):
    with Daemon(".", "-o", "drain=60s" if signo == signal.SIGTERM else "drain=0") as daemon:
        end_and_go_on(daemon, signo)


def end_and_go_on(daemon, signo):
    names = ["short", "never", "again", "after"]
    for name in names:
        for ending in ("ran", "go"):
            if os.path.exists(f"{name}.{ending}"):
                os.unlink(f"{name}.{ending}")
    client = daemon.client()
    job = client.submit([task("short"), task("never", retry="never"), task("again"),
                         task("after", needs=["short"])], directory=os.getcwd())
    until(lambda: ran("short") and ran("never") and ran("again"), 30, "they do not begin")
    if signo == signal.SIGTERM:
        daemon.process.send_signal(signo)  # what runs has its time
        until(lambda: "stopping: " in daemon.last_words(), 30, "it does not stop")
        open("short.go", "wb").close()
        until(lambda: client.records(job), 30, "the task that ended has no record")
        daemon.process.send_signal(signo)  # now it is over
    else:
        daemon.kill()
    daemon.process.wait(60)
    survivors()
    for name in names:
        open(f"{name}.go", "wb").close()
    daemon.start()
    client = daemon.client()
    expect(client.ask("wait", job=job)["outcome"] == "failed", f"what was interrupted counts as ok: {client.job(job)}, {client.records(job)}")
    records = client.records(job)
    found = {r["id"]: (r["status"], r.get("attempt"), ran(r["id"])) for r in records}
    again = 1 if signo == signal.SIGTERM else 2
    wanted = {"short": ("ok", again, again), "never": ("interrupted", 1, 1),
              "again": ("ok", 2, 2), "after": ("ok", 1, 1)}
    expect(len(records) == 4 and found == wanted, f"signal {signo}: {found}, not {wanted}")
    expect(daemon.stop() == 0, "it did not end well")


def ends():
    end_by(signal.SIGTERM)
    end_by(signal.SIGKILL)


# ---- trouble ---------------------------------------------------------------------------------------


def limit_files(daemon, size):
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def trouble():
    """What is sent to workers cannot be noted any more: all that runs is ended, the queue is paused."""
    with Daemon(".") as daemon:
        client = daemon.client()
        job = client.submit([task("never", retry="never"), task("again")], directory=os.getcwd())
        until(lambda: ran("never") and ran("again"), 30, "they do not begin")
        limit_files(daemon, 0)
        other = client.submit([{"id": "other", "shell": "echo >>other.ran"}], directory=os.getcwd())
        until(lambda: "what is begun" in client.status().get("trouble", ""), 30, "it does not say so")
        until(lambda: client.status()["jobs"]["running"] == 0, 30, "what ran goes on")
        expect(not ran("other"), "it was run without a note")
        limit_files(daemon, resource.RLIM_INFINITY)
        for name in ("never", "again"):
            open(f"{name}.go", "wb").close()
        client.ask("resume")
        client.ask("wait", job=job)
        client.ask("wait", job=other)
        found = {r["id"]: (r["status"], r.get("attempt"), ran(r["id"]))
                 for r in client.records(job) + client.records(other)}
        wanted = {"never": ("interrupted", 1, 1), "again": ("ok", 2, 2), "other": ("ok", 1, 1)}
        expect(found == wanted, f"{found}, not {wanted}")
        expect(daemon.stop() == 0, "it did not end well")


def again():
    """The program of the workers is not there for a while: nobody has to do anything, then it goes on."""
    worker = os.path.abspath("worker")
    shutil.copy(os.path.join(os.path.dirname(os.environ["STINT"]), "stint-worker"), worker)
    with Daemon(".", "-o", f"worker={worker}") as daemon:
        os.rename(worker, "elsewhere")
        client = daemon.client()
        job = client.submit([{"print": "x"}])
        until(lambda: "worker" in client.status().get("trouble", ""), 30, "it does not say so")
        expect(client.status()["paused"], "it is not paused")
        os.rename("elsewhere", worker)
        expect(client.ask("wait", job=job)["outcome"] == "ok", "it did not end ok")
        expect("trouble" not in client.status(), "there is trouble still")
        expect("tries again in 5 s" in daemon.last_words(), "the log does not say so")
        os.unlink(worker)
        daemon.stop()


# ---- shares ----------------------------------------------------------------------------------------


def begin_two(client, first, second):
    """Two jobs of equal tasks that compute, let go at the same moment."""
    client.ask("pause")
    text = "\n".join(['{"cpu":{"spin":0.004}}'] * TASKS)
    jobs = [client.ask("submit", text=text, **more)["job"] for more in (first, second)]
    client.ask("resume")
    return jobs


def ended_of(client, job):
    return sum(client.job(job)["by_status"].values())


def compare(client, first, second, least, most):
    """When the first is over, so much of the second has ended."""
    jobs = begin_two(client, first, second)
    client.ask("wait", job=jobs[0])
    share = ended_of(client, jobs[1]) / TASKS
    expect(least <= share <= most, f"{first} beside {second}: {share:.2f} of the second had ended,"
           f" not {least} to {most}")
    client.until_idle()
    for job in jobs:
        expect(client.job(job)["by_status"] == {"ok": TASKS}, f"{client.job(job)}")


def shares():
    with Daemon(".") as daemon:
        client = daemon.client()
        compare(client, {}, {}, 0.75, 1)
        compare(client, {"weight": 3}, {"weight": 1}, 0.15, 0.55)
        compare(client, {"weight": 1}, {"weight": 3}, 1, 1)
        compare(client, {"priority": 10}, {}, 0, 0.2)
        compare(client, {"priority": -10}, {"weight": 1}, 1, 1)
        # One that is paused leaves all to the other, and then goes on.
        jobs = begin_two(client, {}, {})
        until(lambda: ended_of(client, jobs[0]) > 10, 60, "it does not begin")
        client.ask("pause", job=jobs[0])
        until(lambda: client.job(jobs[0])["running"] == 0, 60, "its tasks do not end")
        before = ended_of(client, jobs[0])
        client.ask("wait", job=jobs[1])
        expect(ended_of(client, jobs[0]) == before, "tasks of a paused job were started")
        client.ask("resume", job=jobs[0])
        expect(client.ask("wait", job=jobs[0])["outcome"] == "ok", "it did not go on")
        expect(daemon.stop() == 0, "it did not end well")


# ---- starving --------------------------------------------------------------------------------------


def starving():
    large = 100_000
    with Daemon(".") as daemon:
        client = daemon.client()
        job = client.ask("submit", text='{"cpu":{"spin":0.001}}\n' * large)["job"]
        until(lambda: ended_of(client, job) > 100, 60, "it does not begin")
        for _ in range(3):
            before = ended_of(client, job)
            small = client.submit([{"cpu": {"spin": 0.001}}] * 3)
            client.ask("wait", job=small)
            passed = ended_of(client, job) - before
            expect(passed < large // 10, f"{passed} tasks of the large job went before three")
        client.ask("cancel", job=job, kill=True)
        client.until_idle()
        expect(daemon.stop() == 0, "it did not end well")


# ---- listing ---------------------------------------------------------------------------------------


def fastest(ask):
    times = []
    for _ in range(7):
        began = time.monotonic()
        ask()
        times.append(time.monotonic() - began)
    return min(times)


def listing():
    """What runs is counted once, not for each job anew."""
    tasks, jobs = 50_000, 300
    with Daemon(".") as daemon:
        client = daemon.client()
        large = client.submit([{"sleep": 600, "repeat": tasks}])
        until(lambda: client.job(large)["running"] == tasks, 60, "it does not begin")
        for _ in range(jobs):
            client.submit([{"sleep": 600}])
        until(lambda: client.status()["waiting"] == tasks + jobs, 60, "they do not begin")
        one = fastest(lambda: client.job(large))
        every = fastest(client.jobs)
        print(f"one job of {jobs + 1}: {one * 1000:.1f} ms, all of them: {every * 1000:.1f} ms")
        expect(every < 50 * one, "it is counted for each of them")
        # They are not counted anew for each who asks: what is told may be a moment old.
        right = {large: tasks, **{number: 1 for number in range(large + 1, large + jobs + 1)}}
        until(lambda: {number: job["running"] for number, job in client.jobs().items()} == right, 60,
              "what runs is not counted rightly")
        daemon.kill()


# ---- large -----------------------------------------------------------------------------------------


def submit_large(client, tasks, form):
    lines = [f'{{"id":"t{i}","cpu":{{"loop":0}}}}' for i in range(tasks)]
    text = {"document": f'{{"tasks":[{",".join(lines)}]}}', "lines": "\n".join(lines)}[form]
    client.number += 1
    for at in range(0, len(text), 1 << 18):
        client.send({"type": "piece" if at else "submit", "request": client.number,
                     "text": text[at:at + (1 << 18)], "more": at + (1 << 18) < len(text)})
    while (answer := client.receive()).get("request") != client.number:
        pass
    return answer["job"]


def answers_meanwhile(client, tasks, form):
    """While it is read, others are answered; it is read as soon as a task of it has ended."""
    began = time.monotonic()
    job = submit_large(client, tasks, form)
    submitted = time.monotonic()
    answers = slowest = 0
    while True:
        asked = time.monotonic()
        job_now = client.job(job)
        answered = time.monotonic()
        slowest = max(slowest, answered - asked)
        if sum(job_now["by_status"].values()) > (tasks // 2 if form == "lines" else 0):
            break
        answers += 1
    expect(client.ask("wait", job=job)["outcome"] == "ok", "it did not end ok")
    print(f"{tasks} tasks as {form}: taken in {submitted - began:.2f} s, read in "
          f"{answered - submitted:.2f} s, meanwhile {answers} answers, the slowest in {slowest:.2f} s")
    expect(answers >= 10, "nobody was answered meanwhile")
    expect(not os.environ.get("FULL") or slowest < max(0.5 * (answered - submitted), 0.1),
           "somebody was not answered meanwhile")


def large(count):
    with Daemon(".") as daemon:
        client = daemon.client()
        for form in ("document", "lines"):
            answers_meanwhile(client, count, form)
        job = submit_large(client, count, "document")
        client.ask("cancel", job=job)
        ended = client.ask("wait", job=job)
        expect(ended["outcome"] == "cancelled", f"it was cancelled, and {ended}")
        job = submit_large(client, count, "document")
        expect(daemon.stop() == 0, "it did not end well while it read")
    with daemon:
        client = daemon.client()
        expect(client.ask("wait", job=job)["outcome"] == "ok", "it did not go on")
        expect(client.job(job)["by_status"] == {"ok": count}, f"{client.job(job)}")
        expect(daemon.stop() == 0, "it did not end well")


# ---- memory ----------------------------------------------------------------------------------------


def memory_kib(daemon):
    """Of all its processes together, what they share counted once."""
    total = 0
    for pid in processes_of(daemon.process.pid):
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            total += int(file.read().split("\nPss:")[1].split()[0])
    return total


def memory(count):
    with Daemon(".") as daemon:
        client = daemon.client()
        job = submit_large(client, count, "document")
        client.ask("wait", job=job)
        job = client.submit([{"print": "x" * 200, "repeat": count}])
        client.ask("wait", job=job)
        expect(len(client.records(job)) == count, "there are not so many records")
        client.close()
        until(lambda: len(processes_of(daemon.process.pid)) == 3, 60, "workers stay")
        end = time.monotonic() + 20
        while (kib := memory_kib(daemon)) > 10240 and time.monotonic() < end:
            time.sleep(0.1)
        expect(kib <= 10240, f"when nothing is to be done, it takes {kib} KiB")
        print(f"after {2 * count} tasks {kib} KiB in all")
        expect(daemon.stop() == 0, "it did not end well")


end_well()
globals()[sys.argv[1]](*map(int, sys.argv[2:]))
