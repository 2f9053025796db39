# SPDX-License-Identifier: LGPL-2.1-or-later
libtrace_a_SOURCES += src/procfs/procfs.c src/procfs/procfs.h
