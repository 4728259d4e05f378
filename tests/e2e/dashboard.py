# SPDX-License-Identifier: ISC
"""What dashboard.bats does over sockets of its own: requests that no decent client would send.

dashboard.py WHAT PORT TOKEN ARG...: exit status 0: it holds.
"""
import http.client
import json
import socket
import sys
import time

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
    "connection": "close",
}


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=240)


def read_all(sock):
    got = b""
    while True:
        try:
            piece = sock.recv(65536)
        except ConnectionResetError:
            break
        if not piece:
            break
        got += piece
    return got


def parse(answer):
    """(status, headers by small names, body) of a whole answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("ascii").split("\r\n")
    assert lines[0].startswith("HTTP/1."), answer[:200]
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(": ")
        assert name.lower() not in headers, f"{name} is there twice"
        headers[name.lower()] = value
    return int(lines[0].split(" ")[1]), headers, body


def check_headers(headers, where):
    for name, value in HEADERS.items():
        assert headers.get(name) == value, f"{where}: {name} is {headers.get(name)}"
    policy = headers.get("content-security-policy", "")
    assert policy.startswith("default-src 'none'") and "frame-ancestors 'none'" in policy, where
    assert "unsafe" not in policy, where
    assert "access-control-allow-origin" not in headers, where


def send(port, request):
    sock = connect(port)
    sock.sendall(request)
    answer = read_all(sock)
    sock.close()
    return parse(answer)


def expect(port, status, request):
    got, headers, body = send(port, request)
    where = request[:120].decode("latin-1").replace("\r\n", " | ")
    assert got == status, f"{where}: {got}, not {status}: {body[:300]}"
    check_headers(headers, where)
    if got >= 400:
        error = json.loads(body)["error"]
        assert error and "\n" not in error and len(json.loads(body)) == 1, body
    return headers, body


def head(line, *headers):
    return "\r\n".join((line,) + headers).encode("latin-1") + b"\r\n\r\n"


def hostile(port, token):
    """Case 41: whatever asks wrongly is told so, and nothing happens."""
    host, bearer = f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {token}"
    form = "Content-Type: application/json"
    status, pause = "GET /api/v1/status HTTP/1.1", "POST /api/v1/pause HTTP/1.1"
    cases = [
        (200, head(status, host, bearer)),
        (200, head(status, f"Host: localhost:{port}", bearer)),
        (200, head(status, f"Host: [::1]:{port}", bearer)),
        (200, head(status, "Host: stint.example", bearer)),
        (200, head(status, "Host: stint.example:8443", bearer, "Origin: https://stint.example:8443")),
        (403, head(status, "Host: evil.example", bearer)),
        (403, head(status, f"Host: evil.example:{port}", bearer)),
        (403, head(status, "Host: 127.0.0.1", bearer)),
        (403, head(status, f"Host: 127.0.0.1.evil.example:{port}", bearer)),
        (400, head(status, bearer)),
        (400, head(status, host, host, bearer)),
        (400, head(status, host, "Host: evil.example", bearer)),
        (400, head(f"GET http://127.0.0.1:{port}/api/v1/status HTTP/1.1", host, bearer)),
        (400, head("GET http://evil.example/api/v1/status HTTP/1.1", host, bearer)),
        (400, head("GET //evil.example/ HTTP/1.1", host, bearer)),
        (400, head("GET /api/../../etc/passwd HTTP/1.1", host, bearer)),
        (400, head("GET /api/%2e%2e/v1/status HTTP/1.1", host, bearer)),
        (400, head("GET /api/v1/status%00 HTTP/1.1", host, bearer)),
        (400, head("GET /api/v1/%zz HTTP/1.1", host, bearer)),
        (400, head("GET /api/v1/status HTTP/3.0", host, bearer)),
        (400, head(status, host, bearer, "X: a\x00b")),
        (400, head(status, host, bearer, "Transfer-Encoding: chunked")),
        (400, head(status, host, bearer, "Content-Length: 1", "Content-Length: 2")),
        (400, f"GET /api/v1/status HTTP/1.1\n{host}\n{bearer}\n\n".encode()),
        (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a client of TLS\r\n\r\n"),
        (401, head(status, host)),
        (401, head(status, host, "Authorization: Bearer wrong")),
        (401, head(status, host, f"Authorization: Bearer {token}x")),
        (401, head(status, host, f"Cookie: stint_{port}={token}")),
        (401, head(f"GET /api/v1/status?token={token} HTTP/1.1", host)),
        (403, head(status, host, bearer, "Origin: http://evil.example")),
        (403, head(status, host, bearer, "Origin: null")),
        (404, head("GET /nothing HTTP/1.1", host, bearer)),
        (404, head("GET /api/v1/jobs/0 HTTP/1.1", host, bearer)),
        (404, head("GET /api/v1/jobs/99999999999999999999999 HTTP/1.1", host, bearer)),
        (405, head("DELETE /api/v1/jobs/1 HTTP/1.1", host, bearer)),
        (405, head("TRACE / HTTP/1.1", host, bearer)),
        (405, head("GET /api/v1/pause HTTP/1.1", host, bearer)),
        (405, head("POST /api/v1/status HTTP/1.1", host, bearer, form, "Content-Length: 0")),
        (403, head(pause, host, bearer, form, "Origin: http://evil.example", "Content-Length: 0")),
        (401, head(pause, host, form, "Content-Length: 0")),
        (415, head(pause, host, bearer, "Content-Length: 0")),
        (415, head(pause, host, bearer, "Content-Type: text/plain", "Content-Length: 0")),
        (415, head(pause, host, bearer, "Content-Type: multipart/form-data", "Content-Length: 0")),
        (413, head(pause, host, bearer, form, "Content-Length: 65537")),
        (413, head(pause, host, bearer, form, "Content-Length: 9999999999999999999999")),
        (400, head(pause, host, bearer, form, "Content-Length: 5") + b"[1,2]"),
        (400, head(pause, host, bearer, form, "Content-Length: 9") + b'{"all":1}'),
        (414, head("GET /" + "a" * 5000 + " HTTP/1.1", host, bearer)),
        (431, head(status, host, bearer, "X: " + "a" * 17000)),
        (431, head(status, host, bearer, *(f"X{i}: a" for i in range(70)))),
    ]
    for status, request in cases:
        expect(port, status, request)
    headers, _ = expect(port, 401, head("GET /api/v1/status HTTP/1.1", host))
    assert headers["www-authenticate"].startswith("Bearer")
    _, _, body = send(port, head("GET /api/v1/status HTTP/1.1", host, bearer))
    assert json.loads(body)["paused"] is False, "something of this had an effect"


def odd(port, token):
    """What is unusual, but right, is answered."""
    host, bearer = f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {token}"
    request = head("GET /api/v1/status HTTP/1.1", host, bearer)
    sock = connect(port)
    for i in range(len(request)):
        sock.sendall(request[i : i + 1])
    status, _, whole = parse(read_all(sock))
    assert status == 200
    status, headers, body = send(port, request.replace(b"GET", b"HEAD"))
    assert status == 200 and body == b"" and int(headers["content-length"]) > 100, (headers, body)
    assert set(json.loads(whole)) >= {"release", "jobs", "tasks", "cores"}
    status, _, _ = send(port, request.replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert status == 200
    # What comes behind a request is not another one.
    sock = connect(port)
    sock.sendall(request + head("POST /api/v1/pause HTTP/1.1", host, bearer, "Content-Length: 0"))
    assert read_all(sock).count(b"HTTP/1.1 ") == 1
    # A client that asks before it sends its body.
    sock = connect(port)
    sock.sendall(head("POST /login HTTP/1.1", host, "Content-Type: application/json",
                      "Expect: 100-continue", "Content-Length: 19"))
    assert sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    sock.sendall(b'{"token":"is wrong"')
    assert parse(read_all(sock))[0] == 400  # the object is not whole


def large(port, token):
    """30 MB are neither taken nor waited for, whether they are announced or just sent."""
    host, bearer = f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {token}"
    request = head("POST /api/v1/pause HTTP/1.1", host, bearer, "Content-Type: application/json",
                   "Content-Length: 31457280")
    sock = connect(port)
    try:
        sock.sendall(request)
        for _ in range(480):
            sock.sendall(b" " * 65536)
    except (BrokenPipeError, ConnectionResetError):
        pass
    status, headers, body = parse(read_all(sock))
    assert status == 413, body
    check_headers(headers, "large")
    sock = connect(port)
    try:
        sock.sendall(b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 30000000)
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert parse(read_all(sock))[0] == 431


def slow(port, token):
    """Who takes for ever to ask is told so and dropped, but others are answered meanwhile."""
    socks = [connect(port) for _ in range(20)]
    for i, sock in enumerate(socks):
        sock.sendall(b"GET /healthz HTTP/1.1\r\nX: "[: i + 1])
    ended = set()
    while len(ended) < len(socks):
        for i, sock in enumerate(socks):
            if i in ended:
                continue
            try:
                sock.sendall(b"a")
            except OSError:
                ended.add(i)
                continue
            sock.setblocking(False)
            try:
                answer = sock.recv(4096)
                assert answer == b"" or b" 408 " in answer, answer
                ended.add(i)
            except BlockingIOError:
                pass
            except ConnectionResetError:
                ended.add(i)
            sock.setblocking(True)
        status, _, _ = send(port, head("GET /healthz HTTP/1.1", f"Host: 127.0.0.1:{port}"))
        assert status == 200
        time.sleep(0.2)


def crowd(port, token):
    """Beyond 64 connections one hears 503; when some are gone all is well again."""
    healthz = head("GET /healthz HTTP/1.1", f"Host: 127.0.0.1:{port}")
    socks = [connect(port) for _ in range(64)]
    refused = 0
    while refused == 0:  # until all 64 are accepted
        status, headers, _ = send(port, healthz)
        assert status in (200, 503), status
        refused += status == 503
    check_headers(headers, "crowd")
    for sock in socks:
        sock.close()
    while send(port, healthz)[0] != 200:
        pass
    # Many more than it takes at once: they wait, and each is answered.
    socks = [connect(port) for _ in range(120)]
    for sock in socks[64:]:
        sock.sendall(healthz)
    for sock in socks[:64]:
        sock.close()
    statuses = [parse(read_all(sock))[0] for sock in socks[64:]]
    assert set(statuses) <= {200, 503}, statuses
    while send(port, healthz)[0] != 200:
        pass


class Events:
    """The events of the daemon, one after the other."""

    def __init__(self, port, token, query=""):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=240)
        self.connection.request("GET", "/api/v1/events" + query,
                                headers={"Authorization": "Bearer " + token})
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.read()
        assert self.answer.getheader("content-type") == "text/event-stream"
        assert self.answer.readline() == b"retry: 2000\n"
        assert self.answer.readline() == b"\n"

    def next(self):
        name = self.answer.readline().decode()
        data = self.answer.readline().decode()
        assert name.startswith("event: ") and data.startswith("data: "), (name, data)
        assert self.answer.readline() == b"\n"
        return name[7:-1], json.loads(data[6:])


def events(port, token):
    """Says "ready" when it listens; then a job is to be submitted, which is seen to its end."""
    stream = Events(port, token)
    name, status = stream.next()
    assert name == "status" and status["jobs"]["ended"] == 0, (name, status)
    print("ready", flush=True)
    phases = []
    while not phases or phases[-1] != "ended":
        name, data = stream.next()
        assert name in ("status", "job"), name
        if name == "job" and (not phases or phases[-1] != data["phase"]):
            phases.append(data["phase"])
    assert data["outcome"] == "ok" and data["tasks"]["ok"] == data["total"], data
    while name != "status" or data["jobs"]["ended"] != 1:
        name, data = stream.next()


def output(port, token, job):
    """What a task writes is seen while it runs; "seen" lets it end."""
    stream = Events(port, token, f"?job={job}")
    print("ready", flush=True)
    seen = ""
    while "and on" not in seen:
        name, data = stream.next()
        if name == "output":
            assert data["job"] == int(job) and data["task"] == "talker" and data["stream"] == "stdout", data
            seen += data["text"]
    print("seen", flush=True)


def lazy(port, token):
    """A reader that takes nothing of a long answer is dropped in the end, and harms nobody."""
    sock = connect(port)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.sendall(head("GET /api/v1/jobs/1/results HTTP/1.1", f"Host: 127.0.0.1:{port}",
                      f"Authorization: Bearer {token}"))
    connections = 2
    while connections > 1:  # only the one that asks
        status, _, body = send(port, head("GET /metrics HTTP/1.1", f"Host: 127.0.0.1:{port}",
                                          f"Authorization: Bearer {token}"))
        assert status == 200
        connections = int(float(body.split(b"\nstint_http_connections ")[1].split(b"\n")[0]))
        time.sleep(0.2)
    sock.close()


def free_port():
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    print(sock.getsockname()[1])


if __name__ == "__main__":
    if sys.argv[1] == "port":
        free_port()
    else:
        globals()[sys.argv[1]](int(sys.argv[2]), *sys.argv[3:])
