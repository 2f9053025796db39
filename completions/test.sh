#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Proves: the completions are those of the option table, and bash completes with them.
# shellcheck disable=SC2154 source=/dev/null
. "$srcdir/tests/tap.sh"

# shellcheck disable=SC2154
dump=$builddir/completions/dump
for shell in bash:cmsgtrace zsh:_cmsgtrace fish:cmsgtrace.fish; do
	made=$("$dump" | python3 "$srcdir/completions/generate.py" "${shell%%:*}")
	tap_same "${shell%%:*}: as the table says (make completions)" "$made" "$(cat "$srcdir/completions/${shell#*:}")"
done
completer=/usr/share/bash-completion/bash_completion
if [ -f $completer ]; then
	# shellcheck disable=SC2016
	got=$(bash -c '. '$completer'; . "$1"; COMP_WORDS=(cmsgtrace --list-r); COMP_CWORD=1; COMP_LINE="cmsgtrace --list-r"
		COMP_POINT=${#COMP_LINE}; _cmsgtrace; echo "${COMPREPLY[@]}"' sh "$srcdir/completions/cmsgtrace" 2>/dev/null)
	tap_same "bash completes --list-r" "--list-rules" "$got"
else
	tap_skip "bash completes --list-r" "bash-completion is not installed"
fi
tap_done
