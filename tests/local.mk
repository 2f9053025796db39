# SPDX-License-Identifier: LGPL-2.1-or-later
EXTRA_DIST += tests/tally tests/tap.sh tests/tap-cmocka
include tests/unit/local.mk
include tests/kernel/local.mk
include tests/live/local.mk
include tests/replay/local.mk
include tests/rules/local.mk
include tests/fuzz/local.mk
include tests/vm/local.mk
include tests/howto/local.mk
