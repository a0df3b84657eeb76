/*
 * What the command line asks for
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stddef.h>

#include "core/server.h"

#define OPTIONS_CLIENTS	1000000		/* at the most, whatever is allowed */

struct options {
	struct config	 config;
	size_t		 size;		/* of the ring, in bytes */
	const char	*user;		/* to become, or NULL */
	char		 needs_store;	/* an option that does, or NUL */
};

/* Take the options, as in chatd(8); optind is the first address's place then.
 * Texts are the command line's own. What is wrong ends the program with status
 * 2, and --help and --version with 0. */
void	 options_parse(struct options *o, int argc, char **argv);

#endif
