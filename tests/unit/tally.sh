#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Proves: `make check` counts what this run ran and nothing older, and counts it whatever failed.
# shellcheck disable=SC2154 source=/dev/null
. "$srcdir/tests/tap.sh"

where=tests/unit/tally.tmp
cd "$builddir" && mkdir -p $where || exit 1
trap 'rm -rf "$builddir/$where"' EXIT
echo 'echo "ok 1 - one"; echo "ok 2 - two # SKIP no reason"; echo 1..2' >$where/passes.sh
echo 'echo "ok 1 - one"; echo "not ok 2 - two"; echo 1..2' >$where/fails.sh
echo 'echo 1..0 "# SKIP of need"' >$where/all-skipped.sh

# check NAME...: runs these alone, as a user would, not as a part of the make that runs this
check() {
	for name; do
		set -- "$@" "$where/$name.sh"
		shift
	done
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make check-TESTS TESTS="$*" TEST_SUITE_LOG=$where/suite.log 2>&1
}
# counts STATUS LINE NAME...
counts() {
	want=$1 line=$2
	shift 2
	out=$(check "$@")
	got=$?
	[ $got -eq 0 ] || got=1
	tap_same "$* alone: $line" "$want, $line" "$got, $(echo "$out" | grep -E '^[0-9]+ passed,')"
}

counts 1 "2 passed, 1 failed, 1 skipped" fails passes
tap_is "the failed one is named" test "${out#*"  FAIL: $where/fails.sh 2 - two"}" != "$out"
tap_is "the reason of the skipped one is told" test "${out#*passes.sh 2 - two # SKIP no reason}" != "$out"
counts 0 "1 passed, 0 failed, 1 skipped" passes
counts 0 "0 passed, 0 failed, 1 skipped" all-skipped
counts 0 "0 passed, 0 failed, 0 skipped"
tap_same "a test without a result has failed" "0 passed, 1 failed, 0 skipped" \
	"$(sh "$srcdir/tests/tally" $where/none.trs | tail -n 1)"
tap_done
