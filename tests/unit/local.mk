# SPDX-License-Identifier: LGPL-2.1-or-later
# One cmocka program a room: tests/unit/test-ROOM.c, run as TAP.
if HAVE_CMOCKA
UNIT_TESTS = tests/unit/test-base
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
tests_unit_test_base_SOURCES = tests/unit/test-base.c
tests_unit_test_base_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-capture
tests_unit_test_capture_SOURCES = tests/unit/test-capture.c
tests_unit_test_capture_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_capture_LDADD = $(ALL_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-kernel
tests_unit_test_kernel_SOURCES = tests/unit/test-kernel.c
tests_unit_test_kernel_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_kernel_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test-record
tests_unit_test_record_SOURCES = tests/unit/test-record.c
tests_unit_test_record_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_record_LDADD = $(PURE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test-sock-facts
tests_unit_test_sock_facts_SOURCES = tests/unit/test-sock-facts.c
tests_unit_test_sock_facts_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sock_facts_LDADD = $(ALL_LIBS) $(CMOCKA_LIBS)
endif
