/*
 * News: what the link tells, as the person gets to see it
 */
#ifndef NEWS_H
#define NEWS_H

#include <stdbool.h>

#include "command.h"
#include "link.h"
#include "said.h"
#include "transcript.h"

struct news {
	const char	*room;		/* as the person has named it */
	struct link	*link;
	struct transcript *transcript;
	struct said	*said;
	struct command	*command;
	bool		 waiting;	/* the person knows what it waits for */
	bool		 welcome;	/* ... that the room is there */
	bool		 silent;	/* ... that it doesn't answer */
	bool		 finishing;	/* ^D has been typed, when it was
					   looked at */
	bool		 answered;	/* what had been answered, and ... */
	uint64_t	 settled;	/* ... settled, when it was looked at */
	int64_t		 since;		/* since when an answer is awaited;
					   CLOCK_NEVER: none is */
};

/* How long a room may take without a word about it, in milliseconds. */
#define NEWS_PATIENCE	2000

void	 news_init(struct news *n, const char *room, struct link *l,
	    struct transcript *t, struct said *said, struct command *c);

/* Its functions take a struct news. */
extern const struct link_reader news_reader;

/* There's no room, and nothing more is to be said: tell what that waits for,
 * once. */
void	 news_waiting(struct news *n);

/* Tell if the room does not answer, or does so again; and when to look. */
void	 news_look(struct news *n);
int64_t	 news_deadline(const struct news *n);

/* Nobody has listened for a while: the time begins anew. */
void	 news_was_away(struct news *n);

#endif
