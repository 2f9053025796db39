# SPDX-License-Identifier: LGPL-2.1-or-later
# Each fuzz target is built with a main() of its own that replays its corpus in make check.
# tests/fuzz/run NAME SECONDS builds it with clang's libFuzzer and lets it look for more.
check_PROGRAMS += tests/fuzz/fuzz-cmsg
TESTS += tests/fuzz/fuzz-cmsg
tests_fuzz_fuzz_cmsg_SOURCES = tests/fuzz/fuzz-cmsg.c tests/unit/cmsg-recorder.h
tests_fuzz_fuzz_cmsg_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_fuzz_cmsg_LDADD = $(PURE_LIBS)
EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus-cmsg

check_PROGRAMS += tests/fuzz/fuzz-model
TESTS += tests/fuzz/fuzz-model
tests_fuzz_fuzz_model_SOURCES = tests/fuzz/fuzz-model.c
tests_fuzz_fuzz_model_LDADD = $(PURE_LIBS)
EXTRA_DIST += tests/fuzz/corpus-model
# The readers, with the rules and all outputs behind them.
FUZZ_READERS = tests/fuzz/fuzz-record tests/fuzz/fuzz-strace tests/fuzz/fuzz-lists
check_PROGRAMS += $(FUZZ_READERS)
TESTS += $(FUZZ_READERS)
FUZZ_PURE = tests/fuzz/fuzz-cmsg tests/fuzz/fuzz-model tests/fuzz/fuzz-check $(FUZZ_READERS)
tests_fuzz_fuzz_record_SOURCES = tests/fuzz/fuzz-record.c tests/fuzz/fuzz-main.h tests/fuzz/fuzz-source.h
tests_fuzz_fuzz_record_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_fuzz_record_LDADD = $(PURE_LIBS)
tests_fuzz_fuzz_strace_SOURCES = tests/fuzz/fuzz-strace.c tests/fuzz/fuzz-main.h tests/fuzz/fuzz-source.h
tests_fuzz_fuzz_strace_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_fuzz_strace_LDADD = $(PURE_LIBS)
tests_fuzz_fuzz_lists_SOURCES = tests/fuzz/fuzz-lists.c tests/fuzz/fuzz-main.h
tests_fuzz_fuzz_lists_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_fuzz_lists_LDADD = $(PURE_LIBS)
EXTRA_DIST += tests/fuzz/corpus-record tests/fuzz/corpus-strace tests/fuzz/corpus-lists

# Parts that read what others wrote: Go's table of functions, netlink messages, ip's output, captures.
check_PROGRAMS += tests/fuzz/fuzz-gopclntab tests/fuzz/fuzz-netlink tests/fuzz/fuzz-net tests/fuzz/fuzz-capture
TESTS += tests/fuzz/fuzz-gopclntab tests/fuzz/fuzz-netlink tests/fuzz/fuzz-net tests/fuzz/fuzz-capture
FUZZ_PURE += tests/fuzz/fuzz-netlink tests/fuzz/fuzz-net tests/fuzz/fuzz-capture
tests_fuzz_fuzz_net_SOURCES = tests/fuzz/fuzz-net.c tests/fuzz/fuzz-main.h
tests_fuzz_fuzz_net_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_fuzz_net_LDADD = $(PURE_LIBS)
EXTRA_DIST += tests/fuzz/corpus-net
tests_fuzz_fuzz_capture_SOURCES = tests/fuzz/fuzz-capture.c tests/fuzz/fuzz-main.h
tests_fuzz_fuzz_capture_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_fuzz_capture_LDADD = $(PURE_LIBS)
EXTRA_DIST += tests/fuzz/corpus-capture
tests_fuzz_fuzz_gopclntab_SOURCES = tests/fuzz/fuzz-gopclntab.c tests/fuzz/fuzz-main.h
tests_fuzz_fuzz_gopclntab_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_fuzz_gopclntab_LDADD = libtrace.a
tests_fuzz_fuzz_netlink_SOURCES = tests/fuzz/fuzz-netlink.c tests/fuzz/fuzz-main.h
tests_fuzz_fuzz_netlink_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_fuzz_netlink_LDADD = $(PURE_LIBS)
EXTRA_DIST += tests/fuzz/corpus-gopclntab tests/fuzz/corpus-netlink

# Files that a process has mapped: symbols, lines, call frame information.
check_PROGRAMS += tests/fuzz/fuzz-elf
TESTS += tests/fuzz/fuzz-elf
tests_fuzz_fuzz_elf_SOURCES = tests/fuzz/fuzz-elf.c tests/fuzz/fuzz-main.h
tests_fuzz_fuzz_elf_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_fuzz_elf_LDADD = $(ALL_LIBS)
EXTRA_DIST += tests/fuzz/corpus-elf

# Records of the eBPF engine's ring.
if HAVE_LIBBPF
check_PROGRAMS += tests/fuzz/fuzz-bpf
TESTS += tests/fuzz/fuzz-bpf
endif
tests_fuzz_fuzz_bpf_SOURCES = tests/fuzz/fuzz-bpf.c tests/fuzz/fuzz-main.h tests/fuzz/fuzz-source.h
tests_fuzz_fuzz_bpf_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_fuzz_bpf_LDADD = $(ALL_LIBS)
EXTRA_DIST += tests/fuzz/corpus-bpf

check_PROGRAMS += tests/fuzz/fuzz-check
TESTS += tests/fuzz/fuzz-check
tests_fuzz_fuzz_check_SOURCES = tests/fuzz/fuzz-check.c
tests_fuzz_fuzz_check_LDADD = $(PURE_LIBS)
