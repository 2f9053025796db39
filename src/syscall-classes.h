/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The classes of -e trace=%class: which calls belong to each.  Static tables. */
#ifndef CMSGTRACE_SYSCALL_CLASSES_H
#define CMSGTRACE_SYSCALL_CLASSES_H

#include <stdbool.h>

bool syscall_class_known(const char *name); /* without the % */
bool syscall_in_class(const char *call, const char *name);
/* Is its first argument a descriptor? */
bool syscall_begins_with_fd(const char *call);

#endif
