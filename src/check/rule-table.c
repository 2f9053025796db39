// SPDX-License-Identifier: LGPL-2.1-or-later
/* Every rule, ascending by id. */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "check/rule.h"
#include "check/rules/rules.h"

const struct rule *const rules[] = {
	&ct101, &ct102, &ct103, &ct104, &ct105, &ct106, &ct107, &ct108, &ct109, &ct110, &ct111,
	&ct112, &ct201, &ct202, &ct203, &ct204, &ct205, &ct206, &ct207, &ct208, &ct301, &ct302,
	&ct303, &ct304, &ct305, &ct306, &ct307, &ct308, &ct401, &ct402, &ct403, &ct405, &ct406,
	&ct407, &ct408, &ct501, &ct502, &ct503, &ct601, &ct701, &ct702, &ct901, &ct902, NULL,
};

const struct rule *rule_find(const char *id_or_name)
{
	for (unsigned int i = 0; rules[i]; i++) {
		if (!strcasecmp(rules[i]->id, id_or_name) || !strcmp(rules[i]->name, id_or_name))
			return rules[i];
	}
	return NULL;
}
