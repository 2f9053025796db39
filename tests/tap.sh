# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# For tests in sh: TAP by a few functions.  Source it, call them, end with tap_done.
tap_n=0 tap_failed=0
tap_ok() { tap_n=$((tap_n + 1)); echo "ok $tap_n - $*"; }
tap_not_ok() { tap_n=$((tap_n + 1)); tap_failed=$((tap_failed + 1)); echo "not ok $tap_n - $*"; }
tap_skip() { tap_n=$((tap_n + 1)); echo "ok $tap_n - $1 # SKIP $2"; }
# tap_is NAME COMMAND...: passes where the command does
tap_is() {
	tap_name=$1
	shift
	if "$@"; then tap_ok "$tap_name"; else tap_not_ok "$tap_name"; fi
}
# tap_same NAME EXPECTED ACTUAL
tap_same() {
	if [ "$2" = "$3" ]; then
		tap_ok "$1"
	else
		tap_not_ok "$1"
		printf '%s\n' "$2" | sed 's/^/# expected: /'
		printf '%s\n' "$3" | sed 's/^/# got:      /'
	fi
}
tap_all_skipped() { echo "1..0 # SKIP $*"; exit 0; }
tap_done() { echo "1..$tap_n"; [ "$tap_failed" -eq 0 ]; exit; }
