/*
 * Sessions: senders that the room recognises when they connect again
 *
 * A session is a token that a sender has made up, and how many of its lines are
 * settled. The tokens of a person whose name is verified belong to that person
 * alone: such a session is named PERSON:TOKEN, so nobody who learns a token can
 * go on with it under another name. While a client is connected with a session,
 * the client keeps the count. Afterwards the session does, until too many other
 * sessions have ended since.
 *
 * A client that was connected when the room ended, or that an upgrade could not
 * hand over, did not choose to leave. Its session is held, which counts as
 * being connected, until the client is back or SESSION_HELD_MS have passed.
 */
#ifndef SESSION_H
#define SESSION_H

#include <sys/queue.h>
#include <sys/tree.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl.h"
#include "owner.h"
#include "text.h"

#define SESSION_NAME_MAX (PERSON_MAX + 1 + TOKEN_MAX) /* characters */
#define SESSION_HELD_MS	(60 * 1000)	/* many times what clients wait */

struct client;

struct session {
	RB_ENTRY(session) entry;
	RB_ENTRY(session) by_author;
	TAILQ_ENTRY(session) use;	/* in one of the lists */
	char		 name[SESSION_NAME_MAX + 1];
	uint64_t	 author;	/* of all its lines */
	uint64_t	 lines;		/* settled, when nobody is connected */
	uint64_t	 stored;	/* settled, as the store counts */
	uint64_t	 authored;	/* position after its last line */
	bool		 here;		/* connected or held */
	struct client	*client;	/* the connected one; NULL: none */
	const uint64_t	*count;		/* its settled lines, by that client */
	struct owner	*owner;		/* who has it at which node; NULL
					   without a log, or while it is idle */
};

RB_HEAD(session_tree, session);
RB_HEAD(session_authors, session);
TAILQ_HEAD(session_list, session);

struct sessions {
	struct session_tree tree;	/* all of them, by name */
	struct session_authors authors;	/* all of them, by author */
	struct session_list idle;	/* least recently used first */
	struct session_list here;	/* connected or held, likewise */
	size_t		 n;		/* all of them */
	size_t		 nidle;
	size_t		 nheld;		/* here without a client */
	size_t		 max;		/* most that are kept idle */
	int64_t		 held_until;	/* of all that are held, in ms */
	struct owners	 owners;	/* of all that have one */
};

RB_PROTOTYPE(session_tree, session, entry, session_compare)
RB_PROTOTYPE(session_authors, session, by_author, session_compare_authors)

/* Start without sessions, and keep at most max while they are idle. */
void	 sessions_init(struct sessions *all, size_t max);

/* Keep at most that many idle ones from now on: forget the others, least
 * recently used first. */
void	 sessions_set_max(struct sessions *all, size_t max);

void	 sessions_free(struct sessions *all);

/*
 * Write the name of the session of a token to name, which has
 * SESSION_NAME_MAX + 1 bytes. person is NULL if the client's is not verified.
 */
void	 session_name(char *name, const char *person, const char *token);

/* The session of that name, or NULL. */
struct session	*session_lookup(struct sessions *all, const char *name);

/*
 * The session of that name. If there is none, it begins with that author, and
 * *begun is true. Returns NULL with errno if memory is short.
 */
struct session	*session_get(struct sessions *all, const char *name,
		    uint64_t author, bool *begun);

/*
 * Enter a session as a store or a state knows it: as the most recently used
 * one, held if here, otherwise idle. Returns NULL with errno if memory is
 * short.
 */
struct session	*session_restore(struct sessions *all, const char *name,
		    uint64_t author, uint64_t lines, bool here);

/* The session with that author, or NULL. */
struct session	*session_of_author(struct sessions *all, uint64_t author);

/* How many of its lines are settled by now. */
uint64_t session_lines(const struct session *s);

/* Hold a session that nobody is connected with, as the most recently used. */
void	 session_hold(struct sessions *all, struct session *s);

/*
 * Connect a held session with a client, which keeps its lines at count from now
 * on, or disconnect it again: then it is held with what that client knew.
 */
void	 session_attach(struct sessions *all, struct session *s,
	    struct client *c, const uint64_t *count);
void	 session_detach(struct sessions *all, struct session *s,
	    uint64_t lines, uint64_t authored);

/* Make it the most recently used one. */
void	 session_use(struct sessions *all, struct session *s);

/* Let a held session become idle. */
void	 session_part(struct sessions *all, struct session *s);

/*
 * Forget all sessions but the most recently used: that many idle ones, and that
 * many of those that are here, all of which are held.
 */
void	 sessions_keep(struct sessions *all, size_t idle, size_t here);

/* Hold at most that many: the least recently used ones become idle. */
void	 sessions_limit(struct sessions *all, size_t held);

#endif
