/*
 * Commands: lines that are for chat itself, and what the room answers to them
 *
 * A line of its own that begins with / is a command. What begins with // is
 * said without the first /, and a text of several lines is said as it is.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "client/link.h"
#include "transcript.h"

#define COMMAND_NAMES	1000		/* of a list that are shown */

enum command_kind {
	COMMAND_SAY,			/* none: it is to be said */
	COMMAND_DONE,
	COMMAND_QUIT,
	COMMAND_WRONG			/* and the person has been told so */
};

struct command {
	struct link	*link;
	struct transcript *transcript;
	bool		 asked;		/* the person waits for a list */
	struct buf	 here;		/* the names of one, up to now: each
					   with an LF */
	size_t		 names;		/* how many the room has told */
};

void	 command_init(struct command *c, struct link *l, struct transcript *t);
void	 command_free(struct command *c);

/* See what a line is, and do it. *text is what is to be said, if it is. */
enum command_kind	 command_take(struct command *c, const char *line,
			    const char **text);

/* The i-th command of those that begin with len bytes at s, or NULL. */
const char	*command_match(const char *s, size_t len, size_t i);

/* The room says who is here; that somebody comes or goes. */
void	 command_here(struct command *c, const struct notice *n);
void	 command_join(struct command *c, const struct notice *n);
void	 command_part(struct command *c, const struct notice *n);

/* The room refuses a control line. Returns whether that is dealt with. */
bool	 command_refused(struct command *c, const struct notice *n);

/* The connection is gone. What was asked is asked again on the next one. */
void	 command_cut(struct command *c);

#endif
