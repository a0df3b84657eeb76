/*
 * Presence: telling clients who is in the room
 *
 * A client may ask for a list of all persons, and to be told whenever one comes
 * or goes. A list goes out in lines, each made only when the client has read
 * enough of the others, so it needs no memory however long it is; all that is
 * kept is the last name told. Whoever doesn't read what is told of those who
 * come and go isn't told any more of it, but is owed a whole list.
 */
#ifndef PRESENCE_H
#define PRESENCE_H

#include <sys/queue.h>

#include <stdbool.h>

#include "text.h"

struct client;
struct server;

/* Of a client that has asked for anything. */
struct presence {
	LIST_ENTRY(presence) entry;	/* if it watches */
	struct client	*client;
	bool		 watches;	/* who comes and goes */
	bool		 telling;	/* a list, up to the name told */
	bool		 owed;		/* a list, after that one */
	char		 told[PERSON_MAX + 1];
};

LIST_HEAD(watchers, presence);

/*
 * The client is to be told who comes and goes, or has asked who is here. One
 * that asks in the middle of a list gets one list more, however often it asks.
 * Without memory it is given up.
 */
void	 presence_watch(struct server *s, struct client *c);
void	 presence_who(struct client *c);

/* A person is here now, or isn't any more. */
void	 presence_join(struct server *s, const char *name);
void	 presence_part(struct server *s, const char *name);

/* Whether the client is to get more of a list. */
bool	 presence_pending(const struct client *c);

/* Tell it more, as far as that may wait for it. */
void	 presence_tell(struct server *s, struct client *c);

#endif
