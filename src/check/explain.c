// SPDX-License-Identifier: LGPL-2.1-or-later
/* The rules' table as text. */
#include "config.h"

#include "check/explain.h"

#include <stdbool.h>
#include <string.h>

/* text, each line after indent; ends with a newline. */
static void put_indented(struct buf *b, const char *indent, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len) {
			buf_str(b, indent);
			buf_add(b, text, len);
		}
		buf_char(b, '\n');
		text += len;
		if (*text)
			text++;
	}
}

static void put_section(struct buf *b, const char *head, const char *text)
{
	if (!text)
		return;
	buf_printf(b, "\n%s\n", head);
	put_indented(b, "    ", text);
}

void explain_rule(struct buf *b, const struct rule *r)
{
	buf_printf(b, "%s  %s  (%s)\n%s\n", r->id, r->name, severity_name(r->severity), r->title);
	put_section(b, "What it says", r->what);
	put_section(b, "Why it matters", r->why);
	put_section(b, "In the kernel", r->kernel);
	put_section(b, "What to do", r->remedy);
	put_section(b, "The mistake", r->bad);
	put_section(b, "Done right", r->good);
}

void explain_list(struct buf *b)
{
	for (unsigned int i = 0; rules[i]; i++)
		buf_printf(b, "%s  %-7s  %-24s  %s\n", rules[i]->id,
			   severity_name(rules[i]->severity), rules[i]->name, rules[i]->title);
}

/* roff: a backslash and a leading dot or quote are special; "-" is a minus only when escaped. */
static void put_roff(struct buf *b, const char *text)
{
	bool start = true;

	for (; *text; text++) {
		if (start && (*text == '.' || *text == '\''))
			buf_lit(b, "\\&");
		if (*text == '\\')
			buf_lit(b, "\\e");
		else if (*text == '-')
			buf_lit(b, "\\-");
		else
			buf_char(b, *text);
		start = *text == '\n';
	}
	if (!start)
		buf_char(b, '\n');
}

static void put_man_section(struct buf *b, const char *head, const char *text, bool literal)
{
	if (!text)
		return;
	buf_printf(b, ".PP\n.I %s\n", head);
	buf_str(b, literal ? ".PP\n.RS 4\n.nf\n" : ".br\n");
	put_roff(b, text);
	if (literal)
		buf_lit(b, ".fi\n.RE\n");
}

static void put_man_rule(struct buf *b, const struct rule *r)
{
	buf_lit(b, ".SS ");
	buf_str(b, r->id);
	buf_lit(b, " \\- ");
	put_roff(b, r->name);
	buf_printf(b, ".B %s:\n", severity_name(r->severity));
	put_roff(b, r->title);
	put_man_section(b, "What it says", r->what, false);
	put_man_section(b, "Why it matters", r->why, false);
	put_man_section(b, "In the kernel", r->kernel, false);
	put_man_section(b, "What to do", r->remedy, true);
	put_man_section(b, "The mistake", r->bad, true);
	put_man_section(b, "Done right", r->good, true);
}

void explain_man(struct buf *b, const char *version)
{
	buf_printf(b,
		   ".\\\" generated from the rule table: cmsgtrace's src/check/rules\n"
		   ".TH CMSGTRACE\\-RULES 7 2026-11-27 \"cmsgtrace %s\" \"cmsgtrace\"\n"
		   ".SH NAME\n"
		   "cmsgtrace\\-rules \\- what cmsgtrace reports, why, and what to do\n"
		   ".SH DESCRIPTION\n",
		   version);
	put_roff(
		b,
		"Each finding names a rule. An identifier is never given to another rule, and each\n"
		"rule has a name too; both are accepted wherever a rule is named, as in\n"
		"cmsgtrace --explain=CT101 and -e check=CT2,!CT203 (a prefix selects a family).\n");
	buf_lit(b, ".TP\n.B error\n");
	put_roff(b, "the program does not do what it asked for\n");
	buf_lit(b, ".TP\n.B warning\n");
	put_roff(b, "it works today by luck, or loses information\n");
	buf_lit(b, ".TP\n.B note\n");
	put_roff(b, "worth knowing\n");
	buf_lit(b, ".SH RULES\n");
	for (unsigned int i = 0; rules[i]; i++)
		put_man_rule(b, rules[i]);
	buf_lit(b, ".SH SEE ALSO\n.BR cmsgtrace (1),\n.BR cmsg (3),\n.BR ip (7),\n.BR ipv6 (7),\n"
		   ".BR unix (7)\n");
}
