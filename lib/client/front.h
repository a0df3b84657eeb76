/*
 * Front: the protocol of chat(7) over standard input and output, for a program
 * that shows a room to a person
 *
 * It is the one of a client with the role chat, on a connection that never ends
 * if it resumes: see FRONT ENDS in chat(7).
 */
#ifndef FRONT_H
#define FRONT_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "ctl.h"

struct tls_context;

struct front_options {
	struct addr_list room;
	struct tls_context *tls;	/* with a key, or NULL; borrowed */
	struct hello	 hello;		/* presence is always asked for */
	const char	*name;		/* before every line said, unless the
					   room names its speakers; or NULL */
	bool		 resume;	/* connect again when cut */
	int64_t		 patience;	/* if so, ms without a room before it
					   gives up, or CLOCK_NEVER */
};

/*
 * Run until standard input ends and every line is settled, or it can't go on.
 * Nothing is reported on standard error, unless standard input or output fail.
 * Returns the exit status:
 *
 *	0	every line is settled
 *	1	the same, and some lines were refused, lost, or perhaps said
 *		twice
 *	2	an error, which "end" names
 *
 * When the reader of standard output closes it, SIGPIPE ends the process or,
 * where that is ignored, an error with status 2.
 */
int	 front_run(const struct front_options *o);

#endif
