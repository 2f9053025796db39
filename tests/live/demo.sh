#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Proves: the demo shows the cause, the remedy and both addresses, and finds the corrected server clean.
# shellcheck disable=SC2154 source=/dev/null
. "$srcdir/tests/tap.sh"

page=$builddir/tests/live/demo-page.html
out=$("$CMSGTRACE" --demo --format=html:"$page" 2>&1)
status=$?
tap_same "the demo ends with 0" 0 "$status"
has() { printf '%s\n' "$out" | grep -qF "$1"; }
tap_is "the client saw the wrong address" has "asked 127.0.0.2, answered by 127.0.0.1"
tap_is "the cause is named" has "CT101 error"
tap_is "what was meant is named" has "IP_PKTINFO"
tap_is "the corrected server answers from the right one" has "asked 127.0.0.2, answered by 127.0.0.2"
# one of the lines that send
line=$(printf '%s\n' "$out" | sed -n 's/.* at send_reply (.*pktinfo-server\.c:\([0-9]*\))$/\1/p' | head -1)
sends() { sed -n "${line:-0}p" "$srcdir/src/demo/pktinfo-server.c" | grep -q "n = sendmsg("; }
tap_is "the source line is that of the call" sends
tap_is "the broken server's run is a page" grep -q '<h1><span class="error">2 errors' "$page"
rm -f "$page"
[ "$tap_failed" -eq 0 ] || printf '%s\n' "$out" | sed 's/^/# /'
tap_done
