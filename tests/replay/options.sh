#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Proves: what strace 6.1 takes on its command line is taken, or refused with a line that says what does
# its work here; values are checked.  (--help runs nothing, and comes after the options were read.)
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck disable=SC2317 source=/dev/null # functions called by tap_is
. "$top/tests/tap.sh"
CMSGTRACE=${CMSGTRACE:-./cmsgtrace}
LOG=$top/tests/replay/data/level-mistake.strace
unset CMSGTRACE_OPTS

taken() { "$CMSGTRACE" "$@" --help >/dev/null 2>&1; }
# refused TEXT ARG...: ends with 125, and says TEXT
refused() {
	text=$1
	shift
	out=$("$CMSGTRACE" "$@" --help 2>&1 >/dev/null)
	got=$?
	[ $got -eq 125 ] && [ "${out#*"$text"}" != "$out" ] && return
	echo "# status $got, said: $out"
	return 1
}

for o in -A -C -c -D -DD -DDD -f -ff -h -k -q -qq -qqq -r -t -tt -ttt -T -v -V -x -xx -y -yy -z -Z \
	-F -I1 -I2 -I3 -I4 -Inever --interruptible=waiting -bexecve -Eset=1 -Eset -p1 -p1,2 -a20 -s80 -o/dev/null -P/dev/null \
	--seccomp-bpf --kill-on-exit --output-separately --follow-forks --detach-on=execve --daemonize \
	--daemonize=grandchild --daemonize=pgroup --daemonize=session --summary --summary-only \
	--relative-timestamps=ns --syscall-times=ms --absolute-timestamps=format:unix,precision:ns \
	--absolute-timestamps=us --absolute-timestamps=none --decode-fds=path,socket --decode-fds=dev,pidfd \
	--strings-in-hex=non-ascii-chars --quiet=attach,personality --quiet=exit,path-resolution \
	--stack-trace --stack-traces --stack-trace=symbol --stack-trace=source --silent=exit --silence=attach \
	--signal=SIGHUP,RT_1 --signals=sigchld,SIGIO,io,sigrt_2 --always-show-pid --trace-fds=3 --status=failed --trace=%net --trace-path=/ \
	-etrace=none -etrace=!all -etrace=?nosuchcall -esendmsg -e/^send -e%desc -efile -esignal=!SIGCHLD \
	-equiet=exit -edecode-fds=socket -eabbrev=none -estatus=!unfinished -efd=3,4 -efds=!3 \
	-etrace-fds=3 -esilent=exit -esilence=all; do
	tap_is "$o is taken" taken "$o"
done
for o in -d -i -n -w -O1 -Stime -Uname -Xraw -Y --debug --instruction-pointer --syscall-number --tips \
	--tips=none --summary-wall-clock --summary-sort-by=time --summary-columns=name --decode-pids=comm \
	--const-print-style=raw --raw=all --verbose=all --write=3 --inject=sendto:error=EIO --fault=sendto \
	--kvm=vcpu -eraw=all -everbose=none -eread=3 -ewrite=3 -ereads=3 --writes=3 --pidns-translation \
	-edecode-pids=comm -einject=sendto -efault=sendto -ekvm=vcpu; do
	tap_is "$o is refused with what to do instead" refused "is not there: " "$o"
done
tap_is "an ABI of a call" refused "leave out '@64'" -e trace=sendmsg@64
for q in trace fd signal status cmsg sock check; do
	tap_is "$q= of nothing" refused "-e $q= needs a value" -e $q=
	tap_is "$q= of ',' and '!'" refused "-e $q= needs a value" -e $q='!,'
done
tap_is "--check= of nothing, as of a variable that is not set" refused "-e check= needs a value" --check=
tap_is "a '!' that takes nothing out" refused "no rule ''" --check='CT1,!'
tap_is "a call that there is not" refused "invalid system call 'foo'" -e trace=foo
tap_is "a signal that there is not" refused "invalid signal '9999'" -e signal=9999
tap_is "a real-time signal that there is not" refused "invalid signal 'RT_99'" -e signal=RT_99
tap_is "a word of --quiet that there is not" refused "not 'foo'" --quiet=exit,foo
tap_is "-I out of its range" refused "not '5'" -I 5
tap_is "a stack of what there is not" refused "not 'foo'" --stack-trace=foo
tap_is "an option with a letter too few" refused "did you mean '--format'?" --formt=text
tap_is "an option with a letter too many" refused "did you mean '--follow-forks'?" --folllow-forks
tap_is "an option with two letters exchanged" refused "did you mean '--baseline'?" --basleine=x
# shellcheck disable=SC2016 # the inner shell expands it
tap_is "an option that is like no other" sh -c '! "$1" --xyzzy true 2>&1 | grep -q "did you mean"' sh "$CMSGTRACE"
# shellcheck disable=SC2016 # the inner shell expands it
tap_is "an option that could be two is none of them" \
	sh -c '! "$1" --stack-trac true 2>&1 | grep -q "did you mean"' sh "$CMSGTRACE"
tap_is "-b with a filter, which can't be let go" refused "-b execve needs --engine=syscall" -b execve --engine=seccomp true
tap_is "a precision that there is not" refused "not 'ps'" --syscall-times=ps
tap_is "a status that hides a failure" refused "a number from 1 to 255, not '0'" --error-exitcode=0
tap_is "a status that there is not" refused "a number from 1 to 255, not '256'" --error-exitcode=256
tap_is "no events at all" refused "a number from 1 to" --max-events=0
for o in net pcap pcapng output record suppressions gen-suppressions baseline write-baseline; do
	tap_is "--$o of no file" refused "--$o needs the name of a file" --$o=
done
# shellcheck disable=SC2016 # the inner shell expands it
tap_is "-ff without a file is told" sh -c '"$1" -ff --read="$2" 2>&1 >/dev/null | grep -q "ff has no effect"' sh "$CMSGTRACE" "$LOG"
tap_is "a negative limit" refused "not '-1'" -s -1
tap_is "a limit beyond memory" refused "not '99999999999'" -s 99999999999

# said TEXT ARG...: refused with 125 where it would run
# shellcheck disable=SC2317
said() {
	text=$1
	shift
	out=$("$CMSGTRACE" "$@" 2>&1)
	[ $? -eq 125 ] && [ "${out#*"$text"}" != "$out" ] && return
	echo "# said: $out"
	return 1
}
for o in --error-exitcode=7 --fail-on=warning; do
	tap_is "-D has no use for $o" said "would do nothing" -D $o true
done
# what the variable holds: options, and errors say that they are from there
CMSGTRACE_OPTS="-e trace=sendmsg -q --"
export CMSGTRACE_OPTS
tap_is "options of the variable" taken -qq
CMSGTRACE_OPTS=true
tap_is "a command in the variable" said "'true' in the variable CMSGTRACE_OPTS is no option" false
CMSGTRACE_OPTS="-q -- true"
tap_is "a command in the variable, behind --" said "'true' in the variable CMSGTRACE_OPTS is no option" false
CMSGTRACE_OPTS="-q -o"
tap_is "half an option in the variable" said "this is in the variable CMSGTRACE_OPTS: -q -o" /dev/null true
CMSGTRACE_OPTS=--nosuch
tap_is "an option of the variable that there is not" said "this is in the variable CMSGTRACE_OPTS: --nosuch" true
CMSGTRACE_OPTS=-s-1
tap_is "a value of the variable that is wrong" said "this is in the variable CMSGTRACE_OPTS: -s-1" true
CMSGTRACE_OPTS=--format=gcc
# shellcheck disable=SC2016 # the inner shell expands it
tap_is "a format of the variable is for runs" sh -c '"$1" --list-rules >/dev/null' sh "$CMSGTRACE"
unset CMSGTRACE_OPTS
# what is shown in place of a run takes what it can show
for o in --explain=CT101 --list-rules --list-cmsgs --doctor --demo; do
	tap_is "$o with an operand" said "takes no operand: 'x'" "$o" x
done
for o in --explain=CT101 --list-rules; do
	tap_is "$o as JSON" said "has no --format=json (text)" "$o" --format=json
done
for o in --list-cmsgs --doctor; do
	tap_is "$o as SARIF" said "has no --format=sarif (text json jsonl)" "$o" --format=sarif
	tap_is "$o to a file" said "has no --format=json:x (text json jsonl)" "$o" --format=json:x
done
# shellcheck disable=SC2046 # 10000 words
tap_is "10000 options" taken $(i=0; while [ $i -lt 5000 ]; do printf -- '-e fd=%d ' $i; i=$((i + 1)); done)
# checked RULES SET: of CT101, CT201 and CT902, which all speak, those that are chosen do
# shellcheck disable=SC2317
checked() {
	[ "$1" = "$("$CMSGTRACE" --read="$LOG" --format=gcc --check="$2" | sed -n 's/.* \[\(CT[0-9]*\)\]$/\1/p' | sort -u | tr '\n' ' ')" ]
}
tap_is "check=: all" checked "CT101 CT201 CT902 " all
tap_is "check=: an exclusion" checked "CT201 CT902 " '!CT101'
tap_is "check=: an exclusion of several" checked "CT902 " '!CT101,CT201'
tap_is "check=: several exclusions" checked "CT902 " '!CT101,!CT201'
tap_is "check=: several exclusions, of which one is empty" checked "CT101 CT902 " '!,!CT201'
tap_is "check=: a family without one of it" checked "" 'CT1,!CT101'
tap_is "check=: a family without one of it, and another" checked "CT201 " 'CT1,!CT101,CT2'
why="ended at the first finding that counts (--exit-on-first-error)"
tap_same "--exit-on-first-error says so" "cmsgtrace: $why" \
	"$("$CMSGTRACE" --exit-on-first-error --read="$LOG" -o /dev/null 2>&1)"
tap_same "--exit-on-first-error says so, not with -q" "" "$("$CMSGTRACE" -q --exit-on-first-error --read="$LOG" -o /dev/null 2>&1)"
tap_same "--exit-on-first-error where nothing counts" "" \
	"$("$CMSGTRACE" --exit-on-first-error --check=none --read="$LOG" -o /dev/null 2>&1)"
# the call that a finding names, and the same findings from what was printed
numbered=$("$CMSGTRACE" --event-numbers --read="$LOG")
named=$(printf '%s\n' "$numbered" | sed -n 's/.*(recvmsg, event \([0-9]*\)).*/\1/p' | head -1)
# shellcheck disable=SC2317
found() { printf '%s\n' "$numbered" | grep -q "recvmsg(.*) = [0-9]* \[event ${named:-none}\]\$"; }
tap_is "--event-numbers: the call that a finding names is found" found
# shellcheck disable=SC2016 # expanded in there
tap_is "-C shows a summary where nothing was found" \
	sh -c '"$1" -C --read="$2" -e check=none | grep -q "nothing found"' sh "$CMSGTRACE" "$LOG"
tap_done
