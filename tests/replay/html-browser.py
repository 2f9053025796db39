#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves, in headless Chromium: the HTML report loads without a word on the console or a request, hostile text runs nothing, its
text has the contrast of WCAG 2.1 AA in light, dark and print, it can be used by keyboard and without JavaScript, filters and deep
links work, and nothing is cut off where the window is narrow."""
import os
import subprocess
import sys
import tempfile

SRC = os.environ.get("srcdir", ".")
sys.path.insert(0, os.path.join(SRC, "tests/replay"))
import browser  # noqa: E402
import pages  # noqa: E402

CMSGTRACE = os.environ["CMSGTRACE"]

# [text, ratio] of what is shown with too little contrast; names of what else is wrong
CONTRAST = """(() => {
    const value = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1]; };
    const lum = c => { const [r, g, b] = c.slice(0, 3).map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const ground = e => { for (; e; e = e.parentElement) { const c = value(getComputedStyle(e).backgroundColor); if (c[3] > 0) return c; }
        return matchMedia("(prefers-color-scheme: dark)").matches && !matchMedia("print").matches ? [20, 23, 26, 1] : [255, 255, 255, 1]; };
    const bad = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let n = 0;
    while (walk.nextNode()) {
        const t = walk.currentNode, e = t.parentElement, s = getComputedStyle(e);
        if (!t.textContent.trim() || e.closest("script, style, title, desc, defs") || s.display === "none") continue;
        const fg = value(e.closest("svg") ? s.fill : s.color), a = lum(fg), b = lum(ground(e.closest("svg") ? e.closest("svg") : e));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const big = parseFloat(s.fontSize) >= 24 || (parseFloat(s.fontSize) >= 18.66 && Number(s.fontWeight) >= 700);
        n++;
        if (ratio < (big ? 3 : 4.5)) bad.push([t.textContent.trim().slice(0, 40), e.className.toString(), ratio.toFixed(2)]);
    }
    return { n, bad: bad.slice(0, 10) };
})()"""
NAMES = """(() => {
    const bad = [], all = s => Array.from(document.querySelectorAll(s));
    for (const e of all("input, select")) if (!e.labels.length) bad.push("no label: " + e.name);
    for (const e of all("a, button, summary")) if (!(e.textContent.trim() || e.getAttribute("aria-label"))) bad.push("no name: " + e.outerHTML.slice(0, 80));
    for (const e of all("svg")) if (e.getAttribute("role") !== "img" || !document.getElementById(e.getAttribute("aria-labelledby").split(" ")[0])) bad.push("svg without a name");
    for (const e of all("th")) if (!e.scope) bad.push("th without scope: " + e.textContent);
    for (const e of all("[aria-label]")) if (!e.getAttribute("role") && !e.matches("a, form, section")) bad.push("aria-label on nothing: " + e.tagName);
    let last = 0;
    for (const e of all("h1, h2, h3, h4, h5")) { const l = Number(e.tagName[1]); if (l > last + 1) bad.push(`h${l} after h${last}: ${e.textContent}`); last = l; }
    for (const e of all("*")) { const o = getComputedStyle(e); if ((o.overflowX === "auto" || o.overflowX === "scroll") && e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0 && e.clientWidth) bad.push("scrolls, but not by keyboard: " + e.outerHTML.slice(0, 80)); }
    if (!document.documentElement.lang || !document.title || all("main").length !== 1 || all("h1").length !== 1) bad.push("no language, title, main or h1");
    return bad;
})()"""

count = failed = 0


def result(ok, name, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}")
    if not ok:
        print("# " + str(detail).replace("\n", "\n# ")[:3000])


def page(d, name, paths, *args):
    file = os.path.join(d, name + ".html")
    run = subprocess.run([CMSGTRACE, *("--read=" + p for p in paths), "--format=html:" + file, "-o", os.devnull, *args], timeout=300, check=False)
    assert run.returncode < 2, run
    return file


def looks(b, name):
    """Contrast in all that it can be shown in; names; nothing wider than the window."""
    for scheme, media in (("light", "screen"), ("dark", "screen"), ("light", "print")):
        b.emulate(scheme, media)
        found = b.js(CONTRAST)
        result(found["n"] > 20 and not found["bad"], f"{name}, {scheme}, {media}: contrast", found)
    b.emulate()
    bad = b.js(NAMES)
    result(not bad, f"{name}: names, labels, order of headings", bad)
    b.emulate(width=400, height=800)
    wide = b.js("document.documentElement.scrollWidth")
    result(wide <= 400, f"{name}: nothing is wider than a narrow window", wide)
    b.emulate()


def uses(b, file):
    """Filters, links and the keyboard."""
    shown = "Array.from(document.querySelectorAll('article.finding')).filter(e => !e.hidden && !e.closest('[hidden]')).map(e => e.id.split('-')[0]).join()"
    b.open(file)
    everything = b.js(shown)
    result("CT101" in everything and "CT201" in everything, "all findings are shown", everything)
    b.js("(() => { const s = document.querySelector('select[name=rule]'); s.value = 'CT201'; s.dispatchEvent(new Event('input')); })()")
    result(b.js(shown) == "CT201" and "1 findings" in b.js("document.querySelector('#filter output').textContent"), "a filter by rule", b.js(shown))
    b.js("document.querySelector('#filter').reset()")
    b.js("new Promise(r => setTimeout(r, 50))")
    result(b.js(shown) == everything, "and all again", b.js(shown))
    for name, value, some in (("address", "192.0.2.99", ""), ("address", "127.0.0.2", everything)):
        b.js(f"(() => {{ const s = document.querySelector('input[name={name}]'); s.value = '{value}'; s.dispatchEvent(new Event('input')); }})()")
        result(b.js(shown) == some, f"a filter by {name} {value}", b.js(shown))
    for name in ("process", "socket"):
        b.js("document.querySelector('#filter').reset()")
        b.js("new Promise(r => setTimeout(r, 50))")
        n = b.js(f"(() => {{ const s = document.querySelector('select[name={name}]'); s.selectedIndex = s.options.length - 1; "
                 "s.dispatchEvent(new Event('input')); return s.options.length; })()")
        rows = b.js("Array.from(document.querySelectorAll('details.socket')).filter(e => !e.hidden).length")
        result(n > 1 and rows >= 1, f"a filter by {name}", (n, rows))

    b.open(file)
    names = []
    for _ in range(9):
        b.key("Tab")
        names.append(b.js("(e => e.className || e.name || e.type || e.tagName)(document.activeElement)"))
    result(names[:7] == ["skip", "rule", "process", "socket", "address", "reset", "A"] or names[:5] == ["skip", "rule", "process", "socket", "address"],
           "Tab goes from the skip link through the filters to the page", names)
    result(b.js("getComputedStyle(document.activeElement).outlineStyle") != "none", "what has the focus shows it")
    b.js("document.querySelector('details.explain summary').focus()")
    b.key("Enter", text="\r")
    result(b.js("document.querySelector('details.explain').open"), "Enter unfolds an explanation")

    anchor = b.js("document.querySelector('article.finding').id")
    b.js("document.querySelector('details.socket').open = false; document.querySelector('select[name=rule]').value = 'CT201'; "
         "document.querySelector('select[name=rule]').dispatchEvent(new Event('input'))")
    b.js(f"location.hash = '#{anchor}'; new Promise(r => setTimeout(r, 100))")
    result(b.js(f"(e => !e.hidden && e.getBoundingClientRect().top < innerHeight && e.matches(':target'))(document.getElementById('{anchor}'))"),
           "a deep link shows its finding, though a filter hid it")
    b.js("location.hash = '#socket-1'; new Promise(r => setTimeout(r, 100))")
    result(b.js("document.getElementById('socket-1').open"), "a link to a socket unfolds it")


def main():
    global count
    if not browser.chromium():
        print("1..0 # SKIP chromium is not installed")
        return 0
    bad = os.path.join(pages.RULES, "CT101/bad.jsonl")
    with tempfile.TemporaryDirectory() as d, browser.Browser() as b:
        one = page(d, "one", [bad])
        b.open(one)
        result(not b.complaints(), "one: nothing on the console, no request", b.complaints())
        looks(b, "one")
        uses(b, one)
        rules = sorted(r for r in os.listdir(pages.RULES) if r.startswith("CT"))
        evil = page(d, "evil", [pages.write(os.path.join(d, r), pages.hostile(r)) for r in rules])
        b.open(evil)
        result(not b.complaints() and b.js("document.querySelectorAll('img, iframe, script').length") == 1,
               "hostile: nothing on the console, no request, no element of its own", b.complaints()[:5])
        looks(b, "hostile")
        big = page(d, "big", [pages.write(os.path.join(d, "big.jsonl"), pages.many(20200, 10000))])
        seconds = b.open(big)
        print(f"# 10,000 findings: {os.path.getsize(big)} bytes, loaded in {seconds:.1f} s")
        result(not b.complaints(), "10,000 findings: nothing on the console", b.complaints()[:5])
        n = b.js("document.querySelectorAll('*').length")
        result(n < 110000, "10,000 findings: few enough elements to be quick", n)
        last = b.js("(a => a[a.length - 1].id)(document.querySelectorAll('tr.finding'))")
        b.js(f"location.hash = '#{last}'; new Promise(r => setTimeout(r, 100))")
        result(b.js(f"(e => e.closest('details').open && e.getBoundingClientRect().top < innerHeight)(document.getElementById('{last}'))"),
               "10,000 findings: a deep link unfolds the lines", last)
        b.call("Emulation.setScriptExecutionDisabled", value=True)
        b.open(one)
        text = b.js("document.body.innerText")
        result("asked at" in text and "CT201" in text and b.js("document.getElementById('filter').offsetHeight") == 0,
               "without JavaScript everything is there but the filters", text[:500])
    print(f"1..{count}")
    return failed != 0


sys.exit(main())
