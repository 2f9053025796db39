/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --list-cmsgs: the tables of src/cmsg for a person and for a program. */
#ifndef CMSGTRACE_REPORT_LIST_CMSGS_H
#define CMSGTRACE_REPORT_LIST_CMSGS_H

#include "base/buf.h"

void list_cmsgs_text(struct buf *out);
/* One JSON document, one row a line. */
void list_cmsgs_json(struct buf *out);

#endif
