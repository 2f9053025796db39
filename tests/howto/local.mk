# SPDX-License-Identifier: LGPL-2.1-or-later
# doc/howto-add-*.md, followed on a copy of the tree
dist_check_SCRIPTS += tests/howto/follow.py
TESTS += tests/howto/follow.py
EXTRA_DIST += tests/howto/made-up
