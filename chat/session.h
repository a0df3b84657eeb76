/*
 * A session: what a person has in a room, however the terminal shows it
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "away.h"
#include "client/link.h"
#include "comings.h"
#include "command.h"
#include "ctl.h"
#include "echo.h"
#include "notices.h"
#include "say.h"
#include "transcript.h"

struct session_options {
	struct addr_list room;
	struct tls_context *tls;	/* with a key, or NULL; borrowed */
	const char	*name;		/* to put before the person's lines */
	bool		 insists;	/* on that name: see link_name() */
	struct hello	 hello;		/* the history to begin with; its times:
					   a stamp before every line */
	bool		 bare;		/* messages and notices alone */
	bool		 wait;		/* for a room that doesn't exist yet */
	int64_t		 patience;	/* ms without a room, or CLOCK_NEVER */
};

struct session {
	const struct session_options *o;
	struct link	*link;
	struct transcript transcript;
	struct comings	 comings;
	struct away	 away;
	struct echo	 echo;
	struct say	 say;
	struct command	 command;
	struct notices	 notices;
};

/* Make a session that isn't connected yet; o is borrowed. An error ends the
 * program. */
void	 session_init(struct session *s, const struct session_options *o,
	    const struct transcript_style *style);
void	 session_free(struct session *s);

/* Connect, which ends the program where it fails for good. */
void	 session_connect(struct session *s);

/* Enter the sandbox: all is open. */
void	 session_confine(const struct session *s);

/*
 * session_look() adds the notices that are due to the transcript.
 * session_deadline() is when to call it, or link_ready(), at the latest, by
 * clock_now(), or CLOCK_NEVER.
 */
void	 session_look(struct session *s);
int64_t	 session_deadline(const struct session *s);

/*
 * Do what a line says that the person has entered. Returns what it was; what
 * couldn't be sent, as a notice then says, is *rest, which points into line,
 * and otherwise NULL.
 */
enum command_kind	 session_take(struct session *s, const char *line,
			    const char **rest);

/* The person wants to leave. */
void	 session_quit(struct session *s);

/*
 * Whether nothing that was said is on its way, and nobody is there, after that:
 * the link would still wait for a room that it has never met.
 */
bool	 session_has_no_room(const struct session *s);

/* Report on standard error why the link has ended. Returns the exit status: 0,
 * or 1 if the room refused a line, or 2 after an error. */
int	 session_report(const struct session *s);

#endif
