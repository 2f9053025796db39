# SPDX-License-Identifier: LGPL-2.1-or-later
# make bench: what tracing costs on this machine, beside strace.
EXTRA_PROGRAMS = bench/selfsend bench/pingpong
EXTRA_DIST += bench/bench.py
CLEANFILES += $(EXTRA_PROGRAMS)
bench_selfsend_SOURCES = bench/selfsend.c
bench_selfsend_LDADD = -lpthread
bench_pingpong_SOURCES = bench/pingpong.c

.PHONY: bench
bench: cmsgtrace$(EXEEXT) bench/selfsend bench/pingpong
	python3 $(srcdir)/bench/bench.py --build . --fair 512
