/*
 * Sessions: senders that the room knows again when they come back
 *
 * A session is a token that a sender made up and how many of its lines are
 * settled. The tokens of a person whose name is verified are that person's
 * alone: the session is named PERSON:TOKEN then, so that who has learned a
 * token can't go on with it as somebody else. While a client is connected with
 * it, the client keeps the count; afterwards the session does, until too many
 * others have ended since.
 */
#ifndef SESSION_H
#define SESSION_H

#include <sys/queue.h>
#include <sys/tree.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl.h"
#include "text.h"

#define SESSION_NAME_MAX (PERSON_MAX + 1 + TOKEN_MAX) /* characters */

struct client;

struct session {
	RB_ENTRY(session) entry;
	RB_ENTRY(session) by_author;
	TAILQ_ENTRY(session) idle;	/* while no client has it */
	char		 name[SESSION_NAME_MAX + 1];
	uint64_t	 author;	/* of all its lines */
	uint64_t	 lines;		/* settled */
	uint64_t	 stored;	/* as the store would have it */
	uint64_t	 authored;	/* position after its last line */
	struct client	*client;	/* who is connected with it, or NULL */
};

RB_HEAD(session_tree, session);
RB_HEAD(session_authors, session);
TAILQ_HEAD(session_list, session);

struct sessions {
	struct session_tree tree;	/* all of them, by name ... */
	struct session_authors authors;	/* ... and by author */
	struct session_list idle;	/* the least recently used one first */
	size_t		 n;		/* all of them */
	size_t		 nidle;
	size_t		 max;		/* of those without a client */
};

RB_PROTOTYPE(session_tree, session, entry, session_compare)
RB_PROTOTYPE(session_authors, session, by_author, session_compare_authors)

/* No sessions yet; max of them, if not connected, are kept. */
void	 sessions_init(struct sessions *all, size_t max);
void	 sessions_free(struct sessions *all);

/*
 * Write to name, which has SESSION_NAME_MAX + 1 bytes, what the session of that
 * token is named. person is NULL if nobody knows whose it is.
 */
void	 session_name(char *name, const char *person, const char *token);

/*
 * The session of that name. It begins if there is none: then author becomes
 * its author, and *begun is true. Returns NULL with errno if there is not
 * enough memory.
 */
struct session	*session_find(struct sessions *all, const char *name,
		    uint64_t author, bool *begun);

/*
 * What a store knows of a session, which nobody is connected with. Returns
 * NULL with errno if there is not enough memory.
 */
struct session	*session_restore(struct sessions *all, const char *name,
		    uint64_t author, uint64_t lines);

/* The session with that author, or NULL. */
struct session	*session_by(struct sessions *all, uint64_t author);

/* How many of its lines are settled by now. */
uint64_t session_lines(const struct session *s);

/*
 * Give the session to a client, which goes on where it ended. It must not be
 * another client's.
 */
void	 session_join(struct sessions *all, struct session *s,
	    struct client *c);

/* The client's session, if it has one, keeps what the client knows. */
void	 session_leave(struct sessions *all, struct client *c);

#endif
