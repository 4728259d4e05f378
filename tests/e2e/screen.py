# SPDX-License-Identifier: ISC
"""What a terminal shows of a transcript at the end: screen.py [-c COLUMNS] FILE

Knows carriage return, newline, ESC [ K and colours, and that lines wrap. Anything else is an error.
"""
import re
import sys

columns = 80
arguments = sys.argv[1:]
if arguments[0] == "-c":
    columns = int(arguments[1])
    arguments = arguments[2:]
text = open(arguments[0], encoding="utf-8", newline="").read()

lines, column = [[]], 0
for part in re.findall(r"\033\[[0-9;]*[A-Za-z]|.", text, re.DOTALL):
    line = lines[-1]
    if part == "\r":
        column = 0
    elif part == "\n":
        lines.append([])
    elif part == "\033[K":
        del line[column:]
    elif part.startswith("\033["):
        if not part.endswith("m"):
            sys.exit(f"{part!r} is not known")
    elif ord(part) < 32:
        sys.exit(f"{part!r} is not known")
    else:
        if column == columns:
            lines.append([])
            line, column = lines[-1], 0
        line.extend(" " * (column + 1 - len(line)))
        line[column] = part
        column += 1
for line in lines:
    print("".join(line))
