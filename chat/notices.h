/*
 * News: what the link tells, as the person gets to see it
 */
#ifndef NOTICES_H
#define NOTICES_H

#include <stdbool.h>

#include "client/link.h"
#include "command.h"
#include "echo.h"
#include "transcript.h"

struct notices {
	const char	*room;		/* as the person has named it */
	struct link	*link;
	struct transcript *transcript;
	struct echo	*echo;
	struct command	*command;
	bool		 waiting;	/* the person knows what it waits for */
	bool		 welcome;	/* ... that the room is there */
	bool		 silence_reported;	/* ... that it doesn't answer */
	bool		 finishing;	/* ^D has been typed, when it was
					   looked at */
	bool		 answered;	/* what had been answered, and ... */
	uint64_t	 settled;	/* ... settled, when it was looked at */
	int64_t		 since;		/* since when an answer is awaited;
					   CLOCK_NEVER: none is */
};

/* How long a room may take without a word about it, in milliseconds. */
#define NOTICES_PATIENCE	2000

void	 notices_init(struct notices *n, const char *room, struct link *l,
	    struct transcript *t, struct echo *echo, struct command *c);

/* Its functions take a struct notices. */
extern const struct link_reader notices_reader;

/* There's no room, and nothing more is to be said: tell what that waits for,
 * once. */
void	 notices_waiting(struct notices *n);

/* Tell if the room does not answer, or does so again; and when to look. */
void	 notices_look(struct notices *n);
int64_t	 notices_deadline(const struct notices *n);

/* Nobody has listened for a while: the time begins anew. */
void	 notices_was_away(struct notices *n);

#endif
