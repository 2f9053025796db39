#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Debian's newest kernel of each series, fetched and unpacked beside each other, never installed.
#   tests/vm/fetch.sh [SERIES...]    6.1 and 6.12 where none is named
# They go to $CMSGTRACE_KERNELS, else ~/.cache/cmsgtrace/kernels: SERIES/boot, SERIES/lib/modules.  A series that
# can't be had is said; the exit status is 1 then.
set -u
cache=${CMSGTRACE_KERNELS:-${XDG_CACHE_HOME:-$HOME/.cache}/cmsgtrace/kernels}
status=0

say() { echo "fetch: $*" >&2; }

# newest SERIES: the package's name.  linux-image-6.1.0-56-amd64, linux-image-6.12.117+deb12-amd64
newest() {
	apt-cache search --names-only "^linux-image-$(echo "$1" | sed 's/\./\\./g')\.[0-9]" | cut -d ' ' -f 1 |
		grep -E "^linux-image-$1\.[0-9.]+(-[0-9]+)?(\+deb[0-9]+)?-amd64\$" | sort -V | tail -n 1
}

# unpack PACKAGE SERIES
unpack() {
	new=$cache/$2.new
	rm -rf "$new" && mkdir -p "$new/deb" || return 1
	(cd "$new/deb" && apt-get -qq download "$1" 2>/dev/null) || return 1
	dpkg -x "$new"/deb/*.deb "$new" || return 1
	if [ ! -d "$new/lib/modules" ]; then mv "$new/usr/lib" "$new/lib" || return 1; fi
	rm -rf "${new:?}/deb" "${new:?}/usr" "${new:?}"/boot/System.map*
	for release in "$new"/lib/modules/*; do depmod -b "$new" "$(basename "$release")" || return 1; done
	echo "$1" >"$new/package"
	rm -rf "${cache:?}/$2" && mv "$new" "$cache/$2"
}

[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] || { say "only Debian's amd64 kernels are known"; exit 1; }
PATH=$PATH:/usr/sbin:/sbin # depmod
command -v depmod >/dev/null || { say "depmod (kmod) is not installed"; exit 1; }
[ $# -gt 0 ] || set -- 6.1 6.12
for series; do
	package=$(newest "$series")
	if [ -z "$package" ]; then
		say "no linux-image-$series* is known to apt: its tests will be skipped"
		status=1
	elif [ "$(cat "$cache/$series/package" 2>/dev/null)" = "$package" ]; then
		say "$package is there"
	elif unpack "$package" "$series"; then
		say "$package unpacked into $cache/$series"
	else
		rm -rf "$cache/$series.new"
		say "$package can't be fetched and unpacked: its tests will be skipped"
		status=1
	fi
done
exit $status
