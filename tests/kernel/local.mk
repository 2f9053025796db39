# SPDX-License-Identifier: LGPL-2.1-or-later
# The kernel is the judge: what the model says, sent for real.
KERNEL_TESTS = tests/kernel/oracle
check_PROGRAMS += $(KERNEL_TESTS)
TESTS += $(KERNEL_TESTS)
tests_kernel_oracle_SOURCES = tests/kernel/oracle.c tests/kernel/oracle.h tests/kernel/shoot.c \
	tests/kernel/subjects.c
tests_kernel_oracle_LDADD = $(ALL_LIBS)

# The whole sweep: some minutes.
.PHONY: oracle
oracle: tests/kernel/oracle$(EXEEXT)
	ORACLE_LONG=1 tests/kernel/oracle$(EXEEXT) "$${ORACLE_SEED:-$$(date +%s)}" 20
