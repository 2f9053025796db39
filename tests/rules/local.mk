# SPDX-License-Identifier: LGPL-2.1-or-later
# Situations that the rules speak of, and recordings of them: tests/rules/CTnnn/{bad,good}.jsonl.
check_PROGRAMS += tests/rules/situations
tests_rules_situations_SOURCES = tests/rules/situations.c tests/rules/situations.h \
	tests/rules/situations-reply.c tests/rules/situations-rest.c tests/rules/situations-send.c \
	tests/rules/variants-rest.c tests/rules/variants-send.c
tests_rules_situations_LDFLAGS = -pthread
if HAVE_M32
check_PROGRAMS += tests/rules/situations32
tests_rules_situations32_SOURCES = $(tests_rules_situations_SOURCES)
tests_rules_situations32_CFLAGS = -std=gnu11 $(WARN_CFLAGS) $(M32_CFLAGS)
tests_rules_situations32_LDFLAGS = $(M32_CFLAGS) -pthread
endif
EXTRA_DIST += tests/rules/expected tests/rules/record.py
dist_check_SCRIPTS += tests/live/rules.py tests/live/variants.py tests/live/predicted.py
TESTS += tests/live/rules.py tests/live/variants.py tests/live/predicted.py
# make record-rules: all of them anew, to be read in the diff
.PHONY: record-rules
record-rules: cmsgtrace$(EXEEXT) tests/rules/situations$(EXEEXT)
	python3 $(srcdir)/tests/rules/record.py ./cmsgtrace tests/rules/situations
# a folder for each rule
include tests/rules/lists.mk
