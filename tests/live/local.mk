# SPDX-License-Identifier: LGPL-2.1-or-later

# the predicted source of a message against its packet's
check_PROGRAMS += tests/live/route-probe
tests_live_route_probe_SOURCES = tests/live/route-probe.c
tests_live_route_probe_LDADD = $(ALL_LIBS)
TESTS += tests/live/routes.sh
EXTRA_DIST += tests/live/routes.sh
