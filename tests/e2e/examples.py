#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""examples.py PAGE COUNT: runs the examples of a manual page in the current folder. What is displayed
behind "$ " is run, what follows it is its output, or the file that it shows. There are at least COUNT."""
import re
import shutil
import subprocess
import sys

page = open(sys.argv[1], encoding="utf-8").read().split(".Sh EXAMPLES")[1]
ran = 0
for shown in re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed", page, re.S | re.M):
    shown = shown.replace("\\e\n", "\\\n").replace("\\e", "\\").replace("\\&", "")
    for command, output in re.findall(r"^\$ ((?:.*\\\n)*.*\n)((?:(?!\$ ).*\n)*)", shown, re.M):
        if command.startswith("cat "):
            open(command.split()[1], "w", encoding="utf-8").write(output)
            continue
        if "jq" in command and not shutil.which("jq"):
            continue
        done = subprocess.run(["bash", "-c", command], text=True, capture_output=True, timeout=240)
        assert done.returncode == 0, (command, done)
        assert output in ("", done.stdout), (command, output, done)
        ran += 1
assert ran >= int(sys.argv[2]), ran
