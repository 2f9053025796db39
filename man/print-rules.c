// SPDX-License-Identifier: LGPL-2.1-or-later
/* Prints cmsgtrace-rules(7) from the rule table; "make update-man" writes it into the source folder. */
#include "config.h"

#include <stdio.h>

#include "check/explain.h"

int main(void)
{
	struct buf b = { 0 };

	explain_man(&b, PACKAGE_VERSION);

	size_t written = fwrite(b.p, 1, b.len, stdout);
	int rc = written != b.len || fflush(stdout);

	buf_free(&b);
	return rc;
}
