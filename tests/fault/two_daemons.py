#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""two_daemons.py STINTD FOLDER COUNT: starts two daemons at once, COUNT times: exactly one lives, and
its socket works; the other says so and ends with status 3. Then the one that lives is killed without
a word, so that the next two find its socket, its pidfile and its lock. Prints what was seen."""
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time


def answers(path):
    """The pid that the hello names; None: there is none."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(120)
        try:
            sock.connect(path)
            return json.loads(sock.makefile().readline())["pid"]
        except (OSError, ValueError):
            return None


def round_of_two(stintd, environment, path):
    """None, or what was wrong."""
    both = [subprocess.Popen([stintd, "-f"], env=environment, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE) for _ in range(2)]
    fds = {child: os.pidfd_open(child.pid) for child in both}
    ready, _, _ = select.select(list(fds.values()), [], [], 120)
    loser = next((child for child in both if fds[child] in ready), None)
    wrong = None
    if loser is None:
        wrong = "both live"
    else:
        winner = both[1 - both.index(loser)]
        said = loser.stderr.read().decode()
        if loser.wait() != 3 or not said.startswith("stintd: another stintd has the queue"):
            wrong = f"the second one ended with {loser.wait()}: {said}"
        elif answers(path) != winner.pid:
            winner.kill()
            wrong = f"the socket of the other one does not work: {said}{winner.stderr.read().decode()}"
    for child in both:
        child.kill()
        child.wait()
        child.stderr.close()
        os.close(fds[child])
    return wrong


def main():
    stintd, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    os.makedirs(folder + "/config/stint", exist_ok=True)
    with open(folder + "/config/stint/stintd.json", "w", encoding="utf-8") as config:
        json.dump({"allow_root": True}, config)
    environment = {**os.environ, "XDG_RUNTIME_DIR": folder + "/run", "XDG_STATE_HOME": folder + "/state",
                   "XDG_CONFIG_HOME": folder + "/config"}
    environment.pop("STINT_SOCKET", None)
    path = folder + "/run/stint/stintd.sock"
    began = time.monotonic()
    for number in range(count):
        wrong = round_of_two(stintd, environment, path)
        if wrong:
            print(f"round {number + 1}: {wrong}")
            return 1
    print(f"{count} times two daemons: one lived each time ({time.monotonic() - began:.1f} s)")
    return 0


if __name__ == "__main__":
    signal.alarm(1500)
    sys.exit(main())
