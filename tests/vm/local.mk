# SPDX-License-Identifier: LGPL-2.1-or-later
# Other kernels than this machine's, in qemu: no part of make check, since it takes minutes and 180 MB of packages.
EXTRA_DIST += tests/vm/fetch.sh tests/vm/guest.sh tests/vm/init tests/vm/kernels.py tests/vm/TESTS

.PHONY: check-kernels
check-kernels: cmsgtrace$(EXEEXT) $(check_PROGRAMS)
	@$(MAKE) $(AM_MAKEFLAGS) check-am TESTS=tests/vm/kernels.py
