# SPDX-License-Identifier: LGPL-2.1-or-later
libcmsg_a_SOURCES += src/uapi/uapi.h
