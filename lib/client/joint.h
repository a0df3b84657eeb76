/*
 * Joint: a room joined to standard input, standard output, or both
 *
 * This is all that chat-send, chat-recv and chat without a terminal do.
 */
#ifndef JOINT_H
#define JOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "ctl.h"

struct joint_options {
	struct addr_list room;
	struct tls_context *tls;	/* with a key, or NULL; borrowed */
	struct hello	 hello;		/* its role says which are joined */
	const char	*text;		/* sent instead of standard input, or
					   NULL; borrowed */
	const char	*format;	/* of a time before every line received,
					   or NULL; borrowed: see stamp.h */
	bool		 json;		/* write objects, see json.h */
	const char	*name;		/* before every line sent, or NULL */
	bool		 insists;	/* on that name: see link_name() */
	bool		 repair;	/* lines that would be refused */
	bool		 resume;	/* connect again when cut */
	int64_t		 patience;	/* if so, ms without a room before it
					   gives up, or CLOCK_NEVER */
	bool		 ends;		/* with what was said until now, if it
					   only listens */
	bool		 counted;	/* end after count lines */
	uint64_t	 count;
	int64_t		 wait;		/* ms: if counted, for all of them, or
					   else for each; or CLOCK_NEVER */
};

/*
 * Run until one side ends. What goes wrong is reported on standard error, and
 * what can't be opened ends the program. Returns the exit status:
 *
 *	0	success: the room has settled every line, or has sent as many
 *		lines as were wanted
 *	1	some lines were refused or lost
 *	2	an error, such as a room that went away
 *	3	the lines that were wanted didn't come in time
 *
 * When the reader of standard output closes it, SIGPIPE ends the process or,
 * where that is ignored, an error with status 2.
 */
int	 joint_run(const struct joint_options *o);

#endif
