#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Holds conf/stintd.schema.json to the corpus beside this file: exits 1, and says which, if a file
in valid/ is not what the schema wants, or one in invalid/ is. Repeated keys are no JSON here."""
import json
import pathlib
import sys

import jsonschema

HERE = pathlib.Path(__file__).resolve().parent
SCHEMA = HERE.parent.parent / "conf" / "stintd.schema.json"


def once(pairs):
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key twice")
    return dict(pairs)


def main():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema)
    wrong = 0
    examples = [("valid", SCHEMA.parent / "examples" / "stintd.json")]
    files = [(p.parent.name, p) for p in sorted(HERE.glob("*valid/*.json"))]
    for expected, path in examples + files:
        try:
            value = json.loads(path.read_bytes().decode("utf-8"), object_pairs_hook=once)
            verdict = "valid" if judge.is_valid(value) else "invalid"
        except ValueError:
            verdict = "invalid"
        if verdict != expected:
            print(f"{path.name}: is {expected}, but the schema says {verdict}", file=sys.stderr)
            wrong += 1
    keys = set(json.loads((HERE / "valid" / "every-key.json").read_text(encoding="utf-8")))
    for key in keys ^ set(schema["properties"]):
        print(f"{key}: is in the schema or in every-key.json, not in both", file=sys.stderr)
        wrong += 1
    return 1 if wrong or len(files) < 40 else 0


if __name__ == "__main__":
    sys.exit(main())
