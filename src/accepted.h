/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the user accepts: suppression files and the baseline, from options to marks on findings. */
#ifndef CMSGTRACE_ACCEPTED_H
#define CMSGTRACE_ACCEPTED_H

#include "check/check.h"
#include "options.h"

struct accepted;

/*
 * Reads --suppressions (or the default files where they exist: ./.cmsgtrace.supp, then
 * $XDG_CONFIG_HOME/cmsgtrace/suppressions) and --baseline, and sets co's mark.  NULL after complaining.
 */
struct accepted *accepted_open(const struct options *o, struct check_opts *co);
/* Opens --write-baseline and --gen-suppressions before anything runs. false after complaining. */
bool accepted_open_files(struct accepted *a);
/* Names of the files that were read, or NULL. */
const char *accepted_files(const struct accepted *a);

/*
 * After the run: tells which entries matched nothing and which known findings vanished, writes
 * --write-baseline and --gen-suppressions.  check NULL: nothing has run.  0, or 125 where something could not be written.
 */
int accepted_close(struct accepted *a, const struct check *check);

#endif
