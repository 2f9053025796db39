#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Proves: the completions are those of the option table, and bash, zsh and fish complete with them.
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

# zsh completes in an editor only: one on a terminal of its own.
# shellcheck disable=SC2016 # for zsh
zsh_completes() {
	timeout 20 zsh -f -c '
		zmodload zsh/zpty || exit 3
		zpty z zsh -f -i
		zpty -w z "PS1=; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D"
		zpty -w -n z "$2"$'"'\t'"'
		zpty -r z out "*$3*"' zsh "$(cd "$srcdir/completions" && pwd)" "$1" "$2" >/dev/null 2>&1
}
if command -v zsh >/dev/null 2>&1; then
	tap_is "zsh completes --list-r" zsh_completes "cmsgtrace --list-r" "cmsgtrace --list-rules"
	tap_is "zsh completes --color=al" zsh_completes "cmsgtrace --color=al" "cmsgtrace --color=always"
else
	tap_skip "zsh completes --list-r" "zsh is not installed"
	tap_skip "zsh completes --color=al" "zsh is not installed"
fi

# shellcheck disable=SC2016 # for fish
fish_completes() { timeout 20 fish -N -c 'source $argv[1]; complete -C $argv[2]' "$srcdir/completions/cmsgtrace.fish" "$1" | cut -f1; }
if command -v fish >/dev/null 2>&1; then
	tap_same "fish completes --list-r" "--list-rules" "$(fish_completes "cmsgtrace --list-r")"
	tap_same "fish completes --color=" "--color=always --color=auto --color=never" \
		"$(fish_completes "cmsgtrace --color=" | sort | tr '\n' ' ' | sed 's/ $//')"
else
	tap_skip "fish completes --list-r" "fish is not installed"
	tap_skip "fish completes --color=" "fish is not installed"
fi
tap_done
