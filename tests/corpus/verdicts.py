#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Holds the published schema to the corpora: prints "NAME valid" or "NAME invalid" for each file,
as conf/stint.schema.json judges it, and exits 1 if a verdict is not what the folder is called.

A .json file is a document, a .jsonl file is judged line by line. Files that schema-skip.txt names
are printed, but their verdict does not count. A line there that is not needed is a failure too."""
import json
import pathlib
import sys

import jsonschema

HERE = pathlib.Path(__file__).resolve().parent
SCHEMA = HERE.parent.parent / "conf" / "stint.schema.json"
ACTIONS = {"sleep", "cpu", "exec", "shell", "print", "steps"}


def refuse_constant(word):
    raise ValueError(word + " is not JSON")


def parse(raw):
    """Strict JSON: UTF-8 without a byte-order mark, no NaN. ValueError, or RecursionError."""
    return json.loads(raw.decode("utf-8"), parse_constant=refuse_constant)


def is_header(value):
    return (isinstance(value, dict) and not ACTIONS & value.keys()
            and bool({"stint", "name", "resources", "defaults"} & value.keys()))


class Judge:
    def __init__(self, schema):
        def validator(part):
            return jsonschema.Draft202012Validator(
                {"$schema": schema["$schema"], "$defs": schema["$defs"], **part})
        jsonschema.Draft202012Validator.check_schema(schema)
        self.document = jsonschema.Draft202012Validator(schema)
        self.task = validator({"$ref": "#/$defs/task"})
        self.header = validator({"$ref": "#/$defs/header"})

    def is_valid(self, path):
        raw = path.read_bytes()
        if path.suffix == ".json":
            return self.document.is_valid(parse(raw))
        lines = [parse(line) for line in raw.split(b"\n") if line.strip()]
        if not lines:
            raise ValueError("no lines")
        first = self.header if is_header(lines[0]) else self.task
        return first.is_valid(lines[0]) and all(self.task.is_valid(line) for line in lines[1:])


def skipped_names():
    lines = (HERE / "schema-skip.txt").read_text(encoding="utf-8").splitlines()
    return {line.split()[0] for line in lines if line and not line.startswith("#")}


def main():
    judge = Judge(json.loads(SCHEMA.read_text(encoding="utf-8")))
    skipped = skipped_names()
    seen, complaints = set(), []
    for expected in ("valid", "invalid"):
        paths = [p for p in sorted((HERE / expected).iterdir()) if p.suffix in (".json", ".jsonl")]
        if not paths:
            complaints.append(f"{expected}: no files")
        for path in paths:
            by_schema = True
            try:
                verdict = "valid" if judge.is_valid(path) else "invalid"
            except (ValueError, RecursionError):
                verdict, by_schema = "invalid", False
            print(path.name, verdict)
            seen.add(path.name)
            if path.name in skipped:
                if verdict == expected and by_schema:
                    complaints.append(f"{path.name}: the schema can judge it, remove it from schema-skip.txt")
            elif verdict != expected:
                complaints.append(f"{path.name}: is {expected}, but the schema says {verdict}")
            elif not by_schema:
                complaints.append(f"{path.name}: is not JSON, add it to schema-skip.txt")
    complaints += [f"{name}: in schema-skip.txt, but there is no such file" for name in skipped - seen]
    for complaint in complaints:
        print("verdicts.py: " + complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
