# SPDX-License-Identifier: LGPL-2.1-or-later

# the predicted source of a message against its packet's
check_PROGRAMS += tests/live/route-probe
tests_live_route_probe_SOURCES = tests/live/route-probe.c
tests_live_route_probe_LDADD = $(ALL_LIBS)
TESTS += tests/live/routes.sh
EXTRA_DIST += tests/live/routes.sh

# real programs, wrapped and attached
EXTRA_DIST += tests/live/lab.py
dist_check_SCRIPTS += tests/live/decode.py tests/live/findings.py tests/live/real.py tests/live/clean.py tests/live/wire.py tests/live/demo.sh
TESTS += tests/live/decode.py tests/live/findings.py tests/live/real.py tests/live/clean.py tests/live/wire.py tests/live/demo.sh
if HAVE_M32
check_PROGRAMS += tests/live/pktinfo-server32
tests_live_pktinfo_server32_SOURCES = src/demo/pktinfo-server.c
tests_live_pktinfo_server32_CFLAGS = -std=gnu11 $(WARN_CFLAGS) $(M32_CFLAGS)
tests_live_pktinfo_server32_LDFLAGS = $(M32_CFLAGS)
endif

# where a finding is, in every language
dist_check_SCRIPTS += tests/live/places.py
TESTS += tests/live/places.py
EXTRA_DIST += tests/live/places/place.c tests/live/places/place.cc tests/live/places/place.rs \
	tests/live/places/place.go tests/live/places/cgo tests/live/places/tokio.rs tests/live/places/place.py tests/live/places/place.js tests/live/places/Place.java

# real servers with two addresses, asked at each
EXTRA_DIST += tests/live/servers.py
dist_check_SCRIPTS += tests/live/daemons.py
TESTS += tests/live/daemons.py

# the engine alone: what the torture test drives
check_PROGRAMS += tests/live/engine-probe
tests_live_engine_probe_SOURCES = tests/live/engine-probe.c
tests_live_engine_probe_LDADD = $(ALL_LIBS)
check_PROGRAMS += tests/live/fifty
tests_live_fifty_SOURCES = tests/live/fifty.c
tests_live_fifty_CFLAGS = -std=gnu11 -O1 -g $(WARN_CFLAGS)
tests_live_fifty_LDADD =
dist_check_SCRIPTS += tests/live/fifty.py
TESTS += tests/live/fifty.py
torture_sources = tests/live/torture.c tests/live/torture-pair.c tests/live/torture-storms.c tests/live/torture.h
check_PROGRAMS += tests/live/torture
tests_live_torture_SOURCES = $(torture_sources)
tests_live_torture_CFLAGS = -std=gnu11 $(WARN_CFLAGS)
tests_live_torture_LDFLAGS = -pthread
tests_live_torture_LDADD =
# a file system that doesn't answer
check_PROGRAMS += tests/live/amend-probe
tests_live_amend_probe_SOURCES = tests/live/amend-probe.c
tests_live_amend_probe_CFLAGS = -std=gnu11 -O2 $(WARN_CFLAGS)
tests_live_amend_probe_LDFLAGS = -pthread
tests_live_amend_probe_LDADD =
dist_check_SCRIPTS += tests/live/try-fix.py
TESTS += tests/live/try-fix.py

check_PROGRAMS += tests/live/hang-fs
tests_live_hang_fs_SOURCES = tests/live/hang-fs.c
tests_live_hang_fs_LDADD =
dist_check_SCRIPTS += tests/live/torture.py tests/live/hazards.py
TESTS += tests/live/torture.py tests/live/hazards.py
if HAVE_M32
check_PROGRAMS += tests/live/torture32
tests_live_torture32_SOURCES = $(torture_sources)
tests_live_torture32_CFLAGS = -std=gnu11 $(WARN_CFLAGS) $(M32_CFLAGS)
tests_live_torture32_LDFLAGS = $(M32_CFLAGS) -pthread
endif

# passed descriptors; kernel TLS
dist_check_SCRIPTS += tests/live/passing.py tests/live/ktls.py
TESTS += tests/live/passing.py tests/live/ktls.py

# our lines beside strace's
check_PROGRAMS += tests/live/cmsg-gen tests/live/cmsg-rows
tests_live_cmsg_gen_SOURCES = tests/live/cmsg-gen.c
tests_live_cmsg_rows_SOURCES = tests/live/cmsg-rows.c
tests_live_cmsg_rows_LDADD = $(PURE_LIBS)
dist_check_SCRIPTS += tests/live/differential.py
TESTS += tests/live/differential.py
if HAVE_M32
check_PROGRAMS += tests/live/cmsg-gen32
tests_live_cmsg_gen32_SOURCES = tests/live/cmsg-gen.c
tests_live_cmsg_gen32_CFLAGS = -std=gnu11 $(WARN_CFLAGS) $(M32_CFLAGS)
tests_live_cmsg_gen32_LDFLAGS = $(M32_CFLAGS)
endif

# whom to trace and for how long, by strace's options
dist_check_SCRIPTS += tests/live/strace-options.py
TESTS += tests/live/strace-options.py

# who asks, and who is asked
EXTRA_DIST += tests/live/sweep.py
dist_check_SCRIPTS += tests/live/conversations.py tests/live/voices.py
TESTS += tests/live/conversations.py tests/live/voices.py

# memory that a live run takes
dist_check_SCRIPTS += tests/live/bounded.py
TESTS += tests/live/bounded.py

# the room for control data that is advised
dist_check_SCRIPTS += tests/live/advised.py
TESTS += tests/live/advised.py

# received descriptors that are left
dist_check_SCRIPTS += tests/live/leaked.py
TESTS += tests/live/leaked.py

# very many peers of one socket
dist_check_SCRIPTS += tests/live/many-peers.py tests/live/table.py
TESTS += tests/live/many-peers.py tests/live/table.py

# what a run finds, against its recording and logs of strace
dist_check_SCRIPTS += tests/live/strace-logs.py tests/live/ci-doc.py tests/live/doctor.py
TESTS += tests/live/strace-logs.py tests/live/ci-doc.py tests/live/doctor.py

# a Go QUIC server between two hosts, with its packets
EXTRA_DIST += tests/live/quic-echo.go
dist_check_SCRIPTS += tests/live/quic.py
TESTS += tests/live/quic.py

# the engine by eBPF beside ptrace
dist_check_SCRIPTS += tests/live/bpf.py tests/live/bpf-servers.py tests/live/by-bpf.py
TESTS += tests/live/bpf.py tests/live/bpf-servers.py tests/live/by-bpf.py
EXTRA_DIST += tests/live/liburing-echo.c
check_PROGRAMS += tests/live/batch-echo tests/live/uring-echo
tests_live_batch_echo_SOURCES = tests/live/batch-echo.c
tests_live_uring_echo_SOURCES = tests/live/uring-echo.c

# --wire between two hosts
dist_check_SCRIPTS += tests/live/wire-hosts.py tests/live/matrix.py
TESTS += tests/live/wire-hosts.py tests/live/matrix.py

# what real.py and quic.py build, with Go's cache (read-only files in it)
clean-local:
	-chmod -R u+w tests/live/go 2>/dev/null
	rm -rf tests/live/go

# files and streams of a run
dist_check_SCRIPTS += tests/live/own-files.py
TESTS += tests/live/own-files.py
# what findings say, and that one cause has one voice
dist_check_SCRIPTS += tests/live/verdicts.py
TESTS += tests/live/verdicts.py
# every message of sixteen threads, by each engine
check_PROGRAMS += tests/live/audit
tests_live_audit_SOURCES = tests/live/audit.c
tests_live_audit_CFLAGS = -std=gnu11 $(WARN_CFLAGS)
tests_live_audit_LDFLAGS = -pthread
tests_live_audit_LDADD =
dist_check_SCRIPTS += tests/live/audit.py
TESTS += tests/live/audit.py
# calls that are wrong in every way
check_PROGRAMS += tests/live/hostile
tests_live_hostile_SOURCES = tests/live/hostile.c
tests_live_hostile_CFLAGS = -std=gnu11 $(WARN_CFLAGS)
tests_live_hostile_LDFLAGS = -pthread
tests_live_hostile_LDADD =
dist_check_SCRIPTS += tests/live/hostile-files.py
TESTS += tests/live/hostile-files.py
dist_check_SCRIPTS += tests/live/hostile.py
TESTS += tests/live/hostile.py
if HAVE_M32
check_PROGRAMS += tests/live/hostile32
tests_live_hostile32_SOURCES = tests/live/hostile.c
tests_live_hostile32_CFLAGS = -std=gnu11 $(WARN_CFLAGS) $(M32_CFLAGS)
tests_live_hostile32_LDFLAGS = $(M32_CFLAGS) -pthread
endif
