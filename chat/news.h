/*
 * News: what the link tells, as the person gets to see it
 */
#ifndef NEWS_H
#define NEWS_H

#include <stdbool.h>

#include "command.h"
#include "link.h"
#include "say.h"
#include "transcript.h"

struct news {
	const char	*room;		/* as the person has named it */
	struct link	*link;
	struct transcript *transcript;
	struct say	*say;
	struct command	*command;
	bool		 waiting;	/* the person knows what it waits for */
};

/* Its functions take a struct news. */
extern const struct link_reader news_reader;

/* There's no room, and nothing more is to be said: tell what that waits for,
 * once. */
void	 news_waiting(struct news *n);

#endif
