#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: the HTML report is well-formed, needs nothing from elsewhere, lets only its own style and script run, has the story of
the run in it, stays text whatever the traced programs hold, and is bounded."""
import base64
import hashlib
import html.parser
import os
import re
import subprocess
import sys
import tempfile

SRC = os.environ.get("srcdir", ".")
sys.path.insert(0, os.path.join(SRC, "tests/replay"))
import pages  # noqa: E402

CMSGTRACE = os.environ["CMSGTRACE"]
VOID = {"meta", "br", "input", "img", "link"}
TAGS = set("html head meta title style body a p h1 h2 h3 h4 h5 header form main section div table caption thead tbody tr th td dl dt dd "
           "ul li svg desc defs marker path text tspan g span strong details summary article pre code mark i s script".split())

count = failed = 0


def result(ok, name, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}")
    if not ok:
        print("# " + str(detail).replace("\n", "\n# ")[:3000])


class Page(html.parser.HTMLParser):
    """The page as elements: what is wrong with its structure, its ids, links and texts."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.bad, self.ids, self.links, self.csp = [], [], [], [], ""
        self.inline = {"style": "", "script": ""}
        self.shown = []
        self.feed(text)
        self.close()
        if self.open:
            self.bad.append(f"not closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        if tag not in TAGS:
            self.bad.append(f"element {tag}")
        for name, value in attrs:
            if name.startswith("on") or name in ("src", "style", "srcdoc") or (name == "href" and not value.startswith("#")):
                self.bad.append(f"{tag} {name}={value}")
            if name == "id":
                self.ids.append(value)
            if name == "href":
                self.links.append(value[1:])
        if dict(attrs).get("http-equiv") == "Content-Security-Policy":
            self.csp = dict(attrs)["content"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.bad.append(f"/{tag} at {self.getpos()}")

    def handle_comment(self, data):
        self.bad.append(f"comment {data}")

    def handle_data(self, data):
        if self.open and self.open[-1] in self.inline:
            self.inline[self.open[-1]] += data
        else:
            self.shown.append(data)

    def text(self):
        return " ".join(" ".join(self.shown).split())


def read(path, *args):
    paths = [path] if isinstance(path, str) else path
    run = subprocess.run([CMSGTRACE, *("--read=" + p for p in paths), "--format=html", *args], capture_output=True, timeout=300,
                         check=False)
    return run, run.stdout.decode("utf-8", "strict")


def check_structure(name, page):
    def sha(text):
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    result(not page.bad, f"{name}: well-formed, nothing from elsewhere, no handlers", page.bad[:10])
    result(len(page.ids) == len(set(page.ids)) and not set(page.links) - set(page.ids), f"{name}: ids are unique, links lead to them",
           (len(page.ids), sorted(set(page.links) - set(page.ids))[:5]))
    result(page.csp.startswith("default-src 'none';") and f"style-src {sha(page.inline['style'])};" in page.csp and
           f"script-src {sha(page.inline['script'])};" in page.csp, f"{name}: the policy knows its style and script, and nothing else",
           page.csp)


run, text = read(os.path.join(pages.RULES, "CT101/bad.jsonl"))
page = Page(text)
check_structure("a wrong reply", page)
shown = page.text()
result(run.returncode == 1, "the format does not change the exit status", run.returncode)
for said in ("127.0.0.2 asked 1, answered 0", "asked 0, answered 1, 1 wrong", "reply ", "from 127.0.0.1 asked at 127.0.0.2",
             "What to do", "cmsgtrace --explain=CT101", "marked cmsg_level, bytes 8 to 11", "SOL_TCP", "ignores it"):
    result(said in shown, f"the page says: {said.strip()}", shown[:2500])
result(re.search(r'<mark>06 00 00 00</mark>', text), "the bytes at fault are marked")
again = read(os.path.join(pages.RULES, "CT101/bad.jsonl"))[1]
result(again == text, "the same recording gives the same page")
anchors = [i for i in page.ids if re.fullmatch(r"CT101-[0-9a-f]{16}", i)]
result(len(anchors) == 1 and anchors[0] in page.links, "a finding has a link by its fingerprint", page.ids)

run, text = read(os.path.join(pages.RULES, "CT101/good.jsonl"), "-e", "check=CT101")
page = Page(text)
check_structure("a right reply", page)
result("No findings" in page.text() and " 1 wrong" not in page.text() and 'class="bad"' not in text.split("<script>")[0].split("</defs>")[1],
       "nothing is red where nothing is wrong", page.text()[:1500])

with tempfile.TemporaryDirectory() as d:
    rules = sorted(r for r in os.listdir(pages.RULES) if r.startswith("CT"))
    for name, some in (("CT101", ["CT101"]), ("all rules", rules)):
        run, text = read([pages.write(os.path.join(d, r), pages.hostile(r)) for r in some])
        page = Page(text)
        check_structure(f"hostile, {name}", page)
        result(run.returncode == 1 and not re.findall("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text),
               f"hostile, {name}: no control characters", run.stderr[:300])
        result(all(h.replace("\0", "") in page.text() for h in pages.HOSTILE[:1]), f"hostile, {name}: shown as text", page.text()[:1000])
    found = set(re.findall(r'<section class="rule" id="(CT\d+)"', text))
    result(len(found) >= len(rules) - 8, "hostile: most rules have their part", sorted(set(rules) - found))

    path = pages.write(os.path.join(d, "many"), pages.many(3000, 1200))
    run, text = read(path)
    page = Page(text)
    check_structure("many", page)
    shown = page.text()
    parts, lines = text.count('<article class="finding'), text.count('<tr class="finding')
    result(parts == 500 and parts + lines >= 1200, "every finding has its part or its line", (parts, lines))
    result("The first 500 findings are shown with their messages and bytes" in shown, "later ones have a line each, and it is said")
    result(text.count('class="hex"') <= 500, "and they are", text.count('class="hex"'))
    result("messages are counted above and not listed here" in shown, "a long timeline is cut, and it is said")
    rows = text[text.index('id="sockets"'):].count("<tr")
    result(rows <= 900, "a socket's timeline is bounded", rows)
    result("asked 1500, answered 0" in shown and "1500 wrong" in shown, "but all are counted",
           re.findall(r"asked \d+, answered \d+[^(]*", shown))

    path = pages.write(os.path.join(d, "more"), pages.many(20200, 10100))
    run, text = read(path, "-e", "check=CT101")
    result("100 more findings are not shown: the page holds 10000" in Page(text).text(), "findings beyond the page's room are counted",
           Page(text).text()[-600:])

print(f"1..{count}")
sys.exit(failed != 0)
