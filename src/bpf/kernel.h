/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Members of the kernel's structures that the programs read, and no others: CO-RE finds where each lies on
 * the kernel that runs.  A name after ___ is the form of the same structure in other releases.
 */
#ifndef CMSGTRACE_BPF_KERNEL_H
#define CMSGTRACE_BPF_KERNEL_H

#define CORE __attribute__((preserve_access_index))

#if defined(__TARGET_ARCH_x86)
#define FIRST_ARG di
#define PC ip
#define REGISTERS 168 /* to ss */
struct pt_regs {
	unsigned long bx, cx, dx, si, di, bp, r10, r8, r9, ip, sp, orig_ax;
} CORE;
struct thread_info {
	uint32_t status;
} CORE;
#elif defined(__TARGET_ARCH_arm64)
#define FIRST_ARG orig_x0
#define PC pc
#define REGISTERS 272 /* to pstate */
struct pt_regs {
	uint64_t regs[31];
	uint64_t sp, pc;
	uint64_t orig_x0;
	int syscallno;
} CORE;
struct thread_info {
	unsigned long flags;
} CORE;
#elif defined(__TARGET_ARCH_riscv)
#define FIRST_ARG orig_a0
#define PC epc
#define REGISTERS 256 /* to t6 */
struct pt_regs {
	unsigned long epc, sp, a0, a1, a2, a3, a4, a5, a7, orig_a0;
} CORE;
struct thread_info {
	unsigned long flags;
} CORE;
#endif

struct ns_common {
	uint32_t inum;
} CORE;
struct ipv6_devconf {
	int hop_limit;
} CORE;
struct netns_ipv6 {
	struct ipv6_devconf *devconf_all;
} CORE;
struct netns_ipv4 {
	uint8_t sysctl_ip_default_ttl;
} CORE;
struct net {
	struct ns_common ns;
	struct netns_ipv4 ipv4;
	struct netns_ipv6 ipv6;
} CORE;
typedef struct {
	struct net *net;
} CORE possible_net_t;

struct in6_addr {
	union {
		uint8_t u6_addr8[16];
	} in6_u;
} CORE;

struct sock_common {
	uint32_t skc_daddr, skc_rcv_saddr;
	uint16_t skc_dport, skc_num;
	uint16_t skc_family;
	unsigned char skc_state;
	unsigned char skc_reuse : 4;
	unsigned char skc_reuseport : 1;
	unsigned char skc_ipv6only : 1;
	int skc_bound_dev_if;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
	unsigned long skc_flags;
} CORE;

struct sk_buff {
	struct sk_buff *next, *prev;
	struct sock *sk;
	struct net_device *dev;
	int skb_iif;
	unsigned int len;
	uint16_t transport_header, network_header;
	unsigned char *head, *data;
} CORE;

struct sk_buff_head {
	struct sk_buff *next, *prev;
} CORE;

typedef struct {
	uint32_t val;
} CORE kuid_t;

struct socket;
struct sock {
	struct sock_common __sk_common;
	struct sk_buff_head sk_receive_queue;
	uint16_t sk_type, sk_protocol;
	uint32_t sk_mark, sk_priority;
	uint32_t sk_tsflags;
	int sk_rcvbuf, sk_sndbuf;
	uint8_t sk_clockid;
	uint8_t sk_txtime_deadline_mode : 1;
	uint8_t sk_txtime_report_errors : 1;
	uint8_t sk_no_check_tx : 1;
	uint8_t sk_scm_credentials : 1;
	uint8_t sk_scm_security : 1;
	uint8_t sk_scm_pidfd : 1;
	uint8_t sk_scm_rights : 1;
	struct socket *sk_socket;
} CORE;

enum sock_flags {
	SOCK_BROADCAST,
	SOCK_RCVTSTAMP,
	SOCK_RCVTSTAMPNS,
	SOCK_RXQ_OVFL,
	SOCK_ZEROCOPY,
	SOCK_WIFI_STATUS,
	SOCK_TXTIME,
	SOCK_TSTAMP_NEW,
	SOCK_RCVMARK,
	SOCK_RCVPRIORITY,
};

struct ip_options_rcu;
struct inet_sock {
	struct ipv6_pinfo *pinet6;
	unsigned long inet_flags;
	uint32_t inet_saddr;
	int16_t uc_ttl;
	struct ip_options_rcu *inet_opt;
	uint8_t tos, mc_ttl;
	int uc_index, mc_index;
	uint32_t mc_addr;
} CORE;

/* before Linux 6.6 */
struct inet_sock___bits {
	uint16_t cmsg_flags;
	uint8_t recverr : 1;
	uint8_t freebind : 1;
	uint8_t hdrincl : 1;
	uint8_t mc_loop : 1;
	uint8_t transparent : 1;
} CORE;

struct ipv6_pinfo {
	struct in6_addr saddr;
	int16_t hop_limit;
	uint8_t tclass;
	uint8_t srcprefs;
	int ucast_oif, mcast_oif;
	union {
		struct {
			uint16_t srcrt : 1;
			uint16_t osrcrt : 1;
			uint16_t rxinfo : 1;
			uint16_t rxoinfo : 1;
			uint16_t rxhlim : 1;
			uint16_t rxohlim : 1;
			uint16_t hopopts : 1;
			uint16_t ohopopts : 1;
			uint16_t dstopts : 1;
			uint16_t odstopts : 1;
			uint16_t rxflow : 1;
			uint16_t rxtclass : 1;
			uint16_t rxpmtu : 1;
			uint16_t rxorigdstaddr : 1;
			uint16_t recvfragsize : 1;
		} bits;
		uint16_t all;
	} rxopt;
} CORE;

struct ipv6_pinfo___bits {
	uint16_t recverr : 1;
} CORE;

struct udp_sock {
	unsigned long udp_flags;
	uint8_t encap_type;
	uint16_t gso_size;
	struct sk_buff_head reader_queue;
} CORE;

/* before Linux 6.7 */
struct udp_sock___bits {
	int corkflag;
	unsigned char gro_enabled : 1;
} CORE;

struct unix_address {
	int len;
} CORE;
struct unix_sock {
	struct unix_address *addr;
	struct sock *peer;
	bool recvmsg_inq;
} CORE;

struct netlink_sock {
	unsigned long flags;
	uint32_t portid, dst_portid, dst_group, ngroups;
	unsigned long *groups;
} CORE;

enum packet_sock_flags {
	PACKET_SOCK_AUXDATA,
};
struct packet_sock {
	unsigned long flags;
} CORE;

struct inode {
	uint16_t i_mode;
	kuid_t i_uid;
	unsigned long i_ino;
} CORE;
struct file {
	struct inode *f_inode;
	void *private_data;
} CORE;
struct socket {
	unsigned long flags;
	struct file *file;
	struct sock *sk;
} CORE;
struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} CORE;
struct files_struct {
	struct fdtable *fdt;
} CORE;

struct io_cqe {
	uint64_t user_data;
	int fd;
} CORE;
struct task_struct;
struct io_uring_task {
	struct task_struct *task;
} CORE;
struct io_kiocb {
	struct file *file;
	uint8_t opcode;
	unsigned int flags;
	struct io_cqe cqe;
	void *ctx, *async_data;
	struct io_uring_task *tctx;
} CORE;
/* before Linux 6.12 */
struct io_kiocb___task {
	struct task_struct *task;
} CORE;
struct msghdr {
	uint64_t msg_controllen;
} CORE;
/* What a receive keeps while it waits; multishot: the room for names and control data. */
struct io_async_msghdr {
	int namelen;
	uint64_t controllen, payloadlen;
	struct msghdr msg;
} CORE;
/* What an operation on a socket has of it, in the same place. */
struct io_sr_msg {
	void *umsg; /* or buf */
	int len;
	unsigned int msg_flags;
	uint16_t flags;
} CORE;
struct io_uring_cqe {
	uint64_t user_data;
	int res;
} CORE;

struct net_device {
	int ifindex;
} CORE;

struct upid {
	int nr;
} CORE;
struct pid {
	unsigned int level;
	struct upid numbers[1];
} CORE;
struct signal_struct {
	unsigned int flags;
} CORE;
struct task_struct {
	struct thread_info thread_info;
	int pid, tgid;
	int exit_code;
	struct mm_struct *mm;
	struct files_struct *files;
	struct signal_struct *signal;
	struct pid *thread_pid;
} CORE;

#endif
