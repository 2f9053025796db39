# SPDX-License-Identifier: LGPL-2.1-or-later
EXTRA_DIST += tests/tally tests/tap.sh tests/tap-cmocka
EXTRA_DIST += tests/coverage.py
include tests/unit/local.mk
include tests/kernel/local.mk
include tests/live/local.mk
include tests/replay/local.mk
include tests/rules/local.mk
include tests/fuzz/local.mk
include tests/vm/local.mk
include tests/howto/local.mk

# Of the pure folders, by the tests that need nothing but files: the same on every machine.
COVERAGE_TESTS = $(filter-out tests/unit/test-capture tests/unit/test-live tests/unit/test-sock-% tests/unit/test-trace \
	tests/unit/test-unwind,$(UNIT_TESTS)) $(FUZZ_PURE) tests/replay/rules.py tests/replay/examples.py \
	tests/replay/formats.py tests/replay/golden.py tests/replay/input.sh tests/replay/options.sh tests/replay/progress.py \
	tests/replay/schema.py tests/replay/strace-damage.py tests/replay/logs.py tests/replay/log-state.py \
	tests/replay/post-mortem.py tests/unit/man-rules.sh
.PHONY: coverage
if COVERAGE
coverage: all
	find . -name '*.gcda' -exec rm {} +
	$(MAKE) $(AM_MAKEFLAGS) check-am TESTS='$(COVERAGE_TESTS)'
	python3 $(srcdir)/tests/coverage.py '$(abs_srcdir)' $(COVERAGE_FLAGS)
else
coverage:
	@echo 'configure with --enable-coverage first (it builds without optimization)' >&2; exit 1
endif
