# SPDX-License-Identifier: LGPL-2.1-or-later
dist_check_SCRIPTS += tests/replay/rules.py tests/replay/examples.py tests/replay/strace-damage.py tests/replay/schema.py
TESTS += tests/replay/rules.py tests/replay/examples.py tests/replay/strace-damage.py tests/replay/schema.py
EXTRA_DIST += tests/replay/data/level-mistake.strace
