# SPDX-License-Identifier: LGPL-2.1-or-later
dist_man_MANS += man/cmsgtrace.1 man/cmsgtrace-events.5

# from the rule table; kept in the repository, so that a build for another machine has it too
dist_man_MANS += man/cmsgtrace-rules.7
check_PROGRAMS += man/print-rules
man_print_rules_SOURCES = man/print-rules.c
man_print_rules_LDADD = $(PURE_LIBS)
dist_check_SCRIPTS += tests/unit/man-rules.sh
TESTS += tests/unit/man-rules.sh
.PHONY: update-man
update-man: man/print-rules$(EXEEXT)
	man/print-rules$(EXEEXT) > $(srcdir)/man/cmsgtrace-rules.7
