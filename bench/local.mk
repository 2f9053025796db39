# SPDX-License-Identifier: LGPL-2.1-or-later
# make bench: what tracing costs on this machine, beside strace.
EXTRA_PROGRAMS = bench/selfsend bench/pingpong bench/mixed
check_PROGRAMS += bench/peers
EXTRA_DIST += bench/attached.py bench/bench.py bench/peers.py bench/read.py bench/stacks.py
CLEANFILES += $(EXTRA_PROGRAMS)
bench_selfsend_SOURCES = bench/selfsend.c
bench_selfsend_LDADD = -lpthread
bench_mixed_SOURCES = bench/mixed.c
bench_mixed_LDADD = -lpthread
bench_pingpong_SOURCES = bench/pingpong.c
bench_peers_SOURCES = bench/peers.c

.PHONY: bench
bench: cmsgtrace$(EXEEXT) bench/selfsend bench/pingpong
	python3 $(srcdir)/bench/bench.py --build . --fair 512

# What attaching costs.
.PHONY: bench-attached
bench-attached: cmsgtrace$(EXEEXT) bench/mixed bench/pingpong
	python3 $(srcdir)/bench/attached.py --build .

.PHONY: bench-peers
bench-peers: cmsgtrace$(EXEEXT) bench/peers
	python3 $(srcdir)/bench/peers.py --build .

# What a stack costs, in each language.
.PHONY: bench-stacks
bench-stacks: cmsgtrace$(EXEEXT)
	python3 $(srcdir)/bench/stacks.py --build .

# What reading a gigabyte costs: throughput, memory, and whether nothing is lost.
.PHONY: bench-read
bench-read: cmsgtrace$(EXEEXT)
	builddir='$(abs_top_builddir)' python3 $(srcdir)/bench/read.py
