/*
 * Presence: telling clients who is in the room
 *
 * A client may ask for a list of all persons, and for a notice whenever one
 * comes or goes. A list is sent in lines, each made only when the client has
 * read enough of those before, so however long it is, it takes no memory: only
 * the last name sent is kept. A client that doesn't read its notices gets no
 * more of them, but a whole list later.
 */
#ifndef PRESENCE_H
#define PRESENCE_H

#include <sys/queue.h>

#include <stdbool.h>

#include "text.h"

struct client;
struct server;

/* What a client has that has asked for anything. */
struct presence {
	LIST_ENTRY(presence) entry;	/* among the watchers, if it watches */
	struct client	*client;
	bool		 watches;	/* wants notices */
	bool		 telling;	/* in a list, behind last_sent */
	bool		 owed;		/* another list after that one */
	char		 last_sent[PERSON_MAX + 1];
};

LIST_HEAD(watchers, presence);

/*
 * The client wants notices from now on, or a list. Whoever asks again in the
 * middle of a list gets one list more, however often. A client that there is no
 * memory for is given up.
 */
void	 presence_watch(struct server *s, struct client *c);
void	 presence_who(struct client *c);

/* Send the notice that a person has come, or has gone. */
void	 presence_join(struct server *s, const char *name);
void	 presence_part(struct server *s, const char *name);

/* Whether there is more of a list to send to the client. */
bool	 presence_pending(const struct client *c);

/* Queue more of it, as far as the client's queue has space. */
void	 presence_tell(struct server *s, struct client *c);

#endif
