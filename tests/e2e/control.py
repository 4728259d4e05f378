#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Clients of stintd that stint is not: they speak the protocol by hand, badly, or not at all.

control.py talk SOCKET LINE...      says hello, sends each line, prints what is answered up to as many
                                    last answers, or the end
control.py raw SOCKET LINE...       the same without saying hello
control.py nonsense SOCKET          what drops a client, one connection each; each must hear why
control.py bombs SOCKET             what is large or deep
control.py pieces SOCKET            a job, a byte at a time
control.py half_open SOCKET COUNT   as many who connect and say nothing, until stdin ends
control.py torn SOCKET              begins a line, prints what it hears
control.py vanish SOCKET            goes in the middle of a submit
control.py deaf SOCKET JOB          asks for results again and again, and reads nothing
control.py closing SOCKET LINE      says it, and that nothing more comes; prints what is answered
control.py server SOCKET LINE       listens, sends the line to who comes, until killed
control.py replay SOCKET PAGE         holds the conversation that the manual page shows
control.py submits SOCKET N EACH    N clients that submit one job after another
control.py many SOCKET N TEXT       N jobs of that text, one behind the other; until all are acknowledged"""
import json
import resource
import selectors
import socket
import sys
import time

HELLO = b'{"type":"hello","version":1}\n'


def connect(path, hello=True):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(240)
    sock.connect(path)
    if hello:
        sock.sendall(HELLO)
    return sock


def heard(sock):
    """All that comes until the end."""
    data = b""
    try:
        while True:
            piece = sock.recv(65536)
            if not piece:
                return data
            data += piece
    except ConnectionResetError:
        return data


def raw(path, *lines, hello=False):
    sock = connect(path, hello)
    for line in lines:
        sock.sendall(line.encode() + b"\n")
    left = len(lines)
    for line in sock.makefile():
        sys.stdout.write(line)
        left -= json.loads(line)["type"] in ("done", "error")
        if left == 0:
            break


def talk(path, *lines):
    raw(path, *lines, hello=True)


def dropped(path, data, hello=True):
    """The last thing that a client hears that sends this."""
    sock = connect(path, hello)
    try:
        sock.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        pass
    last = heard(sock).splitlines()[-1]
    answer = json.loads(last)
    assert answer["type"] == "error" and "request" not in answer, (data[:80], last)
    return answer["error"]


def nonsense(path):
    for data, why in (
            (b"\n", "not a JSON object"),
            (b"GET / HTTP/1.1\r\n", "not a JSON object"),
            (b"[]\n", "not a JSON object"),
            (b'"ping"\n', "not a JSON object"),
            (b"{}\n", 'no "type"'),
            (b'{"type":1,"request":1}\n', 'no "type"'),
            (b'{"type":"ping"}\n', 'no "request"'),
            (b'{"type":"ping","request":-1}\n', 'no "request"'),
            (b'{"type":"ping","request":"1"}\n', 'no "request"'),
            (b'{"type":"ping","request":1e999}\n', 'no "request"'),
            (b'{"type":"ping","request":1} {}\n', "not a JSON object"),
            (b'{"type":"ping","request":1', None),
            (b'{"type":"pi\x00ng","request":1}\n', "not a JSON object"),
            (b'{"type":"pi\xffng","request":1}\n', "not a JSON object"),
            (b'{"type":"piece","request":1,"text":""}\n', "not begun to submit"),
            (HELLO, "hello twice"),
    ):
        if why is None:
            connect(path).sendall(data)
            continue
        error = dropped(path, data)
        assert why in error, (data, error)
    for data, why in ((b'{"type":"hello"}\n', '"version"'),
                      (b'{"type":"hello","version":"1"}\n', '"version"'),
                      (b'{"type":"hello","version":2,"new":true}\n', "version 2 "),
                      (b'{"type":"ping","request":1}\n', "begin with hello")):
        error = dropped(path, data, hello=False)
        assert why in error, (data, error)


def endless(path):
    """A line without an end, until the connection is closed; how many bytes were taken."""
    sock, sent, piece = connect(path), 0, b"x" * 65536
    sock.sendall(b'{"type":"submit","request":1,"text":"')
    try:
        while sent < 1 << 30:
            sent += sock.send(piece)
    except (BrokenPipeError, ConnectionResetError):
        pass
    return sent, json.loads(heard(sock).splitlines()[-1])["error"]


def bombs(path):
    sent, error = endless(path)
    assert sent < 20 << 20 and "16 MiB" in error, (sent, error)
    deep = b'{"type":"ping","request":1,"job":' + b"[" * 1000000 + b"]" * 1000000 + b"}\n"
    assert "not a JSON object" in dropped(path, deep)
    keys = b"".join(b',"k%x":1' % i for i in range(1000000))
    sock = connect(path)
    sock.sendall(b'{"type":"ping","request":7' + keys + b"}\n")
    lines = sock.makefile()
    lines.readline()
    answer = json.loads(lines.readline())
    assert answer["request"] == 7 and answer["error"].startswith("k0: unknown key"), answer
    sock.sendall(b'{"type":"ping","request":8}\n')  # it goes on
    assert json.loads(lines.readline()) == {"type": "done", "request": 8}


def pieces(path):
    sock = connect(path)
    text = '{"print":"schön"}\n' * 3
    for i, c in enumerate(text):
        message = {"type": "piece" if i else "submit", "request": 5, "text": c, "more": True}
        sock.sendall(json.dumps(message).encode() + b"\n")
    sock.sendall(b'{"type":"piece","request":5,"text":""}\n{"type":"ping","request":6}\n')
    answers = [json.loads(line) for _, line in zip(range(3), sock.makefile())]
    print(next(a["job"] for a in answers if a.get("request") == 5))


def half_open(path, count):
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    held = [connect(path, hello=False) for _ in range(int(count))]
    for sock in held[::2]:
        try:
            sock.sendall(b'{"type":')
        except (BrokenPipeError, ConnectionResetError):
            pass
    print("connected", flush=True)
    sys.stdin.read()


def torn(path):
    sock = connect(path)
    sock.sendall(b'{"type":"ping",')
    print(heard(sock).decode().splitlines()[-1])


def vanish(path):
    sock = connect(path)
    sock.sendall(b'{"type":"submit","request":1,"text":"{\\"print\\":\\"lost\\"}\\n","more":true}\n')
    sock.sendall(b'{"type":"piece","request":1,"text":"{\\"print\\":')
    sock.makefile().readline()


def deaf(path, job):
    sock = connect(path)
    try:
        for i in range(10000000):
            sock.sendall(b'{"type":"status","request":%d,"job":%s}\n' % (i, job.encode()))
    except (BrokenPipeError, ConnectionResetError):
        print("dropped")


def closing(path, line):
    sock = connect(path)
    sock.sendall(line.encode() + b"\n")
    sock.shutdown(socket.SHUT_WR)
    sys.stdout.write(heard(sock).decode())


def server(path, line):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.bind(path)
    sock.listen(5)
    print("listens", flush=True)
    while True:
        client, _ = sock.accept()
        client.sendall(line.encode() + b"\n")
        client.recv(65536)
        client.close()


def replay(path, page):
    shown = open(page, encoding="utf-8").read().split(".Sh EXAMPLES")[1].split(".Bd -literal\n")[1]
    shown = shown.split(".Ed")[0].replace("\n  ", " ").replace("\\e", "\\")
    sock = connect(path, hello=False)
    lines = sock.makefile()
    hello = json.loads(lines.readline())
    assert hello["type"] == "hello" and hello["version"] == 1
    for line in shown.splitlines()[1:]:
        if line[0] == ">":
            sock.sendall(line[2:].encode() + b"\n")
        else:
            said = lines.readline().strip()
            assert said == line[2:], (said, line)


def many(path, count, text):
    sock = connect(path)
    lines = sock.makefile()
    lines.readline()
    for number in range(1, int(count) + 1):
        message = {"type": "submit", "request": number, "text": text + "\n"}
        sock.sendall(json.dumps(message).encode() + b"\n")
    for _ in range(int(count)):
        answer = json.loads(lines.readline())
        assert answer["type"] == "done", answer


def submits(path, count, each):
    line = b'{"type":"submit","request":%d,"hold":true,"text":"{\\"exec\\":[\\"true\\"]}\\n"}\n'
    chosen, jobs, began = selectors.DefaultSelector(), set(), time.time()
    for _ in range(int(count)):
        sock = connect(path)
        lines = sock.makefile()
        lines.readline()
        chosen.register(sock, selectors.EVENT_READ, [lines, 1])
        sock.sendall(line % 1)
    while chosen.get_map():
        for key, _ in chosen.select():
            answer = json.loads(key.data[0].readline())
            assert answer["type"] == "done" and answer["request"] == key.data[1], answer
            jobs.add(answer["job"])
            key.data[1] += 1
            if key.data[1] > int(each):
                chosen.unregister(key.fileobj)
            else:
                key.fileobj.sendall(line % key.data[1])
    print(len(jobs), file=sys.stdout)
    print("%.0f/s" % (len(jobs) / (time.time() - began)), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(globals()[sys.argv[1]](*sys.argv[2:]))
