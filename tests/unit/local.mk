# SPDX-License-Identifier: LGPL-2.1-or-later
# One cmocka program for each module: tests/unit/test-MODULE.c, run as TAP.
if HAVE_CMOCKA
UNIT_TESTS = tests/unit/test-base
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
tests_unit_test_base_SOURCES = tests/unit/test-base.c
tests_unit_test_base_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-arch
tests_unit_test_arch_SOURCES = tests/unit/test-arch.c
tests_unit_test_arch_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_arch_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-ask
tests_unit_test_ask_SOURCES = tests/unit/test-ask.c
tests_unit_test_ask_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_ask_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-capture
tests_unit_test_capture_SOURCES = tests/unit/test-capture.c tests/i386.h
tests_unit_test_capture_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_capture_LDADD = $(ALL_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-cmsg
tests_unit_test_cmsg_SOURCES = tests/unit/test-cmsg.c tests/unit/cmsg-recorder.h \
	tests/unit/cmsg-golden.h
tests_unit_test_cmsg_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_cmsg_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-cut
tests_unit_test_cut_SOURCES = tests/unit/test-cut.c tests/fuzz/fuzz-source.h
tests_unit_test_cut_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_test_cut_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_cut_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-kernel tests/unit/test-refusals
tests_unit_test_kernel_SOURCES = tests/unit/test-kernel.c tests/unit/kernel-send.h
tests_unit_test_kernel_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_kernel_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_refusals_SOURCES = tests/unit/test-refusals.c tests/unit/kernel-send.h
tests_unit_test_refusals_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_refusals_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test-live
tests_unit_test_live_SOURCES = tests/unit/test-live.c
tests_unit_test_live_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_live_LDADD = $(ALL_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test-record
tests_unit_test_record_SOURCES = tests/unit/test-record.c
tests_unit_test_record_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_record_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test-sock-facts
tests_unit_test_sock_facts_SOURCES = tests/unit/test-sock-facts.c
tests_unit_test_sock_facts_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sock_facts_LDADD = $(ALL_LIBS) $(CMOCKA_LIBS)
if HAVE_LIBPCAP
UNIT_TESTS += tests/unit/test-sock-wire
tests_unit_test_sock_wire_SOURCES = tests/unit/test-sock-wire.c
tests_unit_test_sock_wire_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sock_wire_LDADD = $(ALL_LIBS) $(CMOCKA_LIBS)
endif

UNIT_TESTS += tests/unit/test-trace
tests_unit_test_trace_SOURCES = tests/unit/test-trace.c
tests_unit_test_trace_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_trace_LDADD = $(ALL_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-unwind
tests_unit_test_unwind_SOURCES = tests/unit/test-unwind.c tests/i386.h
tests_unit_test_unwind_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) -fno-optimize-sibling-calls \
	-fno-omit-frame-pointer
tests_unit_test_unwind_LDADD = $(ALL_LIBS) $(CMOCKA_LIBS)

# Modules that test-unwind loads: plain, stripped, and without unwind tables.
NEST_CFLAGS = -fPIC -O1 -fvisibility=hidden -fno-optimize-sibling-calls -fno-omit-frame-pointer
check_PROGRAMS += tests/unit/nest.so tests/unit/nest-stripped.so tests/unit/nest-nocfi.so
tests_unit_nest_so_SOURCES = tests/unit/modules/nest.c
tests_unit_nest_so_CFLAGS = $(NEST_CFLAGS)
tests_unit_nest_so_LDFLAGS = -shared
tests_unit_nest_stripped_so_SOURCES = tests/unit/modules/nest.c
tests_unit_nest_stripped_so_CFLAGS = $(NEST_CFLAGS)
tests_unit_nest_stripped_so_LDFLAGS = -shared -s
tests_unit_nest_nocfi_so_SOURCES = tests/unit/modules/nest.c
tests_unit_nest_nocfi_so_CFLAGS = $(NEST_CFLAGS) -fno-asynchronous-unwind-tables -fno-unwind-tables
tests_unit_nest_nocfi_so_LDFLAGS = -shared -nostartfiles -Wl,--no-eh-frame-hdr
if X86_64
check_PROGRAMS += tests/unit/frames32.so
tests_unit_frames32_so_SOURCES = tests/unit/modules/frames32.S
tests_unit_frames32_so_CCASFLAGS = -m32
tests_unit_frames32_so_CFLAGS =
tests_unit_frames32_so_LDFLAGS = -m32 -nostdlib -shared -Wl,-Ttext=0x1000,-z,noseparate-code,-z,norelro
endif
if HAVE_M32
check_PROGRAMS += tests/unit/nest32 tests/unit/nest32-fp
NEST32_CFLAGS = $(M32_CFLAGS) -O1 -fno-optimize-sibling-calls -DNEST_MAIN
tests_unit_nest32_SOURCES = tests/unit/modules/nest.c
tests_unit_nest32_CFLAGS = $(NEST32_CFLAGS) -fomit-frame-pointer
tests_unit_nest32_LDFLAGS = $(M32_CFLAGS)
tests_unit_nest32_fp_SOURCES = tests/unit/modules/nest.c
tests_unit_nest32_fp_CFLAGS = $(NEST32_CFLAGS) -DNEST_INLINE -fno-omit-frame-pointer \
	-fno-asynchronous-unwind-tables -fno-unwind-tables
tests_unit_nest32_fp_LDFLAGS = $(M32_CFLAGS)
endif

UNIT_TESTS += tests/unit/test-check
tests_unit_test_check_SOURCES = tests/unit/test-check.c
tests_unit_test_check_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_check_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-convo
tests_unit_test_convo_SOURCES = tests/unit/test-convo.c
tests_unit_test_convo_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_convo_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-state
tests_unit_test_state_SOURCES = tests/unit/test-state.c
tests_unit_test_state_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_state_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-text
tests_unit_test_text_SOURCES = tests/unit/test-text.c
tests_unit_test_text_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
endif

dist_check_SCRIPTS += tests/unit/install.sh tests/unit/hardening.sh tests/unit/pure.sh tests/unit/tally.sh tests/unit/includes.py tests/unit/docs.py
EXTRA_DIST += tests/unit/exceptions
TESTS += tests/unit/install.sh tests/unit/hardening.sh tests/unit/pure.sh tests/unit/tally.sh tests/unit/includes.py tests/unit/docs.py
