# SPDX-License-Identifier: ISC
"""The row of the page that `stint report` makes: its size, and how soon it can be used."""
import json
import os
import re

from harness import TOP, Failed, Side
from invocation import megabytes

BROWSER = f"{TOP}/build/browser/node_modules"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def records(n, workers=8):
    """Tasks of 1 to 37 ms on 8 workers, with needs, names and output; one in 997 failed."""
    free = [1.7e9] * workers
    for i in range(n):
        worker, wall = i % workers, 0.001 * (1 + i * 7919 % 37)
        record = {"id": f"frames/frame-{i:06}.png", "name": "encode",
                  "status": "failed" if i % 997 == 0 else "ok", "start": round(free[worker], 6),
                  "wall": round(wall, 6), "user": round(wall * (i % 11) / 10, 6), "sys": 0.0001,
                  "maxrss": 4194304 + i * 13 % 1000 * 4096, "attempt": 1, "worker": worker,
                  "stdout": f"frame {i} is done\n"}
        if i > 100:
            record["needs"] = [f"frames/frame-{i - 9 - i % 80:06}.png"]
        free[worker] += wall + 0.0002
        yield json.dumps(record)


def in_browser(bench, page):
    """Opens it in Chromium; {"open": seconds until it is drawn and answers}."""
    def action():
        bench.lab.env["NODE_PATH"] = BROWSER
        said = bench.lab.path("browser.out")
        bench.lab.run(["node", f"{TOP}/tests/browser/check.js", "large", page], stdout=said)
        with open(said, encoding="utf-8") as file:
            figures = re.search(r"open (\d+) ms.* first zoom (\d+) ms", file.read())
        if not figures:
            raise Failed("it did not say how long it took")
        return {"open": int(figures[1]) / 1000, "zoom": int(figures[2]) / 1000}

    return Side("Chromium", action)


def row_report(bench):
    n = 100_000
    results, page = bench.lab.write("report.out", records(n)), bench.lab.path("report.html")

    def write():
        sample = bench.lab.run([bench.lab.stint, "report", "-o", page, results])
        return dict(sample, size=os.path.getsize(page))

    writing = Side("report", write)
    bench.contest(writing)
    lines = [
        bench.line(f"report html of {n:,} tasks: size", "≤ 12 MB", writing, key="size",
                   show=megabytes, holds=lambda size, _: size <= 12e6),
        bench.line("  written in", "", writing),
    ]
    if not os.path.isdir(BROWSER) or not os.access(CHROMIUM, os.X_OK):
        bench.notes.append("report: not opened, there is no Chromium or no playwright-core")
        return lines
    opening = in_browser(bench, page)
    bench.contest(opening)
    return lines + [
        bench.line("  opened in Chromium, drawn and answering", "≤ 2 s", opening, key="open",
                   holds=lambda wall, _: wall <= 2),
        bench.line("  first zoom, drawn", "", opening, key="zoom"),
    ]


ROWS = {
    "report": (row_report, "a page of 100,000 tasks: its size, and opening it in Chromium"),
}
