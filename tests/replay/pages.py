# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recordings for the tests of the HTML report: of many messages, of many findings, and with hostile text in every name and
payload.  Made of the rules' own recordings."""
import json
import os
import struct

RULES = os.path.join(os.environ.get("srcdir", "."), "tests/rules")
HOSTILE = ("\"><script>alert(1)</script>", "'><img src=x onerror=alert(1)>", "</script><script>alert(2)</script>",
           "</style></title><svg onload=alert(3)>", "<!--", "]]>", "&#x3c;b&#x3e;", "\u202ereversed\u0000\u001b[31m\x85", "javascript:alert(4)",
           "--><iframe src=//example.com>")
TEXT = ("comm", "exe", "tool", "kernel", "machine", "function", "module", "file", "note", "path")


def lines(rule, which="bad"):
    with open(os.path.join(RULES, rule, which + ".jsonl"), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def hostile(rule):
    """The recording with HOSTILE in place of every text, every address of AF_UNIX and all data that is no control message."""
    n = 0

    def text(limit=None):
        nonlocal n
        n += 1
        one = HOSTILE[n % len(HOSTILE)]
        return one[:limit] if limit else one

    def walk(o, key=None):
        if isinstance(o, list):
            return [text() if key == "argv" else walk(x, key) for x in o]
        if not isinstance(o, dict):
            if key in TEXT and isinstance(o, str):
                return text(15 if key == "comm" else None)
            return o
        o = {k: walk(v, k) for k, v in o.items()}
        if key in ("data", "iov_raw") and "hex" in o:
            o["hex"] = "".join(HOSTILE).encode().hex()[:len(o["hex"])]
        if key in ("name", "local", "peer") and o.get("hex", "").startswith("0100"):
            path = text().encode().replace(b"\0", b"?")[:100]
            o["hex"] = (struct.pack("<H", 1) + path + b"\0").hex()
            if "claimed" in o:
                o["claimed"] = hex(len(o["hex"]) // 2)
        return o

    return [walk(r) for r in lines(rule)]


def many(messages, places):
    """CT101's mistake: as many requests as wrong replies, from many places of the program."""
    out, base = [], lines("CT101")
    calls = [r for r in base if r["type"] == "call"]
    send = next(c for c in calls if c["call"].startswith("send") and any("cmsgs" in m for m in c.get("msgs", ())))
    recv = next(c for c in calls if c["call"].startswith("recv") and c["sock"] == send["sock"])
    out += [r for r in base if r["type"] in ("header", "sock", "proc")]
    for i in range(messages // 2):
        out.append(dict(recv, no=2 * i + 1, enter=send["enter"] + i * 20000 - 9000, exit=send["enter"] + i * 20000 - 5000))
        one = dict(send, no=2 * i + 2, enter=send["enter"] + i * 20000, exit=send["enter"] + i * 20000 + 4000)
        frame = {"pc": hex(0x401000 + i % places), "module": "/srv/server", "module_off": hex(0x1000 + i % places),
                 "function": f"reply_{i % places}", "function_off": "0x1", "file": "server.c", "line": i % places + 1}
        one["stack"] = [frame]
        out.append(one)
    out += [r for r in base if r["type"] == "end"]
    return out


def write(path, records):
    with open(path, "w", encoding="utf-8") as f:
        for r in records:
            f.write(json.dumps(r, ensure_ascii=True) + "\n")
    return path
