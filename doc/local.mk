# SPDX-License-Identifier: LGPL-2.1-or-later
EXTRA_DIST += doc/events.schema.json doc/architecture.md doc/howto-add-cmsg.md doc/howto-add-output.md doc/howto-add-rule.md
EXTRA_DIST += doc/ci.md doc/kernel.md doc/howto-add-engine.md doc/howto-add-architecture.md doc/performance.md
EXTRA_DIST += doc/ci/action.yml doc/ci/gitlab.yml
EXTRA_DIST += doc/pictures.py doc/terminal.svg doc/page-demo.png doc/page-dns.png doc/page-quic.png
# The pictures of README, of real runs; needs root, chromium, dnsmasq and go.
.PHONY: pictures
pictures: cmsgtrace$(EXEEXT) pktinfo-server$(EXEEXT)
	CMSGTRACE='$(abs_builddir)/cmsgtrace' builddir='$(abs_builddir)' srcdir='$(srcdir)' python3 $(srcdir)/doc/pictures.py
