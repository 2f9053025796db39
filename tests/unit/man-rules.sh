#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Proves: cmsgtrace-rules(7) says what the rule table says, and is sound roff.
page=${srcdir:-.}/man/cmsgtrace-rules.7
echo 1..2
if "${builddir:-.}/man/print-rules" | cmp -s - "$page"; then
	echo 'ok 1 - the page is what the table prints'
else
	echo 'not ok 1 - the page differs from the table: make update-man'
	failed=1
fi
if ! command -v groff >/dev/null; then
	echo 'ok 2 - sound roff # SKIP groff is not installed'
elif [ -z "$(groff -man -Tutf8 -ww -K utf8 -z "$page" 2>&1)" ]; then
	echo 'ok 2 - sound roff'
else
	echo 'not ok 2 - sound roff'
	groff -man -Tutf8 -ww -K utf8 -z "$page" 2>&1 | sed 's/^/# /'
	failed=1
fi
exit "${failed:-0}"
