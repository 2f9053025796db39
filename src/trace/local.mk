# SPDX-License-Identifier: LGPL-2.1-or-later
libtrace_a_SOURCES += \
	src/trace/symbols.c src/trace/symbols-elf.c src/trace/symbols.h \
	src/trace/unwind.c src/trace/unwind.h \
	src/trace/unwind-dwarf.c src/trace/unwind-dwarf.h \
	src/trace/unwind-maps.c src/trace/unwind-maps.h \
	src/trace/unwind-walk.c src/trace/unwind-walk.h
