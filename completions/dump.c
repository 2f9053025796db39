// SPDX-License-Identifier: LGPL-2.1-or-later
/* Prints the option table, from which completions/generate.py makes the completions. */
#include "config.h"

#include "options.h"

int main(void)
{
	options_dump(stdout);
	return 0;
}
