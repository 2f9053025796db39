// SPDX-License-Identifier: LGPL-2.1-or-later
/* Every rule, ascending by id. */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "check/rule.h"

/* list.h names the files in rules/, RULE(ct101) and so on: src/lists. */
#define RULE(id) extern const struct rule id;
#include "check/rules/list.h"
#undef RULE

const struct rule *const rules[] = {
#define RULE(id) &(id),
#include "check/rules/list.h"
#undef RULE
	NULL,
};

const struct rule *rule_find(const char *id_or_name)
{
	for (unsigned int i = 0; rules[i]; i++) {
		if (!strcasecmp(rules[i]->id, id_or_name) || !strcmp(rules[i]->name, id_or_name))
			return rules[i];
	}
	return NULL;
}
