#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Proves: make install puts each file where it belongs below DESTDIR, and nothing else; what is there works; make uninstall
# takes all of it away.
# shellcheck disable=SC2154 source=/dev/null
. "$srcdir/tests/tap.sh"

[ -f Makefile ] || tap_all_skipped "not in a build tree"
root=$(mktemp -d) || exit 1
trap 'rm -rf "$root"' EXIT
# the paths are ours, whatever this tree was configured for; not what make check was called with
run() {
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s "$@" DESTDIR="$root" prefix=/usr sysconfdir=/etc \
		bashcompletiondir=/usr/share/bash-completion/completions >"$root.log" 2>&1 || { sed 's/^/# /' "$root.log"; false; }
	status=$?
	rm -f "$root.log"
	return $status
}
files() { (cd "$root" && find . -type f -o -type l | sort); }

tap_is "make install" run install
tap_same "what is installed" "./usr/bin/cmsgtrace
./usr/libexec/cmsgtrace/pktinfo-server
./usr/share/bash-completion/completions/cmsgtrace
./usr/share/fish/vendor_completions.d/cmsgtrace.fish
./usr/share/man/man1/cmsgtrace.1
./usr/share/man/man5/cmsgtrace-events.5
./usr/share/man/man7/cmsgtrace-rules.7
./usr/share/zsh/site-functions/_cmsgtrace" "$(files)"
version=$(sed -n 's/^PACKAGE_VERSION = //p' Makefile)
tap_same "the installed binary runs, and is of this version" "cmsgtrace $version" \
	"$(ASAN_OPTIONS=detect_leaks=0 "$root/usr/bin/cmsgtrace" --version | head -1)"
explains() { "$root/usr/bin/cmsgtrace" --explain=CT101 | grep -q SOL_TCP; }
tap_is "it explains a rule" explains
if command -v man >/dev/null; then
	for page in 1/cmsgtrace 5/cmsgtrace-events 7/cmsgtrace-rules; do
		tap_same "man finds ${page#*/}(${page%/*})" "$root/usr/share/man/man${page%/*}/${page#*/}.${page%/*}" \
			"$(man -M "$root/usr/share/man" -w "${page%/*}" "${page#*/}" 2>&1)"
	done
else
	tap_skip "man finds the pages" "man is not installed"
fi
mode() { stat -c %a "$root/$1"; }
tap_same "programs may be run, pages read" "755 755 644" \
	"$(mode usr/bin/cmsgtrace) $(mode usr/libexec/cmsgtrace/pktinfo-server) $(mode usr/share/man/man1/cmsgtrace.1)"
tap_is "make uninstall" run uninstall
tap_same "nothing is left" "" "$(files)"
tap_done
