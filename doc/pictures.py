#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""doc/terminal.svg: what the demo's server looks like in a terminal.  doc/page-*.png: the HTML report of real runs, as Chromium shows it: the demo's server, dnsmasq asked at two addresses, and a
Go QUIC server whose control messages have the wrong level.  Needs root (for two hosts), chromium, dnsmasq and go."""
import html
import os
import re
import socket
import subprocess
import sys
import tempfile

SRC = os.environ.get("srcdir", ".")
for folder in ("tests/replay", "tests/live"):
    sys.path.insert(0, os.path.abspath(os.path.join(SRC, folder)))
import browser  # noqa: E402
from lab import CMSGTRACE, SERVER, TwoHosts, wait_for  # noqa: E402
from quic import changed  # noqa: E402

WIDTH, MOST = 1100, 1500
QUESTION = b"\x12\x34\1\0\0\1\0\0\0\0\0\0\3www\7example\4test\0\0\1\0\1"
ASK = ("import socket, sys; a = sys.argv[1]; s = socket.socket(socket.AF_INET6 if ':' in a else socket.AF_INET, socket.SOCK_DGRAM); "
       "s.settimeout(30); s.connect((a, 53)); s.send(bytes.fromhex(sys.argv[2])); s.recv(512)")


def traced(page, command, before=(), **how):
    """Names are short: they stand in the picture."""
    return subprocess.Popen([*before, "./cmsgtrace", "--format=html:" + os.path.basename(page), "-o", os.devnull, "--", *command],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=os.path.dirname(page), **how)


def demo(page):
    read_end, write_end = os.pipe()
    with traced(page, ["./pktinfo-server", "--bug=level", f"--port-fd={write_end}"], pass_fds=[write_end]) as p:
        os.close(write_end)
        with os.fdopen(read_end) as f, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(30)
            s.sendto(b"question\n", ("127.0.0.2", int(f.readline())))
            s.recv(100)
        p.wait(60)


def dns(page):
    with TwoHosts() as hosts:
        pid_file = os.path.join(os.path.dirname(page), "pid")
        command = ["dnsmasq", "-k", "--no-resolv", "--no-hosts", "--user=root", "--conf-file=/dev/null",
                   "--address=/example.test/192.0.2.1", "--pid-file=" + pid_file]
        with traced(page, command, hosts.on(hosts.server)) as p:
            pid = int(wait_for("dnsmasq", lambda: os.path.exists(pid_file) and open(pid_file, encoding="ascii").read().strip()))
            for address in (hosts.FIRST, hosts.SECOND, hosts.SECOND, hosts.FIRST6, hosts.SECOND6):
                subprocess.run(hosts.on(hosts.client, "python3", "-c", ASK, address, QUESTION.hex()), check=True)
            os.kill(pid, 15)
            p.wait(60)


def quic(page):
    binary = changed()
    with TwoHosts() as hosts:
        os.symlink(binary, os.path.join(os.path.dirname(page), "quic-server"))
        with traced(page, ["./quic-server", "server", "udp", "2"], hosts.on(hosts.server)) as p:
            port = p.stdout.readline().strip()
            for address in (hosts.FIRST, hosts.SECOND):
                subprocess.run(hosts.on(hosts.client, binary, "client", address, port, "2000"), check=False, timeout=60,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            p.terminate()
            p.wait(60)


COLOURS = {"1;31": "bad", "33": "warn", "36": "note"}
STYLE = (".t{font:13px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#e2e6ea;white-space:pre}"
         ".bad{fill:#ff8a80;font-weight:bold}.warn{fill:#e8b84a}.note{fill:#93bdf0}.cmd{fill:#6cc08d}")


def wrapped(text, columns):
    """[(style, text), ...] for each line, of text with the escapes of colours; long lines go on in the next."""
    for line in text.splitlines():
        parts, style, column = [], "", 0
        for i, part in enumerate(re.split("\033\\[([0-9;]*)m", line)):
            if i % 2:
                style = COLOURS.get(part, "")
                continue
            while part:
                if column == columns:
                    yield parts
                    parts, column = [], 0
                parts.append((style, part[:columns - column]))
                part, column = part[columns - column:], column + len(parts[-1][1])
        yield parts


def terminal(svg, columns=100):
    read_end, write_end = os.pipe()
    with subprocess.Popen([CMSGTRACE, "--color=always", "--", SERVER, "--bug=level", f"--port-fd={write_end}"], stderr=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, pass_fds=[write_end]) as p:
        os.close(write_end)
        with os.fdopen(read_end) as f, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(30)
            s.sendto(b"question\n", ("127.0.0.2", int(f.readline())))
            s.recv(100)
        text = p.stderr.read().decode()
    text = text[text.index("recvmsg("):]
    lines = [[("cmd", "$ cmsgtrace ./pktinfo-server --bug=level")], *wrapped(text, columns)]
    width, height = columns * 7.83 + 32, len(lines) * 18 + 28
    with open(svg, "w", encoding="utf-8") as f:
        f.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}" role="img">'
                "<title>cmsgtrace in a terminal: a wrong level is named, with what was meant and both addresses</title>"
                f'<style>{STYLE}</style><rect width="100%" height="100%" rx="6" fill="#14171a"/>\n')
        for i, parts in enumerate(lines):
            f.write(f'<text class="t" x="16" y="{i * 18 + 27}" xml:space="preserve">' + "".join(
                f'<tspan class="{style}">{html.escape(part)}</tspan>' if style else html.escape(part) for style, part in parts) + "</text>\n")
        f.write("</svg>\n")
    print("doc/terminal.svg")


def main():
    out = os.path.join(SRC, "doc")
    terminal(os.path.join(out, "terminal.svg"))
    with tempfile.TemporaryDirectory() as d, browser.Browser() as b:
        os.symlink(CMSGTRACE, os.path.join(d, "cmsgtrace"))
        os.symlink(SERVER, os.path.join(d, "pktinfo-server"))
        os.symlink(os.path.abspath(os.path.join(SRC, "src")), os.path.join(d, "src"))  # its debug information names src/demo/…
        for make in (demo, dns, quic):
            if len(sys.argv) > 1 and make.__name__ not in sys.argv[1:]:
                continue
            page = os.path.join(d, make.__name__ + ".html")
            make(page)
            b.emulate(width=WIDTH, height=900)
            b.open(page)
            height = b.js("Math.ceil(document.querySelector('main').getBoundingClientRect().bottom)")
            b.screenshot(os.path.join(out, f"page-{make.__name__}.png"),
                         {"x": 0, "y": 0, "width": WIDTH, "height": min(height, MOST)})
            print(f"doc/page-{make.__name__}.png")


main()
