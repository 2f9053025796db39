# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: every record of every recording in the tree, replayed, is what doc/events.schema.json says, names no
member that the schema doesn't have, and comes out the same a second time.
"""
import glob
import json
import os
import re
import subprocess
import sys

CMSGTRACE = os.environ["CMSGTRACE"]
SRC = os.environ.get("srcdir", ".")
SCHEMA = json.load(open(os.path.join(SRC, "doc/events.schema.json"), encoding="utf-8"))
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}


def is_type(value, name):
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, TYPES[name])


def wrong(value, schema, where="record"):
    """The first thing about value that schema forbids, or None. The subset of JSON Schema that ours uses."""
    if "$ref" in schema:
        return wrong(value, SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]], where)
    if "const" in schema and value != schema["const"]:
        return f"{where}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{where}: {value!r} is none of {schema['enum']}"
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    if names and not any(is_type(value, n) for n in names):
        return f"{where}: {value!r} is no {' or '.join(names)}"
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        return f"{where}: {value!r} does not match {schema['pattern']}"
    if "minimum" in schema and isinstance(value, int) and value < schema["minimum"]:
        return f"{where}: {value} is less than {schema['minimum']}"
    if "oneOf" in schema:
        tried = [wrong(value, s, where) for s in schema["oneOf"]]
        if tried.count(None) != 1:
            return f"{where}: {tried.count(None)} of {len(tried)} alternatives fit: {tried}"
    if isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            w = wrong(item, schema["items"], f"{where}[{i}]")
            if w:
                return w
    if isinstance(value, dict) and "properties" in schema and "oneOf" not in schema:
        for key in schema.get("required", []):
            if key not in value:
                return f"{where}: {key} is missing"
        for key, item in value.items():
            if key not in schema["properties"]:
                return f"{where}: {key} is not in the schema"
            w = wrong(item, schema["properties"][key], f"{where}.{key}")
            if w:
                return w
    return None


def record_wrong(record):
    kinds = {"header", "sock", "proc", "call", "finding", "summary", "end"}
    name = record["type"] if record["type"] in kinds else "task"
    return wrong(record, SCHEMA["$defs"][name], record["type"])


def replay(data):
    return subprocess.run([CMSGTRACE, "--read=-", "--format=jsonl"], input=data, capture_output=True, timeout=60,
                          check=False).stdout


files = sorted(glob.glob(os.path.join(SRC, "tests/rules/*/*.jsonl")))
files += sorted(glob.glob(os.path.join(SRC, "tests/replay/data/*.strace")))
print(f"1..{len(files) + 2}")
failed = 0
seen = set()
for no, path in enumerate(files, 1):
    out = replay(open(path, "rb").read())
    bad = []
    for line in out.splitlines():
        rec = json.loads(line)
        seen.add(rec["type"])
        w = record_wrong(rec)
        if w:
            bad.append(w)
    if not out.endswith(b"}\n"):
        bad.append("no output")
    if replay(out) != out:
        bad.append("replayed again it differs")
    failed += bool(bad)
    print(f"{'not ok' if bad else 'ok'} {no} - {os.path.relpath(path, SRC)}")
    for w in bad[:3]:
        print(f"# {w}")
need = {"header", "sock", "call", "finding", "summary", "end"}
failed += not need <= seen
print(f"{'ok' if need <= seen else 'not ok'} {len(files) + 1} - these recordings hold {sorted(seen)}")
rejects = record_wrong({"type": "end", "events": -1, "exit": 0}) and record_wrong({"type": "end", "events": 1})
failed += not rejects
print(f"{'ok' if rejects else 'not ok'} {len(files) + 2} - the validator rejects what is wrong")
sys.exit(failed != 0)
