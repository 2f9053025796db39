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
EXTRA_DIST += \
	tests/rules/CT101 \
	tests/rules/CT102 \
	tests/rules/CT103 \
	tests/rules/CT104 \
	tests/rules/CT105 \
	tests/rules/CT106 \
	tests/rules/CT107 \
	tests/rules/CT108 \
	tests/rules/CT109 \
	tests/rules/CT110 \
	tests/rules/CT111 \
	tests/rules/CT112 \
	tests/rules/CT201 \
	tests/rules/CT202 \
	tests/rules/CT203 \
	tests/rules/CT204 \
	tests/rules/CT205 \
	tests/rules/CT206 \
	tests/rules/CT207 \
	tests/rules/CT208 \
	tests/rules/CT301 \
	tests/rules/CT302 \
	tests/rules/CT303 \
	tests/rules/CT304 \
	tests/rules/CT305 \
	tests/rules/CT306 \
	tests/rules/CT307 \
	tests/rules/CT308 \
	tests/rules/CT401 \
	tests/rules/CT402 \
	tests/rules/CT403 \
	tests/rules/CT405 \
	tests/rules/CT406 \
	tests/rules/CT407 \
	tests/rules/CT408 \
	tests/rules/CT501 \
	tests/rules/CT502 \
	tests/rules/CT503 \
	tests/rules/CT601 \
	tests/rules/CT701 \
	tests/rules/CT702 \
	tests/rules/CT901 \
	tests/rules/CT902
