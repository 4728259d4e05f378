# SPDX-License-Identifier: ISC
"""Whether what stint wrote is as expected: expect.py records|json FILE EXPRESSION...

Each Python expression must be true. It sees `all`, the records of a results file in their order, and
`r`, the same by id; or, of a file that is one JSON value, `v`.
"""
import json
import re
import sys
import time


def no_repeats(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"a key is there twice: {keys}")
    return dict(pairs)


def no_constant(word):
    raise ValueError(f"{word} is not JSON")


def parse(text):
    return json.loads(text, object_pairs_hook=no_repeats, parse_constant=no_constant)


def main():
    kind, path, *expressions = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if kind == "json":
        names = {"v": parse(text)}
    else:
        if text and not text.endswith("\n"):
            sys.exit(f"{path}: the last line has no end")
        records = [parse(line) for line in text.splitlines()]
        names = {"all": records, "r": {record["id"]: record for record in records}}
        if len(names["r"]) != len(records):
            sys.exit(f"{path}: an id has two records")
    for expression in expressions:
        try:
            good = eval(expression, {**names, "re": re, "time": time})
        except (KeyError, TypeError, IndexError) as error:
            good = False
            print(f"{type(error).__name__}: {error}")
        if not good:
            sys.exit(f"{path}: not so: {expression}\n{text[:3000]}")


main()
