/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --doctor: what this machine and user let cmsgtrace do, and what to do about the rest. */
#ifndef CMSGTRACE_DOCTOR_H
#define CMSGTRACE_DOCTOR_H

#include <stdbool.h>
#include <stdio.h>

/* Prints it, as JSON where asked; a status for exit(3): 0 where a command can be traced, else 1. */
int doctor_run(bool json);

/* What -V says of this build, of the kernel and of the engines. */
void doctor_version(FILE *to);

#endif
