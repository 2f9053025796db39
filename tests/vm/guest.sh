#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs in the guest, in the host's root: brings it up, then runs the tests that /run/vm/list names, one a line:
#   SECONDS TEST [VARIABLE=VALUE...]
# Each leaves NAME.log and NAME.status in /run/vm, where the host reads them; /run/vm/environment is taken first.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
export PATH HOME LC_ALL
# shellcheck source=/dev/null # says where the tree is
. /run/vm/environment
: "${srcdir:?}" "${builddir:?}"
# Families and what their sockets need, where this kernel has them.
modules="af_alg algif_hash algif_skcipher algif_aead algif_rng tls sctp can can_raw can_bcm can_isotp can_j1939 vcan tipc
rds rds_tcp smc smc_diag bluetooth sch_fq sch_etf sch_prio vrf vsock vsock_loopback vmw_vsock_virtio_transport_common
llc2 dccp dccp_ipv4 dccp_ipv6 rxrpc af_key l2tp_ip qrtr mptcp_diag unix_diag inet_diag udp_diag tcp_diag raw_diag
packet_diag netlink_diag veth dummy tun esp4 espintcp"
for module in $modules; do modprobe -q "$module" 2>/dev/null; done
hostname guest
ip link set lo up
# what Debian's own set-up would have done
sysctl -q -w net.ipv4.ping_group_range="0 65535" kernel.core_pattern=core fs.nr_open=1048576
cd "$builddir" || exit 1
while read -r seconds test variables; do
	name=$(echo "${test%.*}" | tr / -)
	echo "vm: $test"
	case $test in
	*.py) with=python3 ;;
	*.sh) with="sh" ;;
	tests/unit/*) with="sh $srcdir/tests/tap-cmocka" ;;
	*) with= ;;
	esac
	path=$srcdir/$test
	[ -n "$with" ] && [ -e "$path" ] || path=$builddir/$test
	# shellcheck disable=SC2086 # words, on purpose
	timeout -k 5 "$seconds" env $variables $with "$path" >"/run/vm/$name.log" 2>&1 </dev/null
	echo $? >"/run/vm/$name.status"
done </run/vm/list
echo "vm: done"
busybox reboot -f
