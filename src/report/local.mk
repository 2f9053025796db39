# SPDX-License-Identifier: LGPL-2.1-or-later
# The page's style and script, as strings.
EXTRA_DIST += src/report/page.css src/report/page.js src/report/page-inc
CLEANFILES += src/report/page.inc
BUILT_SOURCES += src/report/page.inc
src/report/html-page.$(OBJEXT): src/report/page.inc
src/report/page.inc: $(srcdir)/src/report/page.css $(srcdir)/src/report/page.js $(srcdir)/src/report/page-inc
	@mkdir -p src/report
	$(AM_V_GEN)$(SHELL) $(srcdir)/src/report/page-inc $(srcdir)/src/report/page.css $(srcdir)/src/report/page.js >$@.tmp && mv $@.tmp $@
