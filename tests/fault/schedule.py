# SPDX-License-Identifier: ISC
"""A batch under random faults: schedule.py STINT ROUNDS TASKS SEED, in an empty folder.

In each round a run goes on with --resume while workers, tasks and what these have started are killed
at random moments; at its end stint itself is. The last round is left alone. Then the batch is to be
complete: one ok record an id, no attempt begun twice, nothing begun again that was recorded as ok,
no process and no file left. The seed, which decides what is done when, makes a schedule come again,
as far as the machine's own timing lets it.
"""
import collections
import json
import os
import random
import signal
import subprocess
import sys
import time

STINT, ROUNDS, TASKS, SEED = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
MARK = os.environ["E2E_MARK"].encode()
LOG = 'echo "$R $STINT_TASK_ID $STINT_ATTEMPT" >>log; '
KINDS = [
    LOG + ":",
    LOG + '[ "$STINT_ATTEMPT" -gt 1 ]',  # fails first
    LOG + "sleep 0.05",
    LOG + "(setsid sleep 600 &); sleep 0.02",
    LOG + "setsid sh -c 'sleep 600; :' & sleep 600 & sleep 0.03; echo said",
    LOG + "head -c 2000000 /dev/zero | tr '\\0' x",
    LOG + 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done',
    LOG + '[ "$STINT_ATTEMPT" -gt 2 ] || kill -KILL $PPID; echo late',  # takes its worker along
]
SIGNALS = [signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV]


def fail(what):
    sys.exit(f"seed {SEED}: {what}")


def write_job(choose):
    with open("job.jsonl", "w", encoding="utf-8") as job:
        print(json.dumps({"stint": 1, "name": "faults", "defaults": {
            "retries": 4, "backoff": 0.01, "crash_limit": 5, "grace": 0.2, "max_output": 100}}), file=job)
        for i in range(TASKS):
            kind = choose.choice(KINDS[:-1]) if choose.random() < 0.98 else KINDS[-1]
            task = {"id": f"t{i}", "shell": kind}
            if choose.random() < 0.5:
                task["class"] = "wait"
            if i and choose.random() < 0.2:
                task["needs"] = [f"t{choose.randrange(i)}"]
            print(json.dumps(task), file=job)


def marked():
    """The processes of this test but ourselves and who called us."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) not in (os.getpid(), os.getppid()):
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    if b"E2E_MARK=" + MARK in file.read().split(b"\0"):
                        found.append(int(name))
            except OSError:
                pass
    return found


def send(pid, number):
    """By a pidfd, and only to what is ours: a pid may be another's by now."""
    try:
        fd = os.pidfd_open(pid)
    except OSError:
        return
    try:
        if pid in marked():
            signal.pidfd_send_signal(fd, number)
    except OSError:
        pass
    finally:
        os.close(fd)


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def comm(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="ascii", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""


def inject(choose, stint, done):
    """One fault: a worker, all of them, the guard, or something that a task has started."""
    workers = [pid for pid in children(stint) if comm(pid) == "stint-worker"]
    what = choose.choices(["worker", "all", "guard", "task"], [4, 1, 1, 6])[0]
    victims = {"worker": workers[:], "all": workers, "guard": [], "task": []}[what]
    if what == "guard":
        victims = [pid for pid in children(stint) if comm(pid) == "stint-guard"]
    elif what == "task":
        for worker in workers:
            for pid in children(worker):
                victims += [pid] + children(pid)
    if not victims:
        return
    number = choose.choice(SIGNALS) if what == "task" else signal.SIGKILL
    for pid in victims if what == "all" else [choose.choice(victims)]:
        send(pid, number)
    done[what] += 1
    if what == "guard":  # it has no guard of its own: until there is another, all is not to be killed
        wait_for_guard(stint, victims[0])


def wait_for_guard(stint, old):
    end = time.monotonic() + 80
    while (found := children(stint)) and time.monotonic() < end:
        if any(pid != old and comm(pid) == "stint-guard" for pid in found):
            return
        time.sleep(0.005)


def read_records():
    try:
        with open("results", encoding="utf-8") as file:
            lines = file.read().split("\n")
    except OSError:
        return []
    return [json.loads(line) for line in lines[:-1]]


def nothing_left(what):
    end = time.monotonic() + 80
    while left := marked():
        if time.monotonic() > end:
            fail(f"{what}: survivors: {[(pid, comm(pid)) for pid in left]}")
        time.sleep(0.02)
    if os.listdir("tmp"):
        fail(f"{what}: left in TMPDIR: {os.listdir('tmp')}")


def one_round(choose, number, done):
    """Returns the exit status of stint if it came to its end by itself."""
    last = number == ROUNDS
    env = dict(os.environ, R=str(number), TMPDIR=os.path.abspath("tmp"))
    args = [STINT, "run", "-q", "-k", "-j", str(choose.randint(2, 4)), "--resume", "-o", "results",
            "--sync", choose.choice(["each", "batch", "none"]), "job.jsonl"]
    with open("out", "wb") as out, open("err", "ab") as err:
        stint = subprocess.Popen(args, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
    how = choose.choices([signal.SIGKILL, signal.SIGTERM], [5, 1])[0]
    for _ in range(choose.randint(0, 6)):
        if last or stint.poll() is not None:
            break
        time.sleep(choose.random() * 0.08)
        inject(choose, stint.pid, done)
    if not last and stint.poll() is None:
        time.sleep(choose.random() * 0.05)
        stint.send_signal(how)
        done["stint"] += 1
    try:
        status = stint.wait(timeout=120)
    except subprocess.TimeoutExpired:
        stint.kill()
        stint.wait()
        fail(f"round {number}: did not end")
    nothing_left(f"round {number}")
    return status


def check_attempts(before):
    """No attempt of a run began twice, nothing began that was recorded as ok, none is over its attempts."""
    with open("log", encoding="utf-8") as file:
        begun = collections.Counter(tuple(line.split()) for line in file)
    twice = [key for key, count in begun.items() if count > 1]
    if twice:
        fail(f"round, task, attempt begun twice: {twice[:5]}")
    for number, name, _ in begun:
        if name in before[int(number)]:
            fail(f"{name} began in round {number}, though it was recorded as ok")
    last = {record["id"]: record.get("attempt", 1) for record in read_records()}
    for number, name, attempt in begun:
        if int(number) == len(before) - 1 and int(attempt) > last[name]:
            fail(f"{name} began attempt {attempt}, its record says {last[name]}")
    return sum(begun.values())


def main():
    choose = random.Random(SEED)
    done = collections.Counter()
    before = []
    status = 1
    os.mkdir("tmp")
    open("log", "w", encoding="ascii").close()
    write_job(choose)
    for number in range(ROUNDS + 1):
        before.append({record["id"] for record in read_records() if record["status"] == "ok"})
        status = one_round(choose, number, done)
    records = read_records()
    ids = collections.Counter(record["id"] for record in records)
    if sorted(ids) != sorted(f"t{i}" for i in range(TASKS)) or max(ids.values()) > 1:
        fail(f"{len(records)} records of {len(ids)} ids, not one for each of {TASKS}")
    bad = [record for record in records if record["status"] != "ok"]
    if bad or status != 0:
        fail(f"status {status}, not ok: {bad[:3]}")
    print(f"seed {SEED}: {check_attempts(before)} attempts of {TASKS} tasks; killed: {dict(done)}")


main()
