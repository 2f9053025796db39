#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Proves: input that can't be read is told with its reason and ends with status 2, and files of settings
# that can't be reached don't stop a run.  What can't be written ends with 125.
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck disable=SC2317 source=/dev/null # functions called by tap_is
. "$top/tests/tap.sh"
CMSGTRACE=${CMSGTRACE:-./cmsgtrace}
LOG=$top/tests/replay/data/level-mistake.strace
unset XDG_CONFIG_HOME

# said STATUS TEXT ARG...: runs cmsgtrace with ARG; does it end so, and say TEXT?
said() {
	status=$1 text=$2
	shift 2
	out=$("$CMSGTRACE" "$@" 2>&1 >/dev/null)
	got=$?
	[ $got -eq "$status" ] && [ "${out#*"$text"}" != "$out" ] && return
	echo "# status $got, said: $out"
	return 1
}

tap_is "a directory" said 2 "can't read /: Is a directory" --read=/
tap_is "no such file" said 2 "can't read /nonexistent/x: No such file" --read=/nonexistent/x
tap_is "an empty file" said 2 "/dev/null: error: neither a recording nor an strace log" --read=/dev/null
# su and setpriv keep HOME; below a file nothing can be reached, for root too
# shellcheck disable=SC2016 # expanded in there
tap_is "settings out of reach" env HOME=/dev/null sh -c '
	"$1" --read="$2" --fail-on=never >/dev/null' sh "$CMSGTRACE" "$LOG"
tap_is "suppressions that were named must be there" \
	said 2 "can't read the suppressions in /dev/null/x" --suppressions=/dev/null/x --read="$LOG"
for what in --help --version --list-rules; do
	"$CMSGTRACE" $what >/dev/full 2>/dev/null
	tap_same "$what that can't be written" 125 $?
done
tap_done
