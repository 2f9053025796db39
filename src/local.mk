# SPDX-License-Identifier: LGPL-2.1-or-later
cmsgtrace_SOURCES += \
	src/ahead.c src/ahead.h \
	src/unpack.c src/unpack.h \
	src/accepted.c src/accepted.h \
	src/complain.c src/complain.h \
	src/evidence.c src/evidence.h \
	src/own-file.c src/own-file.h src/read-file.c src/read-file.h \
	src/demo.c src/demo.h \
	src/doctor.c src/doctor.h \
	src/main.c \
	src/option-parse.c \
	src/option-table.c src/option-table.h \
	src/options.h \
	src/outputs.c src/outputs.h \
	src/pipeline.c src/pipeline.h \
	src/progress.c src/progress.h \
	src/replay.c src/replay.h \
	src/sniff.c src/sniff.h \
	src/select.c src/select.h \
	src/source-lines.c src/source-lines.h \
	src/streams.c src/streams.h \
	src/syscall-classes.c src/syscall-classes.h

libtrace_a_SOURCES += src/engines.c src/engines.h

# The server of the demo and of the live tests.
pkglibexec_PROGRAMS = pktinfo-server
pktinfo_server_SOURCES = src/demo/pktinfo-server.c
pktinfo_server_LDFLAGS = $(AM_LDFLAGS) $(HARDEN_LDFLAGS)
cmsgtrace_CPPFLAGS = $(AM_CPPFLAGS) -DPKGLIBEXECDIR='"$(pkglibexecdir)"'
