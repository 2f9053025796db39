#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The predicted source of a message is the one that its packet arrives with: two namespaces joined by two
# veth pairs, several addresses, policy rules, marks, uids, devices.
. "${srcdir:-.}/tests/tap.sh"

probe=${builddir:-.}/tests/live/route-probe
a=cmsgtrace-a-$$ b=cmsgtrace-b-$$

[ "$(id -u)" = 0 ] || tap_all_skipped "making network namespaces needs root"
command -v ip >/dev/null || tap_all_skipped "ip (iproute2) is not installed"
# shellcheck disable=SC2317 # called by trap
cleanup() {
	ip netns del "$a" 2>/dev/null
	ip netns del "$b" 2>/dev/null
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
if ! ip netns add "$a" 2>/dev/null || ! ip netns add "$b" 2>/dev/null; then
	tap_all_skipped "network namespaces can't be made here"
fi
ip netns exec "$a" true 2>/dev/null || tap_all_skipped "network namespaces can't be entered here"

set -e
for ns in "$a" "$b"; do
	ip -n "$ns" link set lo up
	# shellcheck disable=SC2016 # expanded in there
	ip netns exec "$ns" sh -c '
		for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >"$f"; done
		echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
		echo 0 >/proc/sys/net/ipv6/conf/all/accept_dad
		echo 1 >/proc/sys/net/ipv4/ip_forward'
done
ip -n "$a" link add va type veth peer name vb netns "$b"
ip -n "$a" link add wa type veth peer name wb netns "$b"
for l in va wa; do ip -n "$a" link set $l up; done
for l in vb wb; do ip -n "$b" link set $l up; done
ip -n "$a" addr add 10.77.0.1/24 dev va
ip -n "$a" addr add 10.77.0.11/24 dev va
ip -n "$a" addr add 10.78.0.1/24 dev wa
ip -n "$a" addr add 10.79.0.1/32 dev lo
ip -n "$b" addr add 10.77.0.2/24 dev vb
ip -n "$b" addr add 10.78.0.2/24 dev wb
ip -n "$a" route add default via 10.77.0.2
ip -n "$a" addr add fd77::1/64 dev va nodad
ip -n "$a" addr add fd77::11/64 dev va nodad
ip -n "$a" addr add fd78::1/64 dev wa nodad
ip -n "$a" addr add fd79::1/128 dev lo nodad
ip -n "$b" addr add fd77::2/64 dev vb nodad
ip -n "$b" addr add fd78::2/64 dev wb nodad
ip -n "$a" -6 route add default via fd77::2
link_local() { ip -n "$1" -6 -o addr show dev "$2" scope link | sed 's/.*inet6 \([^/]*\).*/\1/'; }
# addresses of links come up by themselves
for i in 1 2 3 4 5 6 7 8 9 10; do
	case "$(link_local "$b" vb)" in fe80*) break ;; esac
	sleep 0.2
done
fe=$(link_local "$b" vb)
set +e

vrf=
if ip -n "$a" link add vrf1 type vrf table 66 2>/dev/null; then
	ip -n "$a" link set vrf1 up
	vrf=yes
fi

"$probe" "$a" "$b" <<EOF
# first, since here the namespace is entered by the socket and not by its process
a socket of another namespace than its process's | 10.77.0.2 | elsewhere

# what the address alone decides
plain v4 | 10.77.0.2 | many
second link | 10.78.0.2 |
through the default route | 198.51.100.9 |
bound | 10.77.0.2 | bind=10.77.0.11
bound to the other link's address | 10.77.0.2 | bind=10.78.0.1
bound to lo's address | 198.51.100.9 | bind=10.79.0.1
connected | 10.77.0.2 | connect
connected and bound | 10.77.0.2 | connect bind=10.77.0.11
loopback | 127.0.0.2 | many
own address | 10.77.0.11 | many
own address on lo | 10.79.0.1 |
empty destination | 0.0.0.0 |
a dual stack socket to v4 | 10.77.0.2 | sock=6
a dual stack socket to v4, other link | 10.78.0.2 | sock=6
a dual stack socket bound to v4 | 10.77.0.2 | sock=6 bind=10.77.0.11
a dual stack socket connected to v4 | 10.78.0.2 | sock=6 connect
v6 | fd77::2 | sock=6 many
v6 second link | fd78::2 | sock=6
v6 through the default route | 2001:db8::9 | sock=6
v6 bound | fd77::2 | sock=6 bind=fd77::11
v6 bound to lo's address | fd77::2 | sock=6 bind=fd79::1
v6 connected | fd77::2 | sock=6 connect
v6 loopback | ::1 | sock=6 one
v6 own address | fd77::11 | sock=6
v6 empty destination | :: | sock=6
v6 link-local | $fe | sock=6 scope=va one

# interfaces
device | 10.77.0.2 | device=va
device of another link | 10.77.0.2 | device=wa
device, through no route | 198.51.100.9 | device=va
device, dual stack | 10.78.0.2 | device=wa sock=6
v6 device | fd77::2 | sock=6 device=va
v6 device of another link | fd77::2 | sock=6 device=wa
unicast_if | 198.51.100.9 | uif=va
unicast_if of another link | 10.78.0.2 | uif=wa
unicast_if, dual stack | 10.78.0.2 | uif=wa sock=6
v6 unicast_if | fd78::2 | uif6=wa sock=6
message's interface | 10.77.0.2 | oif=va
message's interface, other than the route's | 10.78.0.2 | oif=wa
message's interface against device | 10.77.0.2 | oif=va device=wa
message's interface against unicast_if | 10.77.0.2 | oif=va uif=wa
v6 message's interface | fd77::2 | oif=va sock=6

# a pktinfo that names no source
empty pktinfo | 10.77.0.2 | zero
empty pktinfo on a bound socket | 10.77.0.2 | zero bind=10.77.0.11
empty pktinfo on a connected socket | 10.78.0.2 | zero connect bind=10.77.0.11
pktinfo with an interface on a bound socket | 10.77.0.2 | oif=va bind=10.77.0.11
empty v6 pktinfo on a bound socket | fd77::2 | zero bind=fd77::1 sock=6

# multicast and broadcast
multicast by address | 239.1.2.3 | mif=10.77.0.11
multicast by address, other link | 239.1.2.3 | mif=10.78.0.1
multicast by address, device | 239.1.2.3 | mif=10.77.0.11 device=va
multicast, interface may be set by index | 239.1.2.3 | unknown
multicast, message's interface | 239.1.2.3 | oif=wa
multicast, device | 239.1.2.3 | device=wa
multicast, bound | 239.1.2.3 | bind=10.78.0.1 mif=10.77.0.11
v6 multicast | ff05::77 | sock=6 mif6=va
v6 multicast, other link | ff05::77 | sock=6 mif6=wa
v6 multicast, link scope | ff02::77 | sock=6 scope=wa
subnet broadcast | 10.77.0.255 | broadcast
all ones, device | 255.255.255.255 | broadcast device=wa
bound to a multicast group | 10.77.0.2 | bind=239.9.9.9
bound to the subnet's broadcast address | 10.77.0.2 | bind=10.77.0.255
v6 bound to a multicast group | fd77::2 | sock=6 bind=ff05::99

# what has no way
! ip -n $a route add unreachable 203.0.113.0/24
! ip -n $a route add prohibit 203.0.113.128/25
! ip -n $a route add blackhole 192.0.2.0/24
unreachable | 203.0.113.1 |
prohibit | 203.0.113.200 |
blackhole | 192.0.2.1 |
! ip -n $a -6 route add unreachable 2001:db8:1::/48
v6 unreachable | 2001:db8:1::1 | sock=6

# changes are heard of
! ip -n $a route add 198.51.100.0/24 via 10.77.0.2 src 10.77.0.11
route with a source | 198.51.100.9 |
! ip -n $a route replace 198.51.100.0/24 via 10.77.0.2 src 10.79.0.1
route with lo's source | 198.51.100.9 |
! ip -n $a route del 198.51.100.0/24
route gone | 198.51.100.9 |
! ip -n $a -6 route add 2001:db8:2::/48 via fd77::2 src fd79::1
v6 route with a source | 2001:db8:2::1 | sock=6
! ip -n $a -6 route del 2001:db8:2::/48
v6 route gone | 2001:db8:2::1 | sock=6
! ip -n $a addr add 10.77.0.3/24 dev va
! ip -n $a addr del 10.77.0.1/24 dev va
after the primary address went, its secondaries too | 10.77.0.2 |
! ip -n $a addr add 10.77.0.1/24 dev va
! ip -n $a addr add 10.77.0.11/24 dev va
! ip -n $a route replace default via 10.77.0.2
an address again | 10.77.0.2 |

# several paths
! ip -n $a route add 192.0.2.64/26 nexthop via 10.77.0.2 nexthop via 10.78.0.2
! ip -n $a -6 route add 2001:db8:3::/48 nexthop via fd77::2 nexthop via fd78::2
$(for i in 65 66 67 68 69 70 71 72; do
	echo "by address $i | 192.0.2.$i | sport=$((3000 + i))"
	echo "v6 by address $i | 2001:db8:3::$i | sock=6 sport=$((3000 + i))"
done)
! ip netns exec $a sh -c 'echo 1 >/proc/sys/net/ipv4/fib_multipath_hash_policy'
! ip netns exec $a sh -c 'echo 1 >/proc/sys/net/ipv6/fib_multipath_hash_policy'
$(for i in 1 2 3 4 5 6 7 8; do
	echo "by port $i | 192.0.2.65 | sport=4000 dport=$((4000 + i))"
	echo "v6 by port $i | 2001:db8:3::1 | sock=6 sport=4000 dport=$((4000 + i))"
done)

# rules
! ip -n $a route add default via 10.78.0.2 dev wa table 100
! ip -n $a -6 route add default via fd78::2 dev wa table 100
! ip -n $a rule add fwmark 7 table 100
! ip -n $a -6 rule add fwmark 7 table 100
no mark | 198.51.100.9 |
mark | 198.51.100.9 | mark=7
another mark | 198.51.100.9 | mark=8
mark, dual stack | 198.51.100.9 | mark=7 sock=6
v6 mark | 2001:db8::9 | mark=7 sock=6
the message's mark | 198.51.100.9 | cmark=7
the message's mark wins | 198.51.100.9 | cmark=8 mark=7
the message's mark, v6 | 2001:db8::9 | cmark=7 sock=6
! ip -n $a rule add uidrange 1234-1234 table 100
! ip -n $a -6 rule add uidrange 1234-1234 table 100
the socket's owner | 198.51.100.9 | uid=1234
another owner | 198.51.100.9 | uid=1235
v6 owner | 2001:db8::9 | uid=1234 sock=6
! ip -n $a rule add tos 0x10 table 100
tos | 198.51.100.9 | tos=0x10
another tos | 198.51.100.9 | tos=0x08
the message's tos | 198.51.100.9 | ctos=0x10
the message's tos wins | 198.51.100.9 | ctos=0x08 tos=0x10
! ip -n $a -6 rule add tos 0x10 table 100
v6 class | 2001:db8::9 | tclass=0x10 sock=6
the message's class | 2001:db8::9 | ctclass=0x10 sock=6
an ignored tos | 2001:db8::9 | ctos=0x10 sock=6
! ip -n $a rule add to 198.51.100.0/24 ipproto udp dport 5300 table 100
the peer's port | 198.51.100.9 | dport=5300
another port | 198.51.100.9 | dport=5301
! ip -n $a rule add to 198.51.100.0/24 ipproto udp sport 5353 table 100
the own port | 198.51.100.9 | sport=5353
! ip -n $a rule add to 198.51.100.0/24 ipproto tcp dport 5310 table 100
a rule for another protocol | 198.51.100.9 | dport=5310
! ip -n $a rule add from 10.79.0.1 table 100
a rule by source | 198.51.100.9 | bind=10.79.0.1

# what a lookup can't be told
v6 preferences for the source | fd77::2 | sock=6 prefs=2 unknown
v6 preferences, but bound | fd77::2 | sock=6 prefs=2 bind=fd77::1

# addresses that aren't on an interface
! ip -n $a route add local 10.90.0.0/24 dev lo
a local route, freebind | 10.77.0.2 | bind=10.90.0.7
to a local route | 10.90.0.7 |
foreign address, transparent | 10.77.0.2 | transparent bind=10.91.0.1
foreign address, freebind | 10.77.0.2 | freebind bind=10.91.0.1
$(if [ $vrf ]; then
	cat <<VRF
! ip -n $a link set wa master vrf1
in a vrf, not its socket | 10.77.0.2 |
in a vrf | 10.78.0.2 | device=vrf1
VRF
fi)
EOF
rc=$?
[ "$vrf" ] || echo "# no VRF in this kernel: its cases were left out"
exit $rc
