# SPDX-License-Identifier: ISC
"""Whatever is asked of stintd, in any order, between kills: daemon_random.py COUNT [SEED]. In the
current folder.

So many requests that change something are made, one behind the other; now and then stintd is
killed, or ended, in the midst. What it has acknowledged is so, then and at the end: jobs are there
or removed, cancelled or run, each task has its record, and ran no more often than it says.
"""
import collections
import json
import os
import random
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, f"{os.environ['TOP']}/tests/e2e")
from stintd import Daemon, Refused, end_well, expect, until

KINDS = ("ok", "ok", "fail", "never", "need")


class Job:
    """As we have asked for it."""

    def __init__(self, tag):
        self.tag, self.number = tag, 0
        self.kinds = [random.choice(KINDS) for _ in range(random.randrange(1, 8))]
        self.rounds = 1  # how often it was begun
        self.cancelled = self.was_cancelled = False

    def tasks(self):
        return [self._task(i, kind) for i, kind in enumerate(self.kinds)]

    def _task(self, i, kind):
        task = {"id": f"t{i}", "shell": f"echo >>ran/{self.tag}.{i}; "
                f"sleep {random.randrange(30) / 1000}; exit {int(kind == 'fail')}"}
        if kind == "never":
            task["retry"] = "never"
        if kind == "need" and i > 0:
            task["needs"] = [f"t{i - 1}"]
        if random.random() < 0.2:
            task["memory"] = f"{random.randrange(1, 64)}M"
        return task

    def executions(self, i):
        try:
            return os.path.getsize(f"ran/{self.tag}.{i}")
        except FileNotFoundError:
            return 0


class Trial:
    def __init__(self, daemon):
        self.daemon, self.client = daemon, None
        self.jobs, self.removed, self.unclear = {}, set(), {}
        self.made = self.kills = 0

    def new_job(self):
        self.made += 1
        return Job(f"j{self.made}")

    def submission(self, job):
        after = random.sample(sorted(self.jobs), min(len(self.jobs), random.choice((0, 0, 1))))
        return {"name": job.tag, "directory": os.getcwd(), "hold": random.random() < 0.1,
                "priority": random.randrange(-2, 3), "after": after, "after_any": True}

    # ---- what may happen ---------------------------------------------------------------------------

    def submit(self, _):
        job = self.new_job()
        tasks = job.tasks()
        text = json.dumps({"tasks": tasks}) if random.random() < 0.5 else \
            "".join(json.dumps(task) + "\n" for task in tasks)
        job.number = self.client.ask("submit", text=text, **self.submission(job))["job"]
        self.jobs[job.number] = job

    def pause(self, job):
        self.client.ask("pause", job=job.number)

    def resume(self, job):
        self.client.ask("resume", job=job.number)

    def pause_all(self, _):
        self.client.ask("pause")

    def resume_all(self, _):
        self.client.ask("resume")

    def priority(self, job):
        self.client.ask("set", job=job.number, priority=random.randrange(-9, 9))

    def cancel(self, job):
        self.client.ask("cancel", job=job.number, kill=random.random() < 0.3)
        job.cancelled = job.was_cancelled = True

    def drain_job(self, job):
        self.client.ask("drain", job=job.number)
        job.cancelled = job.was_cancelled = True

    def cancel_task(self, job):
        self.client.ask("cancel", job=job.number, task=f"t{random.randrange(len(job.kinds))}")
        job.was_cancelled = True

    def drain(self, _):
        self.client.ask("drain")
        expect(self.refuses_all(), "it drains, and has taken a job")
        if random.random() < 0.5:
            self.kill(None)
            expect(self.refuses_all(), "it does not drain any more")
        self.client.ask("resume")

    def refuses_all(self):
        try:
            self.client.ask("submit", text='{"sleep":0}')
        except Refused as refusal:
            return "takes no more" in str(refusal)
        return False

    def retry(self, job):
        self.client.ask("retry", job=job.number, failed=random.random() < 0.6)
        job.cancelled = False
        job.rounds += 1

    def remove(self, job):
        self.client.ask("remove", job=job.number)
        del self.jobs[job.number]
        self.removed.add(job.number)

    def kill(self, _):
        self.kills += 1
        if random.random() < 0.5:  # in the midst of a submit, which may be done or not
            job = self.new_job()
            self.unclear[job.tag] = job
            self.client.send({"type": "submit", "request": 10 ** 6, **self.submission(job),
                              "text": '{"sleep":0}'})
        time.sleep(random.random() * 0.02)  # the instant, not a wait for something
        self.daemon.kill()
        self.daemon.start()
        self.client = self.daemon.client()
        self.has_all()

    def end(self, _):
        expect(self.daemon.stop() == 0, "it did not end well")
        self.daemon.start()
        self.client = self.daemon.client()
        self.has_all()

    # ---- what must be ------------------------------------------------------------------------------

    def has_all(self):
        told = self.client.jobs()
        lost = sorted(set(self.jobs) - set(told))
        expect(not lost, f"acknowledged, and lost: {lost}")
        for number in set(told) - set(self.jobs):
            expect(told[number]["name"] in self.unclear, f"nobody submitted job {told[number]}")
            expect(number not in self.removed, f"job {number} was removed, and is there")
        for number, job in self.jobs.items():
            if job.cancelled and told[number]["state"] == "ended":
                expect(told[number]["outcome"] == "cancelled", f"was cancelled: {told[number]}")

    def step(self):
        ways = {self.submit: 30, self.pause: 5, self.resume: 8, self.pause_all: 1,
                self.resume_all: 3, self.priority: 4, self.cancel: 5, self.retry: 14,
                self.remove: 3, self.kill: 5, self.end: 1, self.cancel_task: 3, self.drain: 1,
                self.drain_job: 3}
        way = random.choices(list(ways), list(ways.values()))[0]
        job = random.choice(list(self.jobs.values())) if self.jobs else None
        if job is not None or way == self.submit:
            try:
                way(job)
            except Refused as refusal:  # it has ended, or has not: that is not for us to know
                expect("has" in str(refusal), f"{way.__name__}: {refusal}")

    def finish(self):
        self.resume_all(None)
        for job in self.jobs.values():
            try:
                self.client.ask("resume", job=job.number)
            except Refused:
                pass
        until(lambda: all(job["state"] == "ended" for job in self.client.jobs().values()
                          if job["job"] in self.jobs), 120, "they do not all end")
        self.has_all()
        return [wrong for job in self.jobs.values() for wrong in self.judge(job)]

    def judge(self, job):
        told, records = self.client.job(job.number), collections.defaultdict(list)
        for record in self.client.records(job.number):
            records[record["id"]].append(record)
        last = {name: entries[-1]["status"] for name, entries in records.items()}
        good = all(last.get(f"t{i}") == "ok" for i in range(len(job.kinds)))
        outcome = "cancelled" if job.cancelled else "ok" if good else "failed"
        if told["outcome"] != outcome:
            yield f"its outcome is not {outcome}: {told}; {dict(records)}"
        for i, kind in enumerate(job.kinds):
            yield from self.judge_task(job, i, kind, last, records[f"t{i}"])

    def judge_task(self, job, i, kind, last, records):
        ran, status = job.executions(i), last.get(f"t{i}")
        may = {"fail": ("failed",), "never": ("ok", "interrupted"), "need": ("ok",)}.get(kind, ("ok",))
        if kind == "need" and i > 0 and last.get(f"t{i - 1}") != "ok":
            may = ("skipped",)
        if not job.was_cancelled and status not in may:
            yield (f"job {job.number} of {job.kinds}, in round {job.rounds}, t{i}: {records}, not "
                   f"{may}; {last}")
        if kind == "never" and ran > job.rounds:
            yield f"job {job.number}, t{i}: is not to run twice, and ran {ran} times in {job.rounds}"
        if not job.was_cancelled and ran > sum(record.get("attempt", 0) for record in records):
            yield f"job {job.number}, t{i}: ran {ran} times, its records are {records}"
        if status in ("ok", "failed") and ran == 0:
            yield f"job {job.number}, t{i}: is said to have run: {records}"


def main(count, seed):
    random.seed(seed)
    os.makedirs("ran", exist_ok=True)
    print(f"seed {seed}", flush=True)
    with Daemon(".", "-o", "memory=64M", "-o", "drain=50ms") as daemon:
        trial = Trial(daemon)
        trial.client = daemon.client()
        for _ in range(count):
            trial.step()
        wrong = trial.finish()
        daemon.stop()
    print(f"{trial.made} jobs, {len(trial.removed)} removed, {trial.kills} kills")
    return wrong


end_well()
sys.exit("\n".join(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2
                        else random.getrandbits(32))) or 0)
