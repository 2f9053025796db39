/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks that the rows of SCM_RIGHTS and SCM_CREDENTIALS name: struct cmsg_send. */
#ifndef CMSGTRACE_CMSG_SCM_SEND_H
#define CMSGTRACE_CMSG_SCM_SEND_H

#include "cmsg/judge.h"

void scm_rights_before(struct judge *j);
void scm_rights_check(struct judge *j);
void scm_credentials_check(struct judge *j);

#endif
