/*
 * A person in a room, at a terminal
 */
#ifndef TERM_H
#define TERM_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "ctl.h"

struct term_options {
	struct addr	 addr;
	struct tls_context *tls;	/* with a key, or NULL; borrowed */
	const char	*name;		/* to put before the person's lines */
	bool		 insists;	/* on that name: see link_name() */
	enum history	 history;	/* what to begin with, and its n: see
					   struct hello */
	uint64_t	 n;
	bool		 times;		/* put a stamp before every line */
	bool		 wait;		/* for a room that doesn't exist yet */
	int64_t		 patience;	/* ms without a room, or CLOCK_NEVER */
};

/* Whether standard input and output are terminals, and TERM names one that can
 * be drawn on. */
bool	 term_possible(void);

/*
 * Run until the person leaves; connections that are cut are made again. Returns
 * the exit status: 0, or 1 if the room refused a line, or 2 after an error,
 * which is reported on standard error.
 */
int	 term_run(const struct term_options *o);

#endif
