// SPDX-License-Identifier: LGPL-2.1-or-later
/* Every row of our tables of control messages, for cmsg-gen: "LEVEL TYPE SIZE MAX NAME" a line. */
#include "config.h"

#include <stdio.h>

#include "cmsg/cmsg.h"

int main(void)
{
	for (size_t i = 0; cmsg_levels[i]; i++) {
		const struct cmsg_level *l = cmsg_levels[i];

		for (unsigned int k = 0; k < l->n; k++)
			printf("%d %d %u %u %s %s\n", l->types[k].level, l->types[k].type,
			       l->types[k].size, l->types[k].size_max, l->name, l->types[k].name);
	}
	return 0;
}
