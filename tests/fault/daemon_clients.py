# SPDX-License-Identifier: ISC
"""Clients of stintd that go in the midst of it all: daemon_clients.py COUNT. In the current folder.

They submit half a job, half a line, or do not read what they asked for; some are killed. The daemon
lives, has no more descriptors than before, no part of a job, and serves others.
"""
import os
import random
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, f"{os.environ['TOP']}/tests/e2e")
from stintd import Daemon, end_well, expect, until


def descriptors(daemon):
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


def half_a_submit(client, _):
    for i in range(random.randrange(1, 5)):
        kind = "piece" if i else "submit"
        client.send({"type": kind, "request": 1, "text": '{"sleep": 0}\n' * 500, "more": True})


def submit_unread(client, _):
    client.send({"type": "submit", "request": 1, "text": '{"cpu": {"loop": 0}}'})


def half_a_line(client, _):
    client.socket.sendall(b'{"type":"submit","request":1,"text":"{\\"slee')


def results_unread(client, jobs):
    for i in range(8):
        client.send({"type": "results", "request": i, "job": jobs["large"]})


def wait_for_it(client, jobs):
    client.send({"type": "wait", "request": 1, "job": jobs["long"]})


def watch_all(client, _):
    client.send({"type": "watch", "request": 1})


def follow_it(client, jobs):
    client.send({"type": "output", "request": 1, "job": jobs["long"], "follow": True})


WAYS = (half_a_submit, submit_unread, half_a_line, results_unread, wait_for_it, watch_all, follow_it)


def go(daemon, way, jobs, heard):
    guest = daemon.client()
    guest.number = 1000  # its own requests have lower ones
    way(guest, jobs)
    if heard and way is not half_a_line:
        guest.ask("ping")  # so what was sent before has been read
    guest.close()


def be_killed(daemon, jobs):
    argv = [os.environ["STINT"], "output", "-f", str(jobs["long"])]
    with subprocess.Popen(argv, env=daemon.env, stdout=subprocess.PIPE) as guest:
        guest.stdout.readline()
        guest.send_signal(signal.SIGKILL)


def serves(daemon):
    client = daemon.client()
    job = client.submit([{"cpu": {"loop": 0}}])
    expect(client.ask("wait", job=job)["outcome"] == "ok", f"job {job} did not end ok")
    client.close()


def main(count):
    end_well()
    with Daemon(".") as daemon:
        client = daemon.client()
        jobs = {"large": client.submit([{"repeat": 20000, "cpu": {"loop": 0}}])}
        client.ask("wait", job=jobs["large"])
        jobs["long"] = client.submit([{"repeat": 10, "class": "wait",
                                       "shell": "while :; do echo line; sleep 0.2; done"}])
        until(lambda: client.job(jobs["long"])["running"] == 10, 30, "it does not begin")
        before = descriptors(daemon)
        for turn in range(count):
            go(daemon, WAYS[turn % len(WAYS)], jobs, heard=turn // len(WAYS) % 2)
            if turn % 20 == 0:
                be_killed(daemon, jobs)
        until(lambda: client.status()["clients"] == 1, 30, "clients are still counted")
        until(lambda: descriptors(daemon) <= before, 30,
              f"{descriptors(daemon)} descriptors, there were {before}")
        client.ask("cancel", job=jobs["long"], kill=True)
        client.until_idle()
        for job in client.jobs().values():  # what was submitted whole; nothing is half there
            expect(job["tasks"] in (1, 10, 20000), f"a part of a job is there: {job}")
        serves(daemon)
        expect(daemon.stop() == 0, "it did not end well")
    print(f"{count} clients went")


main(int(sys.argv[1]))
