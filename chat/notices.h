/*
 * Notices: what the link reports, in words for the person
 */
#ifndef NOTICES_H
#define NOTICES_H

#include <stdbool.h>

#include "away.h"
#include "client/link.h"
#include "command.h"
#include "echo.h"
#include "transcript.h"

struct notices {
	struct link	*link;
	struct transcript *transcript;
	struct echo	*echo;
	struct command	*command;
	struct away	*away;
	bool		 waiting;	/* notices_waiting() has told why */
	bool		 welcome;	/* "connected" was just reported */
	bool		 silence_reported; /* that the room doesn't answer */

	/* The link at the last notices_look(). */
	bool		 finishing;
	bool		 answered;
	uint64_t	 settled;
	int64_t		 since;		/* when it began to wait for an answer,
					   or CLOCK_NEVER if it doesn't */

	/* The connection is gone since then. */
	int64_t		 cut_at;	/* by clock_now() */
	int64_t		 cut_date;	/* seconds since 1970 */
};

/* After how many milliseconds without an answer a notice says so. */
#define NOTICES_PATIENCE	2000

/* After how many without a connection there is a status. */
#define NOTICES_CUT		1000

#define NOTICES_STATUS_SIZE	80

void	 notices_init(struct notices *n, struct link *l, struct transcript *t,
	    struct echo *echo, struct command *c, struct away *away);

/* For link_new(); its arg is a struct notices. */
extern const struct link_reader notices_reader;

/* The person wants to leave while the room is gone: say once how many lines
 * still wait for it, if any do. */
void	 notices_waiting(struct notices *n);

/* notices_look() reports that the room doesn't answer. notices_deadline() is
 * when to call it at the latest, by clock_now(), or CLOCK_NEVER. */
void	 notices_look(struct notices *n);
int64_t	 notices_deadline(const struct notices *n);

/*
 * Write the state of the connection to status, which has NOTICES_STATUS_SIZE
 * bytes: since when there is none, and when the next one is tried; or "" if
 * there is one. Returns when that will have changed, by clock_now(), or
 * CLOCK_NEVER.
 */
int64_t	 notices_status(const struct notices *n, char *status);

/* This process was stopped for a while: measure the time from now on. */
void	 notices_was_away(struct notices *n);

#endif
