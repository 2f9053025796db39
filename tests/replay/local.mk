# SPDX-License-Identifier: LGPL-2.1-or-later
dist_check_SCRIPTS += tests/replay/rules.py tests/replay/examples.py tests/replay/strace-damage.py tests/replay/schema.py tests/replay/formats.py tests/replay/golden.py tests/replay/html-report.py tests/replay/html-browser.py \
	tests/replay/input.sh tests/replay/options.sh tests/replay/progress.py tests/replay/validate.py tests/replay/memory.py tests/replay/logs.py tests/replay/log-state.py tests/replay/order.py tests/replay/post-mortem.py tests/replay/terminal.py tests/replay/valgrind.py
TESTS += tests/replay/rules.py tests/replay/examples.py tests/replay/strace-damage.py tests/replay/schema.py tests/replay/formats.py tests/replay/golden.py tests/replay/html-report.py tests/replay/html-browser.py \
	tests/replay/input.sh tests/replay/options.sh tests/replay/progress.py tests/replay/validate.py tests/replay/memory.py tests/replay/logs.py tests/replay/log-state.py tests/replay/order.py tests/replay/post-mortem.py tests/replay/terminal.py tests/replay/valgrind.py
EXTRA_DIST += tests/replay/data/raw-constants.strace
EXTRA_DIST += tests/replay/data/level-mistake.strace tests/replay/data/sockets.strace tests/replay/data/calls.jsonl
EXTRA_DIST += tests/replay/pages.py tests/replay/browser.py tests/replay/TESTLIST tests/replay/golden
.PHONY: update-golden
update-golden: cmsgtrace$(EXEEXT)
	UPDATE_GOLDEN=1 CMSGTRACE='$(abs_top_builddir)/cmsgtrace' srcdir='$(srcdir)' \
		python3 $(srcdir)/tests/replay/golden.py
