/*
 * Sessions: senders that the room knows again when they come back
 *
 * A session is a token that a sender made up and how many of its lines are
 * settled. The tokens of a person whose name is verified are that person's
 * alone: the session is named PERSON:TOKEN then, so that who has learned a
 * token can't go on with it as somebody else. While a client is connected with
 * it, the client keeps the count; afterwards the session does, until too many
 * others have ended since.
 *
 * Who was connected when the room ended, or was handed over without them, had
 * no say in that: such a session is held, which is as if somebody were
 * connected with it, until it is back, or for SESSION_HELD_MS.
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
#define SESSION_HELD_MS	(60 * 1000)	/* many times what clients wait */

struct client;

struct session {
	RB_ENTRY(session) entry;
	RB_ENTRY(session) by_author;
	TAILQ_ENTRY(session) use;	/* in one of the lists */
	char		 name[SESSION_NAME_MAX + 1];
	uint64_t	 author;	/* of all its lines */
	uint64_t	 lines;		/* settled */
	uint64_t	 stored;	/* as the store would have it */
	uint64_t	 authored;	/* position after its last line */
	bool		 here;		/* somebody is connected with it: */
	struct client	*client;	/* who that is; NULL: it's held */
};

RB_HEAD(session_tree, session);
RB_HEAD(session_authors, session);
TAILQ_HEAD(session_list, session);

struct sessions {
	struct session_tree tree;	/* all of them, by name ... */
	struct session_authors authors;	/* ... and by author */
	struct session_list idle;	/* the least recently used one first */
	struct session_list here;	/* the others, in the same order */
	size_t		 n;		/* all of them */
	size_t		 nidle;
	size_t		 nheld;		/* here without a client */
	size_t		 max;		/* of those that are idle */
	int64_t		 held_until;
};

RB_PROTOTYPE(session_tree, session, entry, session_compare)
RB_PROTOTYPE(session_authors, session, by_author, session_compare_authors)

/* No sessions yet; max of them are kept while they are idle. */
void	 sessions_init(struct sessions *all, size_t max);
void	 sessions_free(struct sessions *all);

/*
 * Write to name, which has SESSION_NAME_MAX + 1 bytes, what the session of that
 * token is named. person is NULL if nobody knows whose it is.
 */
void	 session_name(char *name, const char *person, const char *token);

/* The session of that name, or NULL. */
struct session	*session_known(struct sessions *all, const char *name);

/*
 * The session of that name. It begins if there is none: then author becomes
 * its author, and *begun is true. Returns NULL with errno if there is not
 * enough memory.
 */
struct session	*session_find(struct sessions *all, const char *name,
		    uint64_t author, bool *begun);

/*
 * What a store knows of a session, if any are kept. It is the last one that was
 * used: held, if somebody was here with it, or else idle. Returns NULL with
 * errno if there is not enough memory.
 */
struct session	*session_restore(struct sessions *all, const char *name,
		    uint64_t author, uint64_t lines, bool here);

/* The session with that author, or NULL. */
struct session	*session_by(struct sessions *all, uint64_t author);

/* How many of its lines are settled by now. */
uint64_t session_lines(const struct session *s);

/*
 * Give the session to a client, which goes on where it has come to. If it is
 * another client's, that one has none any more.
 */
void	 session_join(struct sessions *all, struct session *s,
	    struct client *c);

/* The client has had it all the time, and another program goes on. */
void	 session_resume(struct sessions *all, struct session *s,
	    struct client *c);

/* It is the last one that was used. */
void	 session_use(struct sessions *all, struct session *s);

/*
 * The client's session, if it has one, keeps what the client knows. By the
 * second it is held.
 */
void	 session_leave(struct sessions *all, struct client *c);
void	 session_hold(struct sessions *all, struct client *c);

/* A session that is held becomes idle. */
void	 session_part(struct sessions *all, struct session *s);

/* Forget all but those that were used last: so many that are idle, and so many
 * that are here, which are all held. */
void	 sessions_keep(struct sessions *all, size_t idle, size_t here);

/* At most so many are held: the others become idle. */
void	 sessions_limit(struct sessions *all, size_t held);

#endif
