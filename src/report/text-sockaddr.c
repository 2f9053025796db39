// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Socket addresses as strace prints them, one function a family.  Layouts: include/uapi/linux.  Pure.
 */
#include "config.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "report/text-impl.h"

#include "event/names.h"
#include "report/text-names.h"
#include "uapi/uapi.h"

enum { SA_FAMILY = 2 }; /* bytes of sa_family */

static uint16_t u16_at(const unsigned char *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t u32_at(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t be32_at(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put_raw(struct text_ctx *x, const unsigned char *p, size_t len)
{
	buf_lit(x->b, "sa_data=");
	text_quoted(x->b, p + SA_FAMILY, len - SA_FAMILY, x->hex);
}

static void put_unix(struct text_ctx *x, const unsigned char *p, size_t len)
{
	const char *path = (const char *)p + SA_FAMILY;
	size_t n =
		(len < sizeof(struct sockaddr_un) ? len : sizeof(struct sockaddr_un)) - SA_FAMILY;

	buf_lit(x->b, "sun_path=");
	if (path[0]) {
		text_quoted(x->b, path, strnlen(path, n), x->hex);
		return;
	}
	buf_char(x->b, '@');
	text_quoted(x->b, path + 1, n - 1, x->hex);
}

static void put_inet(struct text_ctx *x, const unsigned char *p, size_t len)
{
	(void)len;
	buf_lit(x->b, "sin_port=");
	text_htons(x->b, p + 2);
	buf_lit(x->b, ", ");
	text_in(x, "sin_addr", p + 4);
}

enum { SIN6_MIN = 24 }; /* without sin6_scope_id */

static void put_inet6(struct text_ctx *x, const unsigned char *p, size_t len)
{
	const unsigned char *a = p + 8;
	bool link = (a[0] == 0xfe && (a[1] & 0xc0) == 0x80) || (a[0] == 0xff && (a[1] & 15) == 2);

	buf_lit(x->b, "sin6_port=");
	text_htons(x->b, p + 2);
	buf_lit(x->b, ", sin6_flowinfo=htonl(");
	buf_u64(x->b, be32_at(p + 4));
	buf_lit(x->b, "), ");
	text_in6(x, "sin6_addr", a);
	if (len <= SIN6_MIN)
		return;
	buf_lit(x->b, ", sin6_scope_id=");
	if (link)
		text_ifindex(x, u32_at(p + 24));
	else
		buf_u64(x->b, u32_at(p + 24));
}

static void put_netlink(struct text_ctx *x, const unsigned char *p, size_t len)
{
	(void)len;
	if (u16_at(p + 2)) {
		buf_lit(x->b, "nl_pad=");
		buf_hex(x->b, u16_at(p + 2));
		buf_lit(x->b, ", ");
	}
	buf_lit(x->b, "nl_pid=");
	buf_s64(x->b, (int32_t)u32_at(p + 4));
	buf_lit(x->b, ", nl_groups=");
	text_0x(x->b, u32_at(p + 8), 4);
}

static void put_packet(struct text_ctx *x, const unsigned char *p, size_t len)
{
	uint8_t halen = p[11];

	buf_lit(x->b, "sll_protocol=htons(");
	text_xval(x->b, &text_ether_types, (uint64_t)p[2] << 8 | p[3]);
	buf_lit(x->b, "), sll_ifindex=");
	text_ifindex(x, u32_at(p + 4));
	buf_lit(x->b, ", sll_hatype=");
	text_xval(x->b, &text_hw_types, u16_at(p + 8));
	buf_lit(x->b, ", sll_pkttype=");
	text_xval(x->b, &text_packet_types, p[10]);
	buf_lit(x->b, ", sll_halen=");
	buf_u64(x->b, halen);
	if (!halen)
		return;
	buf_lit(x->b, ", sll_addr=[");
	for (unsigned int i = 0; i < halen; i++) {
		if (i)
			buf_lit(x->b, ", ");
		if (12 + i >= len) {
			buf_lit(x->b, "...");
			break;
		}
		text_0x(x->b, p[12 + i], 1);
	}
	buf_char(x->b, ']');
}

static void put_mac(struct buf *b, const char *name, const unsigned char *p)
{
	buf_str(b, name);
	for (unsigned int i = 0; i < 6; i++) {
		if (i)
			buf_char(b, ':');
		buf_hexbytes(b, p + i, 1);
	}
}

enum { L2_PSM_DYN = 0x1001, L2_PSM_LE_DYN = 0x80, L2_PSM_LE_DYN_END = 0xff, L2_CID_DYN = 0x40 };

static void put_l2(struct buf *b, const struct names *t, uint16_t v, const char *dyn, uint16_t base)
{
	const char *name = names_find(t, v);

	buf_lit(b, "htobs(");
	if (name) {
		buf_str(b, name);
	} else if (dyn) {
		buf_str(b, dyn);
		buf_char(b, '+');
		buf_u64(b, (uint64_t)(v - base));
	} else {
		buf_hex0(b, v);
		buf_lit(b, " /* ");
		buf_str(b, t == &text_l2_psm ? "L2CAP_PSM_???" : "L2CAP_CID_???");
		buf_lit(b, " */");
	}
	buf_char(b, ')');
}

/* The four kinds of Bluetooth address are told apart by their length only. */
static void put_bluetooth(struct text_ctx *x, const unsigned char *p, size_t len)
{
	uint16_t psm;

	switch (len) {
	case 4: /* struct sockaddr_hci before 2.6.38 */
	case 6:
		buf_lit(x->b, "hci_dev=htobs(");
		buf_u64(x->b, u16_at(p + 2));
		buf_char(x->b, ')');
		if (len == 6) {
			buf_lit(x->b, ", hci_channel=");
			text_xval(x->b, &text_hci_channels, u16_at(p + 4));
		}
		return;
	case 8:
		put_mac(x->b, "sco_bdaddr=", p + 2);
		return;
	case 10:
		put_mac(x->b, "rc_bdaddr=", p + 2);
		buf_lit(x->b, ", rc_channel=");
		buf_u64(x->b, p[8]);
		return;
	case 12: /* struct sockaddr_l2 ends in a pad byte after l2_bdaddr_type */
	case 13:
	case 14:
		psm = u16_at(p + 2);
		buf_lit(x->b, "l2_psm=");
		if (psm >= L2_PSM_LE_DYN && psm <= L2_PSM_LE_DYN_END)
			put_l2(x->b, &text_l2_psm, psm, "L2CAP_PSM_LE_DYN_START", L2_PSM_LE_DYN);
		else
			put_l2(x->b, &text_l2_psm, psm,
			       psm >= L2_PSM_DYN ? "L2CAP_PSM_DYN_START" : NULL, L2_PSM_DYN);
		put_mac(x->b, ", l2_bdaddr=", p + 4);
		buf_lit(x->b, ", l2_cid=");
		put_l2(x->b, &text_l2_cid, u16_at(p + 10),
		       u16_at(p + 10) >= L2_CID_DYN ? "L2CAP_CID_DYN_START" : NULL, L2_CID_DYN);
		if (len == 14) {
			buf_lit(x->b, ", l2_bdaddr_type=");
			text_xval(x->b, &text_bdaddr_types, p[12]);
		}
		return;
	default:
		put_raw(x, p, len);
	}
}

static void put_tipc(struct text_ctx *x, const unsigned char *p, size_t len)
{
	int scope = (int8_t)p[3];

	(void)len;
	buf_lit(x->b, "addrtype=");
	text_xval(x->b, &text_tipc_types, p[2]);
	buf_lit(x->b, ", scope=");
	if (scope < 0)
		buf_char(x->b, '-');
	text_xval(x->b, &text_tipc_scopes, (uint64_t)(scope < 0 ? -scope : scope));
	buf_lit(x->b, ", addr=");
	switch (p[2]) {
	case 1:
		buf_lit(x->b, "{nameseq={type=");
		buf_u64(x->b, u32_at(p + 4));
		buf_lit(x->b, ", lower=");
		buf_u64(x->b, u32_at(p + 8));
		buf_lit(x->b, ", upper=");
		buf_u64(x->b, u32_at(p + 12));
		buf_lit(x->b, "}}");
		return;
	case 2:
		buf_lit(x->b, "{name={name={type=");
		buf_u64(x->b, u32_at(p + 4));
		buf_lit(x->b, ", instance=");
		buf_u64(x->b, u32_at(p + 8));
		buf_lit(x->b, "}, domain=");
		buf_hex0(x->b, u32_at(p + 12));
		buf_lit(x->b, "}}");
		return;
	case 3:
		buf_lit(x->b, "{id={ref=");
		buf_u64(x->b, u32_at(p + 4));
		buf_lit(x->b, ", node=");
		buf_hex0(x->b, u32_at(p + 8));
		buf_lit(x->b, "}}");
		return;
	default:
		text_quoted(x->b, p + 4, 12, x->hex);
	}
}

static void put_alg(struct text_ctx *x, const unsigned char *p, size_t len)
{
	enum { TYPE = 2, TYPE_LEN = 14, FEAT = 16, MASK = 20, NAME = 24 };
	size_t n = strnlen((const char *)p + TYPE, TYPE_LEN - 1);

	buf_lit(x->b, "salg_type=");
	text_quoted(x->b, p + TYPE, n, x->hex);
	if (p[TYPE + n])
		buf_lit(x->b, "...");
	buf_lit(x->b, ", salg_feat=");
	buf_hex0(x->b, u32_at(p + FEAT));
	buf_lit(x->b, ", salg_mask=");
	buf_hex0(x->b, u32_at(p + MASK));
	buf_lit(x->b, ", salg_name=");
	n = strnlen((const char *)p + NAME, len - NAME - 1);
	text_quoted(x->b, p + NAME, n, x->hex);
	if (p[NAME + n])
		buf_lit(x->b, "...");
}

static void put_vsock(struct text_ctx *x, const unsigned char *p, size_t len)
{
	(void)len;
	if (u16_at(p + 2)) {
		buf_lit(x->b, "svm_reserved1=");
		buf_hex(x->b, u16_at(p + 2));
		buf_lit(x->b, ", ");
	}
	buf_lit(x->b, "svm_cid=");
	text_xval(x->b, &text_vsock_cids, u32_at(p + 8));
	buf_lit(x->b, ", svm_port=");
	text_xval(x->b, &text_vsock_ports, u32_at(p + 4));
	buf_lit(x->b, ", svm_flags=");
	text_flags(x->b, &text_vsock_flags, p[12]);
	if (p[13] | p[14] | p[15]) {
		buf_lit(x->b, ", svm_zero=[");
		for (unsigned int i = 13; i < 16; i++) {
			if (i > 13)
				buf_lit(x->b, ", ");
			buf_hex0(x->b, p[i]);
		}
		buf_char(x->b, ']');
	}
}

static void put_qrtr(struct text_ctx *x, const unsigned char *p, size_t len)
{
	(void)len;
	buf_lit(x->b, "sq_node=");
	text_xval(x->b, &text_qrtr_nodes, u32_at(p + 4));
	buf_lit(x->b, ", sq_port=");
	text_xval(x->b, &text_qrtr_ports, u32_at(p + 8));
}

static void put_xdp(struct text_ctx *x, const unsigned char *p, size_t len)
{
	uint16_t flags = u16_at(p + 2);

	(void)len;
	buf_lit(x->b, "sxdp_flags=");
	text_flags(x->b, &text_xdp_flags, flags);
	buf_lit(x->b, ", sxdp_ifindex=");
	text_ifindex(x, u32_at(p + 4));
	buf_lit(x->b, ", sxdp_queue_id=");
	buf_u64(x->b, u32_at(p + 8));
	if (flags & 1) {
		buf_lit(x->b, ", sxdp_shared_umem_fd=");
		text_fd(x, (int)u32_at(p + 12));
	} else if (u32_at(p + 12)) {
		buf_lit(x->b, ", sxdp_shared_umem_fd=");
		buf_hex(x->b, u32_at(p + 12));
	}
}

static void put_mctp(struct text_ctx *x, const unsigned char *p, size_t len)
{
	(void)len;
	if (u16_at(p + 2)) {
		buf_lit(x->b, "__smctp_pad0=");
		buf_hex(x->b, u16_at(p + 2));
		buf_lit(x->b, ", ");
	}
	buf_lit(x->b, "smctp_network=");
	text_xval(x->b, &text_mctp_nets, u32_at(p + 4));
	buf_lit(x->b, ", smctp_addr={s_addr=");
	text_xval(x->b, &text_mctp_addrs, p[8]);
	buf_lit(x->b, "}, smctp_type=");
	buf_hex0(x->b, p[9]);
	buf_lit(x->b, ", smctp_tag=");
	buf_hex0(x->b, p[10]);
	if (p[11]) {
		buf_lit(x->b, ", __smctp_pad1=");
		buf_hex(x->b, p[11]);
	}
}

static void put_ipx(struct text_ctx *x, const unsigned char *p, size_t len)
{
	(void)len;
	buf_lit(x->b, "sipx_port=");
	text_htons(x->b, p + 2);
	buf_lit(x->b, ", sipx_network=htonl(");
	buf_hex0(x->b, be32_at(p + 4));
	buf_lit(x->b, "), sipx_node=[");
	for (unsigned int i = 0; i < 6; i++) {
		if (i)
			buf_lit(x->b, ", ");
		text_0x(x->b, p[8 + i], 1);
	}
	buf_lit(x->b, "], sipx_type=");
	text_0x(x->b, p[14], 1);
	if (p[15]) {
		buf_lit(x->b, ", sipx_zero=");
		buf_hex(x->b, p[15]);
	}
}

static void put_x25(struct text_ctx *x, const unsigned char *p, size_t len)
{
	size_t n = strnlen((const char *)p + 2, 15);

	(void)len;
	buf_lit(x->b, "sx25_addr={x25_addr=");
	text_quoted(x->b, p + 2, n, x->hex);
	if (p[2 + n])
		buf_lit(x->b, "...");
	buf_char(x->b, '}');
}

struct family {
	void (*put)(struct text_ctx *x, const unsigned char *p, size_t len);
	size_t least; /* shorter ones are shown raw */
};

/* A family that has no row here is shown raw, as strace does with those it does not know. */
static const struct family families[] = {
	[AF_UNIX] = { put_unix, SA_FAMILY + 1 },
	[AF_INET] = { put_inet, sizeof(struct sockaddr_in) },
	[AF_IPX] = { put_ipx, 16 },
	[AF_X25] = { put_x25, 18 },
	[AF_INET6] = { put_inet6, SIN6_MIN },
	[AF_NETLINK] = { put_netlink, 12 },
	[AF_PACKET] = { put_packet, 20 },
	[AF_TIPC] = { put_tipc, 16 },
	[AF_BLUETOOTH] = { put_bluetooth, SA_FAMILY + 1 },
	[AF_ALG] = { put_alg, 25 },
	[AF_VSOCK] = { put_vsock, 16 },
	[42 /* AF_QIPCRTR */] = { put_qrtr, 12 },
	[FAMILY_XDP] = { put_xdp, 16 },
	[FAMILY_MCTP] = { put_mctp, 12 },
};

void text_sockaddr(struct text_ctx *x, const void *p, size_t len)
{
	/* Zeros follow what there is, as in the kernel: a family may look past a short address. */
	unsigned char copy[sizeof(struct sockaddr_storage) + 4] = { 0 };
	uint16_t family;

	if (len > sizeof(struct sockaddr_storage))
		len = sizeof(struct sockaddr_storage);
	memcpy(copy, p, len);
	family = u16_at(copy);
	buf_lit(x->b, "{sa_family=");
	text_xval(x->b, &names_family, family);
	if (len > SA_FAMILY) {
		buf_lit(x->b, ", ");
		if (family < sizeof(families) / sizeof(families[0]) && families[family].put &&
		    len >= families[family].least)
			families[family].put(x, copy, len);
		else
			put_raw(x, copy, len);
	}
	buf_char(x->b, '}');
}
