# SPDX-License-Identifier: LGPL-2.1-or-later
libtrace_a_SOURCES += \
	src/stack/demangle.c src/stack/demangle.h \
	src/stack/dwarf-lines.c src/stack/dwarf-lines.h \
	src/stack/elf-debug.c src/stack/elf-debug.h \
	src/stack/elf-file.c src/stack/elf-file.h \
	src/stack/elf-go.c src/stack/elf-go.h \
	src/stack/elf-source.h \
	src/stack/elf-symbols.c src/stack/elf-symbols.h \
	src/stack/gopclntab.c src/stack/gopclntab.h \
	src/stack/jit-code.c src/stack/jit-code.h \
	src/stack/jit.c src/stack/jit.h \
	src/stack/jitdump.c src/stack/jitdump.h \
	src/stack/marks.c src/stack/marks.h \
	src/stack/names.c src/stack/names.h \
	src/stack/open.c src/stack/open.h \
	src/stack/python.c src/stack/python.h \
	src/stack/unwind.c src/stack/unwind.h \
	src/stack/unwind-dwarf.c src/stack/unwind-dwarf.h \
	src/stack/unwind-maps.c src/stack/unwind-maps.h \
	src/stack/unwind-space.c src/stack/unwind-space.h \
	src/stack/unwind-walk.c src/stack/unwind-walk.h
