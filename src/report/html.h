/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of the HTML report share.  html.c gathers while the run goes on, in bounded memory; html-page.c,
 * html-graph.c and html-finding.c write.  Every text goes through markup_put().
 */
#ifndef CMSGTRACE_REPORT_HTML_H
#define CMSGTRACE_REPORT_HTML_H

#include "base/map.h"
#include "check/inet.h"
#include "report/markup.h"
#include "report/report.h"
#include "report/text.h"

/* What the page shows at most; all beyond is counted, and the page says so. */
enum {
	HTML_FINDINGS = 10000,
	HTML_EVIDENCE = 500,   /* findings in full; those behind them have a line each */
	HTML_SOCKS = 500,      /* sockets with a timeline */
	HTML_ROWS_FIRST = 300, /* messages of a socket: its first … */
	HTML_ROWS_LAST = 300,  /* … its last … */
	HTML_ROWS_FOUND = 200, /* … and between them those that something was found about */
	HTML_LINKS = 20000,    /* client and address pairs that are told apart */
	HTML_NOTES = 50,       /* what the tracer said: losses */
	HTML_CONTROL = 1024,   /* bytes of a control buffer */
};

enum html_what { HTML_RECEIVED, HTML_SENT, HTML_REQUEST, HTML_REPLY };

/* A message in a timeline. */
struct html_row {
	uint64_t ns, event;
	uint32_t msg, len;
	bool have_len;
	uint8_t what;      /* enum html_what */
	bool wrong;        /* a reply that left from another address than was asked */
	int error;         /* positive errno */
	struct inet peer;  /* family 0: not known */
	struct inet local; /* a request's: asked at; else: left from.  No port */
	struct inet asked; /* of a wrong reply */
	const struct html_finding *found; /* the first about it */
};

struct html_sock {
	struct html_sock *next;
	unsigned int no;     /* 1, 2 … */
	const char *name;    /* "udp6 [::]:443", HTML already */
	const char *process; /* "server[4242]", HTML already */
	int fd;
	bool udp;
	uint64_t messages, requests, replies, wrong, findings;
	struct html_row *first;        /* grows up to its size above; on the heap */
	struct html_row *last, *found; /* of their sizes; NULL until needed */
	unsigned int nfirst, nfound;
	uint64_t nlast; /* ever put there: a ring */
};

/* What a client asked at an address, and what it was answered from there. */
struct html_link {
	struct html_link *next;
	const struct html_sock *sock;
	struct inet peer, local; /* hosts; local.family 0: not known */
	uint64_t requests, replies, wrong;
};

struct html_finding {
	struct html_finding *next;
	const struct rule *rule;
	enum severity severity;
	const char *anchor; /* "CT101-0123456789abcdef" */
	const char *head;   /* message, HTML */
	const char *body;   /* all that follows it, HTML; of one that has a line: its place */
	bool line;
	const char *attrs;    /* what filters look at */
	const char *accepted; /* why it doesn't count, HTML; or NULL */
	const struct check_place *at;
};

struct html_note {
	struct html_note *next;
	const char *text; /* HTML */
};

struct html {
	struct report report; /* first */
	struct stream *out;
	struct text_opts how;
	const struct ask *ask; /* the last one given */
	const struct check *check;
	struct arena arena;
	const char *facts; /* <dt>…<dd>… of the run, HTML */
	uint64_t started_ns;
	struct map sock_map, link_map, anchors;
	struct html_sock *socks, **socks_end;
	struct html_link *links, **links_end;
	struct html_finding *findings, **findings_end;
	struct html_note *notes, **notes_end;
	unsigned int nsocks, nlinks, nfindings, nnotes;
	uint64_t sock_messages, more_messages; /* with a socket of the page, and without */
	uint64_t more_links, more_findings, more_notes;
	uint64_t wrong;
};

/* html-finding.c: all that is said of f, into the page's memory. sock may be NULL. */
struct html_finding *html_finding_new(struct html *h, const struct finding *f,
				      const struct html_sock *sock);
/* html-page.c: the page. */
void html_page(struct html *h, const struct run_end *end);
void html_put_n(struct buf *b, uint64_t n, const char *one, const char *many);
/* Text with tabs, for a <pre>. */
void html_put_text(struct buf *b, const char *p, size_t len);
/* An address, escaped, with its port or without; "?" where it is unknown. */
void html_put_inet(struct buf *b, const struct inet *i, bool port);
void html_put_host(struct buf *b, const struct inet *i);
/* html-graph.c: the picture, with its table; nothing where there is no request. */
void html_graph(struct buf *b, const struct html *h);
/* html-timeline.c: the sockets and their messages. */
void html_timelines(struct stream *out, const struct html *h);

#endif
