#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Proves: what is installed is hardened, as the files themselves say.
# shellcheck disable=SC2154 source=/dev/null
. "$srcdir/tests/tap.sh"

[ -n "${HARDENED-}" ] || tap_all_skipped "built without hardening: --enable-sanitizers or --disable-hardening"
for tool in readelf objdump; do
	command -v $tool >/dev/null || tap_all_skipped "$tool is not installed"
done

says() { # FILE PATTERN OPTION...: readelf's output has such a line
	says_file=$1 says_what=$2
	shift 2
	LC_ALL=C readelf -W "$@" "$says_file" | grep -Eq "$says_what"
}
lacks() { ! says "$@"; }
has_landings() { LC_ALL=C objdump -d --no-show-raw-insn "$1" | grep -Eqw "endbr64|paciasp|bti"; }

for f in cmsgtrace pktinfo-server; do
	b=$builddir/$f
	tap_is "$f is position independent" says "$b" 'FLAGS_1.*PIE' -d
	tap_is "$f: relocations become read-only" says "$b" GNU_RELRO -l
	tap_is "$f: functions are bound at the start" says "$b" 'BIND_NOW|FLAGS_1.*NOW' -d
	tap_is "$f: no stack is executable" lacks "$b" 'GNU_STACK.* RWE ' -l
	tap_is "$f: functions guard their stack" says "$b" __stack_chk_fail --dyn-syms
	case $HARDENED in
	*_FORTIFY_SOURCE*) tap_is "$f: the C library checks lengths" says "$b" '__[a-z]+_chk@' --dyn-syms ;;
	*) tap_skip "$f: the C library checks lengths" "nothing is optimized" ;;
	esac
	case $(uname -m) in
	x86_64 | aarch64) tap_is "$f: jumps land where they may" has_landings "$b" ;;
	*) tap_skip "$f: jumps land where they may" "not on this machine" ;;
	esac
done
tap_done
