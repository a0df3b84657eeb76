/*
 * Joint: a room joined to standard input, standard output, or both
 */
#ifndef JOINT_H
#define JOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "ctl.h"

struct joint_options {
	struct addr	 room;
	struct tls_context *tls;	/* with a key, or NULL; borrowed */
	struct hello	 hello;		/* its role says which are joined */
	const char	*text;		/* to send in place of standard input;
					   or NULL */
	const char	*name;		/* before every line sent; or NULL */
	bool		 repair;	/* lines that would be refused */
	bool		 resume;	/* over connections that are cut, ... */
	int64_t		 patience;	/* ... this many ms without a room, or
					   CLOCK_NEVER */
	bool		 counted;	/* only this many lines are wanted: */
	uint64_t	 count;
	int64_t		 wait;		/* for them, in ms, or CLOCK_NEVER */
};

/*
 * Join them until one side ends; what goes wrong is told on standard error.
 * Returns the exit status:
 *
 *	0	everything is done: the room has settled every line, or the
 *		lines that were wanted have come
 *	1	but some lines were refused, or lost, or haven't come in time
 *	2	it could not go on
 *
 * When standard output is closed by its reader, SIGPIPE ends the process, or if
 * that is ignored an error with status 2.
 */
int	 joint_run(const struct joint_options *o);

#endif
