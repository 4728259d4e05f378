# SPDX-License-Identifier: ISC
"""stintd is killed, or started twice: daemon_kills.py load|job|twins COUNT. In the current folder.

load: kill -9 at random instants while clients submit: nothing that was acknowledged is lost, no
task is executed more often than its record has attempts, and nothing survives.
job: the same in the midst of a job of a thousand tasks: one final record each.
twins: two are started at the same instant, again and again: exactly one lives, and answers.
"""
import collections
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, f"{os.environ['TOP']}/tests/e2e")
from stintd import Client, Daemon, Gone, alive, end_well, marked, processes_of, until

CLIENTS = 4


# ---- load ------------------------------------------------------------------------------------------


class Load:
    """Clients that submit, one job after another, as long as the daemon answers."""

    def __init__(self, path):
        self.path, self.acknowledged, self.unclear = path, {}, []
        self.threads, self.problems = [], []

    def begin(self):
        self.threads = [threading.Thread(target=self._submit) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def end(self):
        for thread in self.threads:
            thread.join()

    def _submit(self):
        try:
            client = Client(self.path)
            while True:
                self._submit_one(client)
        except Gone:
            pass
        except Exception as problem:  # said at the end, by the main thread
            self.problems.append(repr(problem))

    def _submit_one(self, client):
        number, pause = f"{random.getrandbits(60):x}", random.randrange(1, 60) / 1000
        never = random.random() < 0.2
        first = {"id": "a", "shell": f"echo >>ran/{number}; sleep {pause}"}
        first.update({"retry": "never"} if never else {})
        self.unclear.append(number)
        job = client.submit([first, {"id": "b", "sleep": 0.005}], directory=os.getcwd())
        self.unclear.remove(number)
        self.acknowledged[job] = (number, never)


def executions(number):
    try:
        return os.path.getsize(f"ran/{number}")
    except OSError:
        return 0


def judge(client, load):
    """What is wrong with the jobs that were acknowledged, a sentence each."""
    jobs, wrong, again = client.jobs(), list(load.problems), 0
    for job, (number, never) in load.acknowledged.items():
        if job not in jobs:
            wrong.append(f"job {job} is lost")
            continue
        records = client.records(job)
        ids = [record["id"] for record in records]
        if sorted(ids) != ["a", "b"] or jobs[job]["state"] != "ended":
            wrong.append(f"job {job} is {jobs[job]['state']}, has records of {ids}")
            continue
        record, ran = records[ids.index("a")], executions(number)
        again += record.get("attempt", 1) > 1
        good = record["status"] == "ok" or (never and record["status"] == "interrupted")
        least = 1 if record["status"] == "ok" else 0
        if not good or not least <= ran <= record.get("attempt", 1) or (never and ran > 1):
            wrong.append(f"job {job}, never {never}: ran {ran} times, {record}")
    for number in load.unclear:  # they may be there or not, but whole
        if executions(number) > 50:
            wrong.append(f"what was not acknowledged ran {executions(number)} times")
    return wrong, again


def outlive(pids, took):
    """Waits until all that the daemon had started is gone."""
    began = time.monotonic()
    until(lambda: not marked() and not any(map(alive, pids)), 20, "there are survivors")
    took.append(1000 * (time.monotonic() - began))


def load(count):
    os.makedirs("ran", exist_ok=True)
    daemon, took, starts = Daemon("."), [], []
    work = Load(daemon.socket)
    with daemon:
        for turn in range(count):
            work.begin()
            time.sleep(random.random() * 0.25)  # the instant, not a wait for something
            pids = processes_of(daemon.process.pid)
            daemon.kill()
            work.end()
            if turn % 2 == 0:
                outlive(pids, took)
            daemon.start()
            starts.append(1000 * daemon.took)
        client = daemon.client()
        client.until_idle(300)
        wrong, again = judge(client, work)
        daemon.stop()
    took.sort()
    print(f"{count} kills; {len(work.acknowledged)} jobs acknowledged, {again} with more than one "
          f"attempt; until nothing is left, in ms: median {took[len(took) // 2]:.0f}, worst "
          f"{took[-1]:.0f}; slowest start {max(starts):.0f}")
    if os.environ.get("FULL") and took[-1] > 1000:
        wrong.append("there were survivors for more than a second")
    return wrong


# ---- job -------------------------------------------------------------------------------------------


def job(count):
    tasks = 1000
    daemon = Daemon(".")
    with daemon:
        client = daemon.client()
        number = client.submit([{"id": f"t{i}", "shell": f"echo t{i} >>log; sleep 0.01"}
                                for i in range(tasks)], directory=os.getcwd())
        kills = 0
        for turn in range(count):
            ended = turn * tasks // count
            until(lambda: sum(client.job(number)["by_status"].values()) >= ended, 60, "stands still")
            if client.job(number)["state"] == "ended":
                break
            daemon.kill()
            kills += 1
            daemon.start()
            client = daemon.client()
        client.until_idle(120)
        records, told = client.records(number), client.job(number)
        daemon.stop()
    with open("log", encoding="ascii") as file:
        ran = collections.Counter(file.read().split())
    once = {record["id"]: record for record in records}
    wrong = [f"{record['id']} ran {ran[record['id']]} times: {record}" for record in records
             if not 1 <= ran[record["id"]] <= record["attempt"] or record["status"] != "ok"]
    if len(records) != tasks or len(once) != tasks or told["by_status"] != {"ok": tasks}:
        wrong.append(f"{len(records)} records of {len(once)} tasks; {told}")
    print(f"{kills} kills; {sum(ran.values()) - tasks} executions more than tasks")
    return wrong


# ---- twins -----------------------------------------------------------------------------------------


def look_at(twins, path):
    """One of them ends by itself, the other answers: that one. Else what is wrong."""
    until(lambda: any(twin.poll() is not None for twin in twins), 60, "both go on")
    lost = [twin for twin in twins if twin.poll() is not None]
    if len(lost) == 2 or lost[0].returncode != 3:
        return None, f"ended with {[twin.returncode for twin in lost]}"
    winner = twins[1 - twins.index(lost[0])]
    answered = until(lambda: hello(path, winner), 60, "the one that lives does not answer")
    if answered != winner.pid:
        return None, f"process {answered} answers, not {winner.pid}"
    return winner, None


def hello(path, winner):
    if winner.poll() is not None:
        return -1
    try:
        client = Client(path)
    except Gone:
        return None
    with client.socket:
        return client.hello["pid"] if client.ask("ping") else None


def twins(count):
    daemon, wrong = Daemon("."), []
    daemon.env.pop("NOTIFY_SOCKET")
    argv = [os.environ["STINT"] + "d", "-f"] + (["--allow-root"] if os.geteuid() == 0 else [])
    for turn in range(count):
        with open("log", "wb") as log:
            pair = [subprocess.Popen(argv, env=daemon.env, stdout=log, stderr=log) for _ in "ab"]
        try:
            winner, problem = look_at(pair, daemon.socket)
            if problem:
                with open("log", encoding="utf-8") as file:
                    wrong.append(f"turn {turn}: {problem}: {file.read()[-400:]}")
                break
            # In turn: an orderly end, and a kill that leaves socket and pidfile.
            winner.send_signal(signal.SIGKILL if turn % 2 else signal.SIGTERM)
            status = winner.wait(60)
            if status not in (0, -signal.SIGKILL):
                wrong.append(f"turn {turn}: the one that lived ended with {status}")
        finally:
            for twin in pair:
                if twin.poll() is None:
                    twin.kill()
                twin.wait()
    print(f"{turn + 1} pairs")
    return wrong


def main():
    end_well()
    wrong = globals()[sys.argv[1]](int(sys.argv[2]))
    for sentence in wrong[:10]:
        print(sentence)
    sys.exit(f"{len(wrong)} things are wrong" if wrong else 0)


main()
