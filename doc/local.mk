# SPDX-License-Identifier: LGPL-2.1-or-later
EXTRA_DIST += doc/events.schema.json doc/architecture.md doc/howto-add-cmsg.md doc/howto-add-output.md doc/howto-add-rule.md
EXTRA_DIST += doc/ci.md doc/kernel.md doc/howto-add-engine.md doc/howto-add-architecture.md doc/performance.md
