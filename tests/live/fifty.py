#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: however often a mistake repeats, a new place of it is named at its first occurrence, and what is accepted at
one place is accepted there only."""
import collections
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILD, CMSGTRACE, PATIENCE, Skip, Tap, need, trace  # noqa: E402

PLACES = os.path.join(BUILD, "tests/live/fifty")
ALL = {f"place_{i:02}" for i in range(50)}


def named(run):
    return collections.Counter(f["place"]["function"] for f in run.findings() if f["rule"] == "CT101")


def test_fifty_places_in_random_order_are_all_named(seed):
    run = trace(PLACES, seed, "3000")
    found = named(run)
    assert set(found) == ALL and set(found.values()) == {1}, (len(found), found)


def test_each_is_named_at_its_own_first_call():
    """-k walks every stack: both must say the same places at the same calls."""
    firsts = [{f["place"]["function"]: f["event"] for f in trace(*options, PLACES, "7", "400").findings()}
              for options in ((), ("-k",))]
    assert len(firsts[0]) == 50 and firsts[0] == firsts[1], firsts


def test_a_suppression_of_one_leaves_the_others():
    with tempfile.TemporaryDirectory() as folder:
        accepted = os.path.join(folder, "accepted")
        with open(accepted, "w", encoding="utf-8") as f:
            f.write("CT101 fun=place_00 # known\n")
        run = trace("--suppressions=" + accepted, "--error-exitcode=9", PLACES, "2", "3000")
        assert run.status == 9, run.status
        left = {f["place"]["function"] for f in run.findings() if f["rule"] == "CT101" and not f.get("suppressed")}
        assert left == ALL - {"place_00"}, sorted(ALL - left)


def test_a_baseline_of_one_leaves_the_others():
    with tempfile.TemporaryDirectory() as folder:
        base = os.path.join(folder, "base")
        subprocess.run([CMSGTRACE, "--write-baseline=" + base, "-o", "/dev/null", PLACES, "1", "9"], check=True,
                       stdout=subprocess.DEVNULL, timeout=PATIENCE)
        with open(base, encoding="utf-8") as f:
            lines = f.read().splitlines()
        one = [line for line in lines if "place_00" in line]
        assert len(one) == 1, one
        with open(base, "w", encoding="utf-8") as f:
            f.write("\n".join([lines[0], one[0].rstrip(","), "]}"]))
        run = trace("--baseline=" + base, "--error-exitcode=9", PLACES, "2", "500")
        assert run.status == 9, run.status
        assert len(set(named(run))) == 50 - (0 if "place_00" in named(run) else 1), named(run)


def test_two_mistakes_at_one_place_are_two():
    run = trace(PLACES, "1", "1", "kinds")
    found = named(run)
    assert found == {"place_00": 3}, found


def test_a_recording_tells_the_same_places():
    with tempfile.TemporaryDirectory() as folder:
        record = os.path.join(folder, "record")
        texts = []
        for args in (["--record=" + record, PLACES, "5", "500"], ["--read=" + record]):
            p = subprocess.run([CMSGTRACE, "--format=summary", "-o", "/dev/stdout"] + args, check=False,
                               stdout=subprocess.PIPE, text=True, timeout=PATIENCE)
            texts.append(re.findall(r"^ \|      .*", p.stdout, re.M))
        assert texts[0] and texts[0] == texts[1], texts


def test_a_named_level_decides_the_status():
    for options, status in ((["--fail-on=error"], 1), ([], 0), (["--fail-on=never"], 0),
                            (["--fail-on=error", "--error-exitcode=7"], 7)):
        run = trace(*options, PLACES, "1", "1", "kinds")
        assert run.status == status, (options, run.status)
    assert trace("--fail-on=note", "true").status == 0


COARSE = r"""
#define _GNU_SOURCE
#include <netinet/in.h>
#include <string.h>
#include <stdlib.h>
#include <sys/socket.h>
static volatile int sum;
static inline __attribute__((always_inline)) void ignored(int kind, int many) /* what nobody reads, on a socket of this kind */
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(12)] = { 0 };
	struct cmsghdr *h = (struct cmsghdr *)control;
	struct iovec io = { "x", 1 };
	struct mmsghdr v = { .msg_hdr = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) } };
	int pair[2], udp = kind == AF_INET;
	h->cmsg_len = CMSG_LEN(12); h->cmsg_level = 6; h->cmsg_type = 8;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (udp) { pair[0] = socket(AF_INET, SOCK_DGRAM, 0); v.msg_hdr.msg_name = &to; v.msg_hdr.msg_namelen = sizeof(to); }
	else if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair)) abort();
	sum += many ? sendmmsg(pair[0], &v, 1, 0) : (int)sendmsg(pair[0], &v.msg_hdr, 0);
}
__attribute__((noinline)) static void a(void) { ignored(AF_INET, 0); sum++; }
__attribute__((noinline)) static void b(void) { ignored(AF_UNIX, 0); sum++; }
__attribute__((noinline)) static void c(void) { ignored(AF_INET, 1); sum++; }
__attribute__((noinline)) static void d(void) { ignored(AF_INET, 0); sum += 2; }
int main(int argc, char **argv)
{
	for (const char *p = argc > 1 ? argv[1] : ""; *p; p++)
		*p == 'a' ? a() : *p == 'b' ? b() : *p == 'c' ? c() : d();
	return 0;
}
"""


def stripped(folder):
    program = os.path.join(folder, "stripped")
    built = subprocess.run([need("cc"), "-O1", "-static", "-s", "-o", program, "-x", "c", "-"], input=COARSE, text=True,
                           stderr=subprocess.PIPE, check=False, timeout=PATIENCE)
    if built.returncode:
        raise Skip("no static C library: " + built.stderr.strip().splitlines()[-1])
    return program


def test_a_coarse_place_is_told_from_others_by_what_it_does(other):
    """A static program without symbols: a baseline or a suppression of one mistake hides no other; where both are alike the count tells."""
    alike = other == "d"
    with tempfile.TemporaryDirectory() as folder:
        program, base = stripped(folder), os.path.join(folder, "base")
        first = [f for f in trace("--write-baseline=" + base, "--", program, "a").findings() if f["rule"] == "CT101"]
        assert len(first) == 1 and "no symbol" in first[0]["coarse"] and "coarse place: no symbol" in "\n".join(first[0]["notes"]), first
        accepted = os.path.join(folder, "accepted")
        with open(accepted, "w", encoding="utf-8") as f:
            f.write("CT101 fingerprint=%s # known\n" % first[0]["fingerprint"])
        for option in ["--baseline=" + base] + ["--suppressions=" + accepted] * (not alike):
            run = trace(option, "--error-exitcode=9", "--", program, "aaa")
            assert run.status == 0, (option, run.text)
            for calls in ["aa" + other + other] + [other] * (not alike):
                run = trace(option, "--error-exitcode=9", "--", program, calls)
                new = [f for f in run.findings() if f["rule"] == "CT101" and not f.get("known") and not f.get("suppressed")]
                assert run.status == 9 and len(new) == 1, (option, calls, run.status, run.text)
                assert (new[0]["fingerprint"] == first[0]["fingerprint"]) == alike, (option, calls, new)
                assert "coarse place: no symbol" in run.text, run.text


def test_an_exact_place_is_not_called_coarse():
    found = [f for f in trace(PLACES, "1", "20").findings() if f["rule"] == "CT101"]
    assert found and not any("coarse" in f or "coarse" in " ".join(f["notes"]) for f in found), found


def main():
    tap = Tap()
    for seed in ("1", "2", "3"):
        tap.run(test_fifty_places_in_random_order_are_all_named, seed)
    tap.run(test_each_is_named_at_its_own_first_call)
    tap.run(test_a_suppression_of_one_leaves_the_others)
    tap.run(test_a_baseline_of_one_leaves_the_others)
    tap.run(test_two_mistakes_at_one_place_are_two)
    tap.run(test_a_recording_tells_the_same_places)
    tap.run(test_a_named_level_decides_the_status)
    tap.run(test_a_coarse_place_is_told_from_others_by_what_it_does, "b")
    tap.run(test_a_coarse_place_is_told_from_others_by_what_it_does, "c")
    tap.run(test_a_coarse_place_is_told_from_others_by_what_it_does, "d")
    tap.run(test_an_exact_place_is_not_called_coarse)
    tap.done()


if __name__ == "__main__":
    main()
