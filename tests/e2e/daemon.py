#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The other end of what stintd speaks with systemd, and what it finds where its socket is to be.

daemon.py notified SOCKET COMMAND...   runs it with NOTIFY_SOCKET, prints each message on a line
daemon.py activated SOCKET COMMAND...  becomes it, with a listening socket as fd 3
daemon.py stale SOCKET                 leaves a socket where nobody listens
daemon.py listening SOCKET             listens until it is killed; prints a line when it does
daemon.py answers SOCKET               somebody listens there, and says hello"""
import json
import os
import socket
import subprocess
import sys


def bound(kind, path):
    sock = socket.socket(socket.AF_UNIX, kind)
    sock.bind(path)
    return sock


def notified(path, *command):
    sock = bound(socket.SOCK_DGRAM, path)
    sock.settimeout(0.05)
    child = subprocess.Popen(command, env={**os.environ, "NOTIFY_SOCKET": path})
    ended = False
    while True:
        try:
            print(sock.recv(65536).decode().replace("\n", " "), flush=True)
        except TimeoutError:
            if ended:
                return child.returncode
            ended = child.poll() is not None


def activated(path, *command):
    sock = bound(socket.SOCK_STREAM, path)
    sock.listen(5)
    if sock.fileno() != 3:
        os.dup2(sock.fileno(), 3)
    os.set_inheritable(3, True)
    os.execvpe(command[0], command, {**os.environ, "LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1",
                                     "LISTEN_FDNAMES": "control"})


def stale(path):
    bound(socket.SOCK_STREAM, path).close()
    return 0


def listening(path):
    sock = bound(socket.SOCK_STREAM, path)
    sock.listen(5)
    print("listens", flush=True)
    while True:
        sock.accept()


def answers(path):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(120)
    sock.connect(path)
    hello = json.loads(sock.makefile().readline())
    return 0 if hello["type"] == "hello" else 1


if __name__ == "__main__":
    sys.exit(globals()[sys.argv[1]](*sys.argv[2:]))
