# SPDX-License-Identifier: LGPL-2.1-or-later
libcmsg_a_SOURCES += \
	src/report/fields-json.c src/report/fields-json.h \
	src/report/formats.c src/report/formats.h \
	src/report/jsonl.c src/report/jsonl.h \
	src/report/jsonl-event.c \
	src/report/jsonl-msg.c
