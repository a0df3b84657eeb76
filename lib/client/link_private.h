/*
 * What a link is made of, for the files of the link itself: link.c, receive.c
 * and handshake.c
 */
#ifndef LINK_PRIVATE_H
#define LINK_PRIVATE_H

#include "conn.h"
#include "dial.h"
#include "link.h"
#include "retry.h"
#include "sendq.h"

enum link_state {
	LINK_DOWN,			/* until it is time to dial again */
	LINK_DIALLING,
	LINK_HANDSHAKE,			/* the key is being proven */
	LINK_UP,
	LINK_OVER
};

struct link {
	/* Set once. */
	const struct addr_list *rooms;	/* borrowed */
	struct tls_context *tls;	/* with a key; borrowed, or NULL */
	struct hello	 hello;
	const struct link_reader *reader;
	void		*arg;		/* for the reader's functions */
	bool		 resume;
	bool		 waits;		/* for a room that never answered */
	bool		 insists;	/* on the name in prefix */
	char		 prefix[LINK_PREFIX_SIZE]; /* "name: " or nothing */
	size_t		 prefixlen;

	/* The connection. */
	enum link_state	 state;
	struct conn	 conn;		/* fd -1 while there is none */
	struct dial	 dial;
	struct retry	 retry;
	size_t		 at;		/* of rooms: here, or next */
	int64_t		 dial_at;	/* when LINK_DOWN ends */
	int64_t		 handshake_by;	/* when LINK_HANDSHAKE ends */
	int64_t		 answer_by;	/* when the room must have answered */
	bool		 answers;	/* it has begun the handshake */
	bool		 again;		/* this isn't the first connection */
	bool		 cut_reported;	/* the reader's cut() was called */
	bool		 cut_off;	/* also that the room is cut off */
	bool		 shut;		/* our sending half is shut down */
	bool		 broken;	/* nothing can be written any more */
	char		 why[LINK_WHY_SIZE]; /* why the link, or else the
					   last connection, ended; or "" */
	char		(*whys)[LINK_WHY_SIZE]; /* the same of each address,
					   since a room has answered */
	bool		 nowhere;	/* it has ended for all of these */

	/* What goes out. */
	struct sendq	 queue;
	char		 greeting[CTL_SIZE]; /* the rest of a control line */
	size_t		 greetlen;
	bool		 asks;		/* who is here; not sent yet */
	bool		 finishing;	/* no more lines will be queued */

	/* What comes in. */
	struct incoming	 in;
	bool		 reading;	/* the caller can take lines */
	bool		 answered;	/* the room has, on this connection */
	bool		 ever_answered;	/* a room has, on some connection */
	bool		 placed;	/* next is known */
	uint64_t	 next;		/* the number of the next message */
	uint64_t	 lost;		/* messages not reported as lost yet */
	bool		 lost_uncounted; /* nobody knows how many */
	uint64_t	 forgotten;	/* settled lines that this room doesn't
					   know of, since it counts anew */
	uint64_t	 refused;	/* settled lines, refused by the room */
	uint64_t	 named;		/* lines that an "error" has named, and
					   that aren't settled yet */
	uint64_t	 last_named;	/* the number of the last one */
};

/*
 * The ways to end. All return whether the link goes on, as link_ready() does.
 *
 * - link_fail(): it ends, for the reason that fmt makes
 * - link_end(): it ends, and all is done
 * - link_cut(): the connection ends, and with it the link, unless that resumes,
 *   or no room has answered and it has another address to try
 * - link_give_up(): it ends, since there was no room for too long
 * - link_reject(): a peer that hasn't proven to be the room refuses it. If a
 *   room has answered before, this is a cut; or else it is a failure
 */
bool	 link_fail(struct link *l, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
bool	 link_end(struct link *l);
bool	 link_cut(struct link *l, const char *why);
bool	 link_give_up(struct link *l);
bool	 link_reject(struct link *l, const char *why);

/* Whether link_finish() was called and a room has settled every line, so that
 * nothing is missing if the connection is lost now. */
bool	 link_is_done(const struct link *l);

/* Tell the reader how many messages were lost, if any were and it doesn't know
 * yet. */
void	 link_report_lost(struct link *l);

#endif
