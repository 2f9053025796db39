# SPDX-License-Identifier: LGPL-2.1-or-later
# The kernel is the judge: what the model says, sent for real.  effects needs ip(8).
KERNEL_TESTS = tests/kernel/oracle tests/kernel/receive tests/kernel/effects
check_PROGRAMS += $(KERNEL_TESTS)
TESTS += $(KERNEL_TESTS)
tests_kernel_oracle_SOURCES = tests/i386.h tests/kernel/families.c tests/kernel/oracle.c tests/kernel/oracle.h tests/kernel/parts.c tests/kernel/perturb.c \
	tests/kernel/shoot.c tests/kernel/subjects.c
tests_kernel_oracle_LDADD = $(ALL_LIBS)
tests_kernel_receive_SOURCES = tests/i386.h tests/kernel/families.c tests/kernel/oracle.h tests/kernel/receive.c \
	tests/kernel/receive.h tests/kernel/receive-kinds.c tests/kernel/shoot.c tests/kernel/subjects.c
tests_kernel_receive_LDADD = $(ALL_LIBS)
tests_kernel_effects_SOURCES = tests/kernel/effects.c tests/kernel/effects.h \
	tests/kernel/arrive.c tests/kernel/conditions.c tests/kernel/families.c tests/kernel/oracle.h \
	tests/kernel/passing.c \
	tests/kernel/shoot.c tests/kernel/silent.c tests/kernel/subjects.c tests/kernel/wire.c tests/kernel/wire.h
tests_kernel_effects_LDADD = $(ALL_LIBS)

# The whole sweep: some minutes.
.PHONY: oracle
oracle: tests/kernel/oracle$(EXEEXT)
	ORACLE_LONG=1 tests/kernel/oracle$(EXEEXT) "$${ORACLE_SEED:-$$(date +%s)}" 20
