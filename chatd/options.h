/*
 * Options: what the command line asks for
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stddef.h>

#include "core/server.h"

#define OPTIONS_CLIENTS	1000000		/* most that -a and -c allow */

struct options {
	struct config	 config;
	size_t		 size;		/* of the ring, in bytes */
	const char	*patience;	/* the value of -p, or NULL */
	const char	*user;		/* to drop privileges to, or NULL */
	char		 needs_store;	/* the last option that needs -s, or
					   NUL */
};

/*
 * Parse the options of chatd(8), with defaults for the rest. Strings are those
 * of argv, and optind is the index of the first address afterwards. Exits with
 * status 2 after an error, and with 0 after --help and --version.
 */
void	 options_parse(struct options *o, int argc, char **argv);

#endif
