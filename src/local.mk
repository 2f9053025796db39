# SPDX-License-Identifier: LGPL-2.1-or-later
cmsgtrace_SOURCES += src/main.c
