/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Payloads (little endian, as on the wire between kernel and program) and what they say. */

static const struct golden golden[] = {
	/* SOL_SOCKET: strace's shapes */
	{ NULL, 1, 1, "03000000 07000000", "[3, 7]" },
	{ NULL, 1, 1, "ffffffff 0700", "[-1]" },
	{ NULL, 1, 1, "0300", "\"0300\"" },
	{ NULL, 1, 1, "", "nothing" },
	{ NULL, 1, 2, "d2040000 e8030000 ffffffff", "{pid=1234, uid=1000, gid=-1}" },
	{ NULL, 1, 3, "756e636f6e66696e656400", "\"unconfined\\x00\"" },
	{ NULL, 1, 4, "05000000", "5" },
	{ NULL, 1, 12, "06000000", "[6]" },
	{ NULL, 1, 29, "0068e35e00000000 40e2010000000000", "{tv_sec=1591961600, tv_usec=123456}" },
	{ "i386", 1, 29, "0068e35e 40e20100", "{tv_sec=1591961600, tv_usec=123456}" },
	{ "x32", 1, 29, "0068e35e00000000 40e2010000000000",
	  "{tv_sec=1591961600, tv_usec=123456}" },
	{ NULL, 1, 29, "0068e35e 40e20100", "\"0068e35e40e20100\"" },
	{ NULL, 1, 35, "0100000000000000 15cd5b0700000000", "{tv_sec=1, tv_nsec=123456789}" },
	{ "i386", 1, 35, "ffffffff 15cd5b07", "{tv_sec=-1, tv_nsec=123456789}" },
	{ NULL, 1, 36, "2a000000", "[0x2a]" },
	{ NULL, 1, 37,
	  "0100000000000000 0200000000000000 0000000000000000 0000000000000000 0300000000000000 "
	  "0400000000000000",
	  "[{tv_sec=1, tv_nsec=2}, {tv_sec=0, tv_nsec=0}, {tv_sec=3, tv_nsec=4}]" },
	{ "i386", 1, 37, "01000000 02000000 00000000 00000000 03000000 04000000",
	  "[{tv_sec=1, tv_nsec=2}, {tv_sec=0, tv_nsec=0}, {tv_sec=3, tv_nsec=4}]" },
	{ NULL, 1, 37, "02010000", "[SOF_TIMESTAMPING_TX_SOFTWARE|SOF_TIMESTAMPING_TX_SCHED]" },
	{ NULL, 1, 37, "01000000 02000000 00000000 00000000 03000000 04000000",
	  "[{tv_sec=8589934593, tv_nsec=0}, \"0300000004000000\"] /* 24 of 48 bytes */" },
	{ NULL, 1, 40, "11000000", "[17]" },
	{ NULL, 1, 54, "0c000100 e803000000000000 05000e00 02000000 08000400 07000000",
	  "[{nla_type=TCP_NLA_BUSY, nla_data=1000}, {nla_type=TCP_NLA_CA_STATE, nla_data=2}, "
	  "{nla_type=TCP_NLA_DATA_SEGS_OUT, nla_data=7}]" },
	{ NULL, 1, 54, "04000000 0c000600 ffffffffffffffff",
	  "[{nla_type=TCP_NLA_PACING_RATE, nla_data=18446744073709551615}]" },
	{ NULL, 1, 54, "08000400 07000000 ff000400 0102",
	  "[{nla_type=TCP_NLA_DATA_SEGS_OUT, nla_data=7}, \"ff0004000102\"]" },
	{ NULL, 1, 54, "08000400 07000000 0102",
	  "[{nla_type=TCP_NLA_DATA_SEGS_OUT, nla_data=7}, \"0102\"]" },
	{ NULL, 1, 58, "02000000 2a050000 00000000 00000000", "{if_index=if 2, pkt_length=1322}" },
	{ NULL, 1, 61, "00ca9a3b00000000", "[1000000000]" },
	{ "i386", 1, 63, "0100000000000000 0200000000000000", "{tv_sec=1, tv_usec=2}" },
	{ "i386", 1, 64, "0100000000000000 0200000000000000", "{tv_sec=1, tv_nsec=2}" },
	{ "i386", 1, 65,
	  "0100000000000000 0200000000000000 0000000000000000 0000000000000000 0300000000000000 "
	  "0400000000000000",
	  "[{tv_sec=1, tv_nsec=2}, {tv_sec=0, tv_nsec=0}, {tv_sec=3, tv_nsec=4}]" },
	{ NULL, 1, 79, "0010000000000000 00100000 07000000 01000000 00000000",
	  "{frag_offset=4096, frag_size=4096, frag_token=7, dmabuf_id=1, flags=0}" },
	{ NULL, 1, 79, "05000000", "[5]" },
	{ NULL, 1, 81, "efbeadde", "[3735928559]" },
	{ NULL, 1, 84, "00040000", "[1024]" },
	{ NULL, 1, 999, "abcd", "\"abcd\"" },

	/* SOL_IP: strace's shapes */
	{ NULL, 0, 1, "10", "[0x10 /* DSCP 4, ECN Not-ECT */]" },
	{ NULL, 0, 1, "01000000", "[0x1 /* DSCP CS0, ECN ECT(1) */, 0, 0, 0]" },
	{ NULL, 0, 2, "40000000", "[64]" },
	{ NULL, 0, 6, "070704c0000201 00", "[0x7, 0x7, 0x4, 0xc0, 0, 0x2, 0x1, 0]" },
	{ NULL, 0, 7, "", "nothing" },
	{ NULL, 0, 8, "02000000 c6336435 c6336401",
	  "{ipi_ifindex=if 2, ipi_spec_dst=198.51.100.53, ipi_addr=198.51.100.1}" },
	{ NULL, 0, 8, "02000000 c6336435", "\"02000000c6336435\"" },
	{ NULL, 0, 11, "6f000000 02030300 00000000 00000000 0200000a 7f000001 0000000000000000",
	  "{ee_errno=111 /* ECONNREFUSED */, ee_origin=2 /* SO_EE_ORIGIN_ICMP */, ee_type=3 /* ICMP_DEST_UNREACH */, ee_code=3 /* ICMP_PORT_UNREACH */, ee_info=0, ee_data=0, "
	  "offender=127.0.0.1:10}" },
	{ NULL, 0, 11, "6f000000 02030300 00000000 00000000",
	  "\"6f000000020303000000000000000000\"" },
	{ NULL, 0, 20, "02000035 7f000002 0000000000000000", "127.0.0.2:53" },
	{ NULL, 0, 23, "34120000", "[4660]" },
	{ NULL, 0, 25, "dc050000", "[1500]" },
	{ NULL, 0, 52, "11000000", "[IPPROTO_UDP]" },
	{ NULL, 0, 52, "e7030000", "[0x3e7]" },

	/* SOL_IPV6 */
	{ NULL, 41, 50, "fd000000 00000000 00000000 00000001 02000000",
	  "{ipi6_addr=fd00::1, ipi6_ifindex=if 2}" },
	{ NULL, 41, 50, "00000000 00000000 0000ffff c6336435 00000000",
	  "{ipi6_addr=::ffff:198.51.100.53, ipi6_ifindex=if 0}" },
	{ NULL, 41, 2, "fe800000 00000000 00000000 00000001 03000000",
	  "{ipi6_addr=fe80::1, ipi6_ifindex=if 3}" },
	{ NULL, 41, 11, "0b812345", "{traffic_class=0xb8, flow_label=0x12345}" },
	{ NULL, 41, 11, "6b812345", "{version=0x6, traffic_class=0xb8, flow_label=0x12345}" },
	{ NULL, 41, 52, "40000000", "[64]" },
	{ NULL, 41, 52, "ffffffff", "[-1 /* default */]" },
	{ NULL, 41, 8, "07000100", "[65543]" },
	{ NULL, 41, 67, "b8000000", "[0xb8 /* DSCP EF, ECN Not-ECT */]" },
	{ NULL, 41, 67, "02000000", "[0x2 /* DSCP CS0, ECN ECT(0) */]" },
	{ NULL, 41, 67, "0f000000", "[0xf /* DSCP 3, ECN CE */]" },
	{ NULL, 41, 67, "ffffffff", "[-1]" },
	{ NULL, 41, 67, "00010000", "[256]" },
	{ NULL, 41, 62, "01000000", "[1]" },
	{ NULL, 41, 77, "00050000", "[1280]" },
	{ NULL, 41, 74, "0a000035 00000000 fd000000 00000000 00000000 00000002 00000000",
	  "[fd00::2]:53" },
	{ NULL, 41, 61, "0a000035 00000000 fd000000 00000000 00000000 00000002 00000000 00050000",
	  "{ip6m_addr=[fd00::2]:53, ip6m_mtu=1280}" },
	{ NULL, 41, 25,
	  "6f000000 03010400 00000000 00000000 0a000000 00000000 fd000000 00000000 00000000 "
	  "00000002 00000000",
	  "{ee_errno=ECONNREFUSED, ee_origin=SO_EE_ORIGIN_ICMP6, ee_type=ICMPV6_DEST_UNREACH, "
	  "ee_code=ICMPV6_PORT_UNREACH, ee_info=0, ee_data=0, offender=[fd00::2]:0}" },
	{ NULL, 41, 25,
	  "5a000000 03020000 00050000 00000000 0a000000 00000000 fd000000 00000000 00000000 "
	  "00000002 00000000",
	  "{ee_errno=EMSGSIZE, ee_origin=SO_EE_ORIGIN_ICMP6, ee_type=ICMPV6_PKT_TOOBIG, ee_code=0, "
	  "ee_info=1280 /* MTU */, ee_data=0, offender=[fd00::2]:0}" },
	{ NULL, 41, 25,
	  "71000000 03030000 00000000 80000100 0a000000 00000000 fd000000 00000000 00000000 "
	  "00000002 00000000",
	  "{ee_errno=EHOSTUNREACH, ee_origin=SO_EE_ORIGIN_ICMP6, ee_type=ICMPV6_TIME_EXCEED, "
	  "ee_code=ICMPV6_EXC_HOPLIMIT, ee_info=0, ee_data=65664 /* RFC 4884 extensions after 128 "
	  "bytes, invalid */, offender=[fd00::2]:0}" },
	{ NULL, 41, 25,
	  "2a000000 04000000 01000000 09000000 0a000000 00000000 fd000000 00000000 00000000 "
	  "00000002 00000000",
	  "{ee_errno=ENOMSG, ee_origin=SO_EE_ORIGIN_TIMESTAMPING, ee_type=0, ee_code=0, "
	  "ee_info=SCM_TSTAMP_SCHED, ee_data=9 /* key of the timestamp */, offender=[fd00::2]:0}" },
	{ NULL, 41, 25,
	  "00000000 05000100 02000000 05000000 00000000 00000000 00000000 00000000 00000000 "
	  "00000000 00000000",
	  "{ee_errno=0, ee_origin=SO_EE_ORIGIN_ZEROCOPY, ee_type=0, "
	  "ee_code=SO_EE_CODE_ZEROCOPY_COPIED, ee_info=2 /* first call that is done */, ee_data=5 "
	  "/* last call that is done */, offender=address of family 0}" },
	/* router alert and padding (RFC 2711) */
	{ NULL, 41, 54, "3a00 0502 0000 0100",
	  "{nexthdr=58, hdrlen=0, options=[{type=IPV6_TLV_ROUTERALERT, len=2, value=\"0000\"}, "
	  "{type=IPV6_TLV_PADN, len=0}]}" },
	/* an option that reaches past its header */
	{ NULL, 41, 59, "1100 c908 0102 0304",
	  "{nexthdr=17, hdrlen=0, options=[\"c90801020304\"]}" },
	/* bytes behind the header */
	{ NULL, 41, 59, "1100 0104 0000 0000 aabb",
	  "{nexthdr=17, hdrlen=0, options=[{type=IPV6_TLV_PADN, len=4, value=\"00000000\"}], "
	  "trailing=\"aabb\"}" },
	{ NULL, 41, 57, "1102 0201 00000000 20010db8 00000000 00000000 00000001",
	  "{nexthdr=17, hdrlen=2, type=IPV6_SRCRT_TYPE_2, segments_left=1, "
	  "addresses=[2001:db8::1]}" },
	/* segment routing header with two segments (RFC 8754) */
	{ NULL, 41, 57,
	  "2904 0401 0100 002a 20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 "
	  "00000002",
	  "{nexthdr=41, hdrlen=4, type=IPV6_SRCRT_TYPE_4, segments_left=1, last_entry=1, flags=0, "
	  "tag=42, segments=[2001:db8::1, 2001:db8::2]}" },
	{ NULL, 41, 57, "2903 0400 0000 0000 20010db8 00000000 00000000 00000001 0406 000000000000",
	  "{nexthdr=41, hdrlen=3, type=IPV6_SRCRT_TYPE_4, segments_left=0, last_entry=0, flags=0, "
	  "tag=0, segments=[2001:db8::1], tlvs=[{type=SR6_TLV_PADDING, len=6, "
	  "value=\"000000000000\"}]}" },
	{ NULL, 41, 57, "2901 0301 88400000 00000001 00000002",
	  "{nexthdr=41, hdrlen=1, type=IPV6_SRCRT_TYPE_3, segments_left=1, cmpri=8, cmpre=8, pad=4, "
	  "addresses=\"0000000100000002\"}" },

	/* SOL_UDP, SOL_TCP, SOL_TLS */
	{ NULL, 17, 103, "b004", "[1200]" },
	{ NULL, 17, 103, "b0040000", "[1200]" },
	{ NULL, 17, 104, "b0040000", "[1200]" },
	{ NULL, 6, 36, "00100000", "[4096]" },
	{ NULL, 282, 1, "15", "[21 /* alert */]" },
	{ NULL, 282, 2, "17", "[23 /* application_data */]" },
	{ NULL, 282, 2, "63", "[99]" },

	/* SOL_PACKET, SOL_NETLINK, SOL_VSOCK */
	{ NULL, 263, 8, "51000020 62000000 60000000 0000 0e00 0a20 0081",
	  "{tp_status=TP_STATUS_USER|TP_STATUS_VLAN_VALID|TP_STATUS_VLAN_TPID_VALID|"
	  "TP_STATUS_TS_SOFTWARE, tp_len=98, tp_snaplen=96, tp_mac=0, tp_net=14, "
	  "tp_vlan_tci=0x200a /* VLAN 10, priority 1 */, tp_vlan_tpid=ETH_P_8021Q}" },
	{ NULL, 263, 8, "09000000 62000000 60000000 0000 0e00 0000 0000",
	  "{tp_status=TP_STATUS_USER|TP_STATUS_CSUMNOTREADY, tp_len=98, tp_snaplen=96, tp_mac=0, "
	  "tp_net=14, tp_vlan_tci=0, tp_vlan_tpid=0}" },
	{ NULL, 263, 16, "2a000000 04000000 00000000 03000000",
	  "{ee_errno=ENOMSG, ee_origin=SO_EE_ORIGIN_TIMESTAMPING, ee_type=0, ee_code=0, "
	  "ee_info=SCM_TSTAMP_SND, ee_data=3 /* key of the timestamp */}" },
	{ NULL, 270, 3, "01000000", "{group=1}" },
	{ NULL, 270, 8, "ffffffff", "[-1]" },
	{ NULL, 287, 1, "00000000 05000000 00000000 00000000",
	  "{ee_errno=0, ee_origin=SO_EE_ORIGIN_ZEROCOPY, ee_type=0, ee_code=0, ee_info=0 /* first "
	  "call that is done */, ee_data=0 /* last call that is done */}" },

	/* SOL_ALG */
	{ NULL, 279, 2, "04000000 01020304", "{ivlen=4, iv=\"01020304\"}" },
	{ NULL, 279, 2, "08000000 01020304", "{ivlen=8, iv=\"01020304\"}" },
	{ NULL, 279, 2, "02000000 01020304", "{ivlen=2, iv=\"0102\"}" },
	{ NULL, 279, 3, "01000000", "[ALG_OP_ENCRYPT]" },
	{ NULL, 279, 4, "10000000", "[16]" },

	/* SOL_SCTP (RFC 6458) */
	{ NULL, 132, 0, "0a00 0500 0400 e803",
	  "{sinit_num_ostreams=10, sinit_max_instreams=5, sinit_max_attempts=4, "
	  "sinit_max_init_timeo=1000}" },
	{ NULL, 132, 1, "0100 0200 0100 0000 2e000000 00000000 e8030000 0a000000 09000000 07000000",
	  "{sinfo_stream=1, sinfo_ssn=2, sinfo_flags=SCTP_UNORDERED, sinfo_ppid=0x2e, "
	  "sinfo_context=0, sinfo_timetolive=1000, sinfo_tsn=10, sinfo_cumtsn=9, "
	  "sinfo_assoc_id=7}" },
	{ NULL, 132, 2, "0100 2102 2e000000 00000000 07000000",
	  "{snd_sid=1, snd_flags=SCTP_UNORDERED|SCTP_EOF|SCTP_PR_SCTP_RTX, snd_ppid=0x2e, "
	  "snd_context=0, snd_assoc_id=7}" },
	{ NULL, 132, 3, "0100 0200 0000 0000 2e000000 0a000000 09000000 00000000 07000000",
	  "{rcv_sid=1, rcv_ssn=2, rcv_flags=0, rcv_ppid=0x2e, rcv_tsn=10, rcv_cumtsn=9, "
	  "rcv_context=0, rcv_assoc_id=7}" },
	{ NULL, 132, 4, "0100 0000 2e000000 64000000 07000000",
	  "{nxt_sid=1, nxt_flags=0, nxt_ppid=0x2e, nxt_length=100, nxt_assoc_id=7}" },
	{ NULL, 132, 5, "1000 0000 e8030000", "{pr_policy=SCTP_PR_SCTP_TTL, pr_value=1000}" },
	{ NULL, 132, 6, "0300", "{auth_keynumber=3}" },
	{ NULL, 132, 7, "c6336435", "198.51.100.53" },
	{ NULL, 132, 8, "fd000000 00000000 00000000 00000001", "fd00::1" },

	/* SOL_RDS */
	{ NULL, 276, 1,
	  "1000000000000000 0020000000000000 0040000000000000 0080000000000000 0200000000000000 "
	  "2100000000000000 0500000000000000",
	  "{cookie=0x10, remote_vec={addr=0x2000, bytes=16384}, local_vec_addr=0x8000, nr_local=2, "
	  "flags=RDS_RDMA_READWRITE|RDS_RDMA_NOTIFY_ME, user_token=0x5}" },
	{ NULL, 276, 4, "0500000000000000 01000000 00000000",
	  "{user_token=0x5, status=RDS_RDMA_REMOTE_ERROR}" },
	{ NULL, 276, 6,
	  "1000000000000000 2000000000000000 3000000000000000 0700000000000000 0000000000000000 "
	  "0000000000000000 0000000000000000 2000000000000000 0900000000000000",
	  "{cookie=0x10, local_addr=0x20, remote_addr=0x30, add=7, flags=RDS_RDMA_NOTIFY_ME, "
	  "user_token=0x9}" },
	{ NULL, 276, 9,
	  "1000000000000000 2000000000000000 3000000000000000 0700000000000000 0800000000000000 "
	  "ff00000000000000 0f00000000000000 0000000000000000 0900000000000000",
	  "{cookie=0x10, local_addr=0x20, remote_addr=0x30, compare=7, swap=8, compare_mask=0xff, "
	  "swap_mask=0xf, flags=0, user_token=0x9}" },
	{ NULL, 276, 13,
	  "02000000 01000000 02000000 00000000 00000000 00000000 00000000 00000000 00000000",
	  "{num=2, cookies=[1, 2]}" },

	/* SOL_RXRPC */
	{ NULL, 272, 1, "efbeadde00000000", "[0xdeadbeef]" },
	{ "i386", 272, 1, "efbeadde", "[0xdeadbeef]" },
	{ NULL, 272, 2, "feffffff", "[-2]" },
	{ NULL, 272, 5, "6f000000", "[ECONNREFUSED]" },
	{ NULL, 272, 12, "0010000000000000", "[4096]" },
	{ NULL, 272, 13, "0a000000 e8030000", "{hard=10, idle=1000}" },

	/* SOL_TIPC, SOL_CAN_*, SOL_BLUETOOTH, SOL_LLC, SOL_IUCV, SOL_DCCP */
	{ NULL, 271, 1, "02000000 10000000", "{error=TIPC_ERR_NO_PORT, length=16}" },
	{ NULL, 271, 2, "abcd", "\"abcd\"" },
	{ NULL, 271, 3, "e8030000 01000000 02000000", "{type=1000, lower=1, upper=2}" },
	{ NULL, 101, 1, "2a000000 04000000 00000000 03000000",
	  "{ee_errno=ENOMSG, ee_origin=SO_EE_ORIGIN_TIMESTAMPING, ee_type=0, ee_code=0, "
	  "ee_info=SCM_TSTAMP_SND, ee_data=3 /* key of the timestamp */}" },
	{ NULL, 107, 1, "20", "[0x20]" },
	{ NULL, 107, 2, "efcdab8967452301", "[0x123456789abcdef]" },
	{ NULL, 107, 3, "06", "[6]" },
	{ NULL, 274, 3, "02", "[2 /* no data received */]" },
	{ NULL, 268, 9, "02000000 42 0180c2000000 00",
	  "{lpi_ifindex=if 2, lpi_sap=0x42, lpi_mac=\"0180c2000000\"}" },
	{ NULL, 277, 1, "01000000", "[0x1]" },
	{ NULL, 269, 1, "05000000", "[5]" },
	/* the rest: each row has a payload here */
	{ NULL, 1, 41, "01000000", "[1]" },
	{ NULL, 1, 78, "0000000000000000 10000000 00000000 00000000 00000000",
	  "{frag_offset=0, frag_size=16, frag_token=0, dmabuf_id=0, flags=0}" },
	{ NULL, 0, 3, "756e636f6e66696e656400", "\"unconfined\\x00\"" },
	{ NULL, 41, 3, "3a00 0502 0000 0100",
	  "{nexthdr=58, hdrlen=0, options=[{type=IPV6_TLV_ROUTERALERT, len=2, value=\"0000\"}, {type=IPV6_TLV_PADN, len=0}]}" },
	{ NULL, 41, 4, "3a00 0104 00000000",
	  "{nexthdr=58, hdrlen=0, options=[{type=IPV6_TLV_PADN, len=4, value=\"00000000\"}]}" },
	{ NULL, 41, 5, "3a02 0201 00000000 20010db8000000000000000000000001",
	  "{nexthdr=58, hdrlen=2, type=IPV6_SRCRT_TYPE_2, segments_left=1, addresses=[2001:db8::1]}" },
	{ NULL, 41, 55, "3a00 0104 00000000",
	  "{nexthdr=58, hdrlen=0, options=[{type=IPV6_TLV_PADN, len=4, value=\"00000000\"}]}" },
	{ NULL, 107, 4, "2a000000 05000000 00000000 03000000",
	  "{ee_errno=ENOMSG, ee_origin=SO_EE_ORIGIN_ZEROCOPY, ee_type=0, ee_code=0, ee_info=0 /* first call that is done */, ee_data=3 /* last call that is done */}" },
	{ NULL, 274, 4, "6f000000 01000000 00000000 00000000",
	  "{ee_errno=ECONNREFUSED, ee_origin=SO_EE_ORIGIN_LOCAL, ee_type=0, ee_code=0, ee_info=0, ee_data=0}" },
	{ NULL, 276, 2, "efbeadde00000000", "[0xdeadbeef]" },
	{ NULL, 276, 3, "0010000000000000 0020000000000000 0030000000000000 0100000000000000",
	  "{vec={addr=0x1000, bytes=8192}, cookie_addr=0x3000, flags=RDS_RDMA_READWRITE}" },
	{ NULL, 276, 5, "0300000000000000", "[0x3]" },
	{ NULL, 276, 7,
	  "0100000000000000 0010000000000000 0200000000000000 0300000000000000 0400000000000000 "
	  "0500000000000000 0600000000000000 0000000000000000 0900000000000000",
	  "{cookie=0x1, local_addr=0x1000, remote_addr=0x2, compare=3, swap=4, flags=0, user_token=0x9}" },
	{ NULL, 276, 8,
	  "0100000000000000 0010000000000000 0200000000000000 0300000000000000 0400000000000000 "
	  "0500000000000000 0600000000000000 0000000000000000 0900000000000000",
	  "{cookie=0x1, local_addr=0x1000, remote_addr=0x2, add=3, nocarry_mask=0x4, flags=0, user_token=0x9}" },
	{ NULL, 276, 11, "01000000 00000000 0200000000000000 0000000000000000 0000000000000000",
	  "{rx_traces=1, rx_trace_pos=[0, 0, 0], rx_trace=[2, 0, 0]}" },
	{ NULL, 276, 12, "07000000", "[7]" },
	{ NULL, 272, 3, "", "nothing" },
	{ NULL, 272, 6, "00000000", "\"00000000\"" },
	{ NULL, 272, 7, "6f000000", "[ECONNREFUSED]" },
	{ NULL, 272, 8, "00000000", "\"00000000\"" },
	{ NULL, 272, 9, "", "nothing" },
	{ NULL, 272, 10, "", "nothing" },
	{ NULL, 272, 11, "", "nothing" },
	{ NULL, 272, 14, "", "nothing" },
	{ NULL, 272, 15, "0700000000000000", "[7]" },
	{ NULL, 272, 16, "3412 06 00 abcd", "{service_id=4660, security_index=6, more=\"abcd\"}" },
	{ NULL, 272, 17, "abcd", "\"abcd\"" },
	{ NULL, 272, 18, "abcd", "\"abcd\"" },
	{ NULL, 272, 19, "abcd", "\"abcd\"" },

	{ NULL, 999, 1, "0102", "\"0102\"" },
};

/* Of levels that share the number of SOL_IP. */
static const struct golden_of_kind {
	enum sock_kind kind;
	struct golden of;
} golden_of_kind[] = {
	{ SOCK_KIND_BT_HCI, { NULL, 0, 1, "01000000", "[1]" } },
	{ SOCK_KIND_BT_HCI,
	  { NULL, 0, 2, "0100000000000000 0200000000000000", "{tv_sec=1, tv_usec=2}" } },
	{ SOCK_KIND_ISDN,
	  { NULL, 0, 1, "0100000000000000 0200000000000000", "{tv_sec=1, tv_usec=2}" } },
	{ SOCK_KIND_IEEE802154, { NULL, 0, 3, "ff", "[255]" } },
};
