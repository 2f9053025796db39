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
	case $out in
	*"$text"*) [ $got -eq "$status" ] && return ;;
	esac
	echo "# status $got, said: $out"
	return 1
}

tap_is "a directory" said 2 "can't read /: Is a directory" --read=/
tap_is "no such file" said 2 "can't read /nonexistent/x: No such file" --read=/nonexistent/x
tap_is "an empty file" said 2 "/dev/null: error: neither a recording nor an strace log" --read=/dev/null
tap_is "no name" said 2 "--read needs the name of a file" --read=
tap_is "no name behind a format" said 125 "--format=sarif: needs the name of a file" --format=sarif: --read="$LOG"
if "$CMSGTRACE" --read="$LOG" --pcap=/dev/null 2>&1 | grep -q "can't read /dev/null: "; then
	tap_is "no such capture" said 2 "cmsgtrace: can't read /nonexistent/x: No such file" --pcap=/nonexistent/x --read="$LOG"
else
	tap_skip "no such capture" "built without libpcap"
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# foreign NAME TEXT: $dir/in is refused, in one line that holds TEXT
foreign() {
	tap_is "$1" said 2 "$2" --read="$dir/in"
	tap_same "$1: one line" 1 "$("$CMSGTRACE" --read="$dir/in" 2>&1 | wc -l)"
}
for tool in gzip xz zstd bzip2; do
	if command -v $tool >/dev/null 2>&1; then
		$tool -c <"$LOG" >"$dir/in"
		tap_is "compressed with $tool, from a file" said 1 "" --read="$dir/in"
		# shellcheck disable=SC2016
		tap_is "compressed with $tool, from a pipe" sh -c 'cat "$2" | "$1" --read=- 2>&1 |
			grep -q "error: compressed with '$tool'; read it by: '$tool' -dc | cmsgtrace --read=-"' sh "$CMSGTRACE" "$dir/in"
	else
		tap_skip "compressed with $tool" "$tool is not installed"
	fi
done
printf '\177ELF\2\1\1' >"$dir/in"
foreign "a program" "error: a program; to trace it, run cmsgtrace and its name"
printf '\324\303\262\241\2\0\4\0' >"$dir/in"
foreign "a packet capture" "error: a packet capture (pcap); cmsgtrace reads its own recordings"
printf '%% time     seconds  usecs/call     calls    errors syscall\n' >"$dir/in"
foreign "strace -c" "run strace without -c"
printf '     0.000 ( 0.004 ms): nc/1234 recvmsg(fd: 3<socket:[1]>, msg: 0x7ffd, flags: TRUNC) = 1\n' >"$dir/in"
foreign "perf trace" "error: lines of perf trace; they hold no control messages: run cmsgtrace itself, or strace"
printf '71 14:02:11.000000000 0 nginx (4711) > recvmsg fd=3(<4t>)\n' >"$dir/in"
foreign "sysdig" "error: lines of sysdig or falco; they hold no control messages"
{ printf '     0.000033 '; sed -n 1p "$LOG"; sed 1d "$LOG"; } >"$dir/in"
tap_is "strace -r is no perf trace" said 1 "" --read="$dir/in"
head -c 100000 /dev/urandom >"$dir/in"
foreign "random bytes" "error: binary data; cmsgtrace reads"
printf 'no log at all\nof anything\n' >"$dir/in"
foreign "other text" "error: neither a recording nor an strace log: no line is strace's"
{ cat "$LOG"; head -c 100000 /dev/urandom; } >"$dir/in"
tap_is "bytes behind a log are told" said 1 "lines of binary data are left out" --read="$dir/in"
{ printf '\357\273\277'; cat "$LOG"; } >"$dir/in"
tap_is "a byte order mark before a log" said 1 "" --read="$dir/in"
{ printf '\357\273\277'; cat "$top/tests/rules/CT101/bad.jsonl"; } >"$dir/in"
tap_is "a byte order mark before a recording" said 1 "" --read="$dir/in"
{ head -c 5000 /dev/zero; cat "$LOG"; } >"$dir/in"
tap_is "a log that was truncated under its writer" said 1 "" --read="$dir/in"
rm "$dir/in"
mkfifo "$dir/in"
cat "$LOG" >"$dir/in" &
tap_is "a FIFO" said 1 "" --read="$dir/in"
wait

# Two files are opened before the first is read: the second shrinks meanwhile.
i=0
while [ $i -lt 1000 ]; do
	cat "$LOG"
	i=$((i + 1))
done >"$dir/shrinks"
"$CMSGTRACE" --read="$dir/in" --read="$dir/shrinks" >/dev/null 2>"$dir/said" &
pid=$!
exec 3>"$dir/in"
cat "$LOG" >&3
i=0
while ! readlink /proc/$pid/fd/* | grep -q '/shrinks$' && [ $i -lt 200 ]; do
	sleep 0.05
	i=$((i + 1))
done
sleep 0.2 # its beginning is looked at
truncate -s 600000 "$dir/shrinks"
exec 3>&-
wait $pid
tap_same "a file that shrinks: status" 2 $?
tap_is "a file that shrinks is told" grep -q \
	"shrinks: error: it shrank while it was read: 600000 of $(($(wc -c <"$LOG") * 1000)) bytes were there" "$dir/said"

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
# who reaps the command of an output differs: the reader of a log itself, the tracer as one of its children
lost="ended with status 127 (not found): its output is lost"
tap_is "a command for the output that is not there, replay" said 125 "'|nosuchcmd' $lost" --read="$LOG" -o '|nosuchcmd'
if "$CMSGTRACE" -o /dev/null -- /bin/true 2>/dev/null; then
	tap_is "a command for the output that is not there, live" said 125 "'|nosuchcmd' $lost" -o '|nosuchcmd' -- /bin/sleep 0.2
	tap_is "… of a recording" said 125 "'|nosuchcmd' $lost" --record='|nosuchcmd' -o /dev/null -- /bin/sleep 0.2
	tap_is "a command for the output that fails is told" said 5 "ended with status 3" -o '|exit 3' -- /bin/sh -c 'sleep 0.2; exit 5'
	# shellcheck disable=SC2016 # expanded by the shell that dies
	tap_is "a command for the output that dies is told" said 125 "killed by signal 9" -o '|kill -9 $$' -- /bin/true
else
	tap_skip "commands for the output, live" "nothing can be traced here"
fi
tap_done
