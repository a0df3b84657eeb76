/*
 * A person in a room, at a terminal
 */
#ifndef TERM_H
#define TERM_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"

struct term_options {
	struct addr	 addr;
	struct tls_context *tls;	/* with a key, or NULL; borrowed */
	const char	*name;		/* what the person's lines begin with */
	bool		 insists;	/* that name or none will do */
	uint64_t	 last;		/* lines of the past to begin with */
	bool		 times;		/* show when each was said */
	bool		 wait;		/* for a room that isn't there yet */
	int64_t		 patience;	/* ms without a room, or CLOCK_NEVER */
};

/* Whether there is a terminal on both sides that can be drawn on. */
bool	 term_possible(void);

/*
 * Talk until the person ends it, also over connections that are cut. Returns
 * the exit status: 0; 1 if the room refused a line; 2 if it could not go on,
 * which is told on standard error.
 */
int	 term_run(const struct term_options *o);

#endif
