#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Proves: the pure folders import nothing that talks to the system. What they may call is listed here by name, so that
# an addition is a decision; alloc.c and stream.c are the places that end the program or write. pthread_once
# guards a table that is made of constant rows at its first use.
# shellcheck disable=SC2154 source=/dev/null
. "$srcdir/tests/tap.sh"

allowed='calloc malloc realloc free exit stderr fwrite write
	memccpy memchr memcmp memcpy memmem memmove memrchr memset mempcpy qsort bsearch
	strcasecmp strcasestr strchr strchrnul strcmp strcspn strdup strlen strncasecmp strncat strncmp strndup strnlen
	strpbrk strrchr strspn strstr strtok_r strtol strtoll strtoul strtoull strtod isoc23_strtol
	inet_ntop inet_pton snprintf vsnprintf localtime_r gmtime_r strftime
	sigabbrev_np strerrordesc_np strerrorname_np __errno_location __ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc
	__assert_fail __stack_chk_fail fnmatch pthread_once'

command -v nm >/dev/null 2>&1 || tap_all_skipped "nm is not installed"
# shellcheck disable=SC2154
lib=$builddir/libcmsg.a
[ -f "$lib" ] || tap_all_skipped "libcmsg.a is not built"

nm --defined-only "$lib" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u >"$builddir/tests/unit/pure.defined"
imports=$(nm -u "$lib" 2>/dev/null | awk '$1 == "U" { print $2 }' | sort -u |
	comm -23 - "$builddir/tests/unit/pure.defined" |
	grep -vE '^(json_|__(asan|ubsan|sanitizer|lsan|tsan|sancov|gcov|isoc)|_GLOBAL_OFFSET_TABLE_)')
rm -f "$builddir/tests/unit/pure.defined"
tap_is "the library has imports at all" test -n "$imports"

foreign=
for symbol in $imports; do
	plain=$(echo "$symbol" | sed -E 's/^__(.*)_chk$/\1/')
	case " $(echo "$allowed" | tr -s "\n\t" "  ") " in
	*" $symbol "* | *" $plain "*) ;;
	*) foreign="$foreign $symbol" ;;
	esac
done
tap_same "the pure folders import only what is listed" "" "$foreign"
tap_done
