# SPDX-License-Identifier: LGPL-2.1-or-later
libtrace_a_SOURCES += src/bpf/watcher.h
BPF_FILES = src/bpf/cmsgtrace.bpf.c src/bpf/kernel.h src/bpf/packet.bpf.h src/bpf/read.bpf.h src/bpf/records.h \
	src/bpf/sock.bpf.h src/bpf/take.bpf.h src/bpf/task.bpf.h src/bpf/uring.bpf.h
EXTRA_DIST += $(BPF_FILES) src/bpf/COPYING.GPL-2

if HAVE_LIBBPF
libtrace_a_SOURCES += \
	src/bpf/watcher.c src/bpf/state.h \
	src/bpf/load.c \
	src/bpf/memory.c \
	src/bpf/packets.c \
	src/bpf/ring.c \
	src/bpf/sock.c \
	src/bpf/stacks.c
noinst_LIBRARIES += libbpfobject.a
libbpfobject_a_SOURCES = src/bpf/object.c src/bpf/object.h
libbpfobject_a_CPPFLAGS = $(AM_CPPFLAGS) -DBPF_OBJECT='"$(abs_srcdir)/src/bpf/cmsgtrace-$(BPF_ARCH).bpf"'
src/bpf/libbpfobject_a-object.$(OBJEXT): $(srcdir)/src/bpf/cmsgtrace-$(BPF_ARCH).bpf
BPF_OBJECT_LIB = libbpfobject.a
else
libtrace_a_SOURCES += src/bpf/nobpf.c
endif

# The compiled programs lie beside their source: a tarball brings them, for each machine.
BPF_OBJECTS = $(srcdir)/src/bpf/cmsgtrace-x86.bpf $(srcdir)/src/bpf/cmsgtrace-arm64.bpf \
	$(srcdir)/src/bpf/cmsgtrace-riscv.bpf
EXTRA_DIST += $(BPF_OBJECTS)
MAINTAINERCLEANFILES = $(BPF_OBJECTS)
BPF_COMPILE = $(BPF_CLANG) -target bpf -O2 -g -Wall -Wextra -Wno-unused-parameter -I/usr/include/$(BPF_SYSTEM)
$(BPF_OBJECTS): $(BPF_FILES)
	$(AM_V_GEN)arch=`basename $@ .bpf | sed s/cmsgtrace-//`; \
	$(BPF_COMPILE) -D__TARGET_ARCH_$$arch -c $(srcdir)/src/bpf/cmsgtrace.bpf.c -o $@.tmp && \
	$(BPF_STRIP) -g $@.tmp && mv $@.tmp $@
