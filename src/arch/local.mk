# SPDX-License-Identifier: LGPL-2.1-or-later
libcmsg_a_SOURCES += \
	src/arch/abi.h \
	src/arch/arch.c src/arch/arch.h \
	src/arch/arch-aarch64.c \
	src/arch/arch-riscv64.c \
	src/arch/arch-x86_64.c
