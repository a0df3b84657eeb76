/*
 * Commands: lines that are for chat itself, and the room's answers to them
 *
 * A line that begins with / is a command. A line that begins with // is sent
 * without the first /. A text of several lines is sent as it is.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "client/link.h"
#include "comings.h"
#include "transcript.h"

#define COMMAND_NAMES	1000		/* most that are shown of a list */

enum command_kind {
	COMMAND_SAY,			/* it is no command: send it */
	COMMAND_ACT,			/* send what the person does */
	COMMAND_DONE,			/* it was executed */
	COMMAND_QUIT,			/* the person wants to leave */
	COMMAND_WRONG			/* it can't be, as a notice says */
};

struct command {
	struct link	*link;
	struct transcript *transcript;
	struct comings	*comings;
	bool		 asked;		/* the person waits for a list */
	struct buf	 here;		/* the names of the list so far, each
					   with an LF */
	size_t		 names;		/* how many the room has sent */
};

void	 command_init(struct command *c, struct link *l, struct transcript *t,
	    struct comings *comings);
void	 command_free(struct command *c);

/* Execute a line, if it is a command. *text is what to send, if there is
 * something, and points into line. */
enum command_kind	 command_take(struct command *c, const char *line,
			    const char **text);

/* The i-th command, from 0, that begins with the len bytes at s, or NULL. */
const char	*command_match(const char *s, size_t len, size_t i);

/* Handle "here", "join" and "part" of the room: see chat(7). */
void	 command_here(struct command *c, const struct notice *n);
void	 command_join(struct command *c, const struct notice *n);
void	 command_part(struct command *c, const struct notice *n);

/* The room has sent an error about a control line, or a line. Returns whether
 * it is about a command, so that nobody else has to report it. */
bool	 command_refused(struct command *c, const struct notice *n);

/* The connection is gone. A question without an answer is asked again on the
 * next one. */
void	 command_cut(struct command *c);

#endif
