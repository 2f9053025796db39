// SPDX-License-Identifier: LGPL-2.1-or-later
/* Words that recordings are made of. */
#include "config.h"

#include "record/record.h"

#include "event/event.h"

const char *const record_kinds[] = {
	[EVENT_CALL] = "call",         [EVENT_SIGNAL] = "signal",
	[EVENT_STOPPED] = "stopped",   [EVENT_EXITED] = "exited",
	[EVENT_KILLED] = "killed",     [EVENT_SUPERSEDED] = "superseded",
	[EVENT_ATTACHED] = "attached", [EVENT_DETACHED] = "detached",
	[EVENT_NOTE] = "note",
};
const unsigned int record_nkinds = sizeof(record_kinds) / sizeof(record_kinds[0]);

const char *const record_ends[] = {
	[CALL_RETURNED] = "returned",
	[CALL_PENDING] = "pending",
	[CALL_DIED] = "died",
	[CALL_LEFT] = "left",
};
const unsigned int record_nends = sizeof(record_ends) / sizeof(record_ends[0]);

const char *const record_whys[] = {
	[BYTES_WHOLE] = "whole", [BYTES_LIMIT] = "limit",          [BYTES_FAULT] = "fault",
	[BYTES_GONE] = "gone",   [BYTES_NOT_LOGGED] = "notlogged",
};
const unsigned int record_nwhys = sizeof(record_whys) / sizeof(record_whys[0]);
