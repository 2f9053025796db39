# SPDX-License-Identifier: LGPL-2.1-or-later
# Kept in the repository, so that a build needs no python; "make completions" makes them anew.
EXTRA_DIST += completions/generate.py
check_PROGRAMS += completions/dump
completions_dump_SOURCES = completions/dump.c src/complain.c src/option-parse.c src/option-table.c src/select.c src/syscall-classes.c
completions_dump_LDADD = $(ALL_LIBS)

dist_bashcompletion_DATA = completions/cmsgtrace
bashcompletiondir = @bashcompletiondir@
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = completions/_cmsgtrace
fishcompletiondir = $(datadir)/fish/vendor_completions.d
dist_fishcompletion_DATA = completions/cmsgtrace.fish

.PHONY: completions
completions: completions/dump
	completions/dump | python3 $(srcdir)/completions/generate.py bash >$(srcdir)/completions/cmsgtrace
	completions/dump | python3 $(srcdir)/completions/generate.py zsh >$(srcdir)/completions/_cmsgtrace
	completions/dump | python3 $(srcdir)/completions/generate.py fish >$(srcdir)/completions/cmsgtrace.fish

dist_check_SCRIPTS += completions/test.sh
TESTS += completions/test.sh
