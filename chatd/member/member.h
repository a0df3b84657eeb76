/*
 * The member: this node of a room that several nodes keep
 *
 * What clients say goes into the outbox, from there into the log, and takes
 * effect when it comes back. chat-log(7) has the rules. In each round of the
 * loop, the calls are in this order:
 *
 *	member_read()		the log's entries take effect in the ring, and
 *				the next entry goes out
 *	(the journal commits)
 *	voice_ready()		whose role can be answered now
 *	(everybody is flushed)
 *	member_write()		so does what has come up since then
 *
 * The log takes its time with an entry, and meanwhile ours goes to the disk and
 * to readers. Nobody relies on that: an entry that we lose is in the log.
 *
 * A server without a log has no member, and none of these functions is called.
 */
#ifndef MEMBER_H
#define MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/speaker.h"
#include "ctl.h"
#include "entry.h"
#include "outbox.h"
#include "people.h"
#include "room/replica.h"
#include "wire.h"

#define MEMBER_CUT_MS	10000		/* without the log: we are cut off */
#define MEMBER_BEAT_MS	20000		/* most that we say nothing */
#define MEMBER_DOWN_MS	60000		/* another node that says nothing is
					   down */
#define MEMBER_PLACE	128		/* bytes of the helper's place */
#define MEMBER_KEEP	(8 * 1024 * 1024) /* bytes that are stored without a
					   sync, at most */

struct server;

enum member_phase {
	MEMBER_READING,			/* what others have said before us */
	MEMBER_BEGINNING,		/* our epoch; its entry is out */
	MEMBER_JOINED			/* clients can come */
};

struct member {
	struct wire	 wire;
	struct outbox	 box;
	struct replica	 replica;
	struct node	*self;		/* among its nodes */
	struct people	 people;	/* at other nodes */

	/* How far we have come. */
	enum member_phase phase;
	bool		 served;	/* clients could come once */
	bool		 cut_off;	/* without the log for MEMBER_CUT_MS */
	bool		 said_down;	/* of ourselves, to end */

	/* What the helper has told since it started. */
	bool		 connected;	/* which log it is */
	bool		 stuck;		/* nothing goes on */
	uint64_t	 helper;	/* its number, for the keeper */
	uint64_t	 newest;	/* the log's end, as far as we know */
	char		 place[MEMBER_PLACE]; /* where the helper is, as text
					   for a person; "": it hasn't said */

	/* The entry that was put last. */
	bool		 outstanding;	/* it has not come back */
	int64_t		 put_at;	/* since when that is the log's
					   affair; see Times, below */
	uint64_t	 epoch;
	uint64_t	 seq;
	char		 head[ENTRY_HEAD]; /* its first two lines */
	size_t		 headlen;
	char		*begin;		/* the rest, if seq is 1; or NULL */
	size_t		 beginlen;

	/* Our clients. */
	struct speakers	 speakers;
	uint64_t	 last_conn;	/* the highest number of one */
	uint64_t	 stranger;	/* author of what others have said */
	uint64_t	 asked;		/* how often for the log's end */
	bool		 asking;	/* and the answer isn't there */

	/* Times, in milliseconds of clock_now(). */
	int64_t		 out_since;	/* CLOCK_NEVER: all is well */
	int64_t		 spoke;		/* when our last entry came back */
	uint64_t	 kept;		/* what we have told to be stored */
};

/*
 * Begin as a member, before the store is loaded: from then on the journal has
 * the replica. Returns 0, or -1 with errno if memory is short.
 */
int	 member_init(struct server *s);
void	 member_free(struct server *s);

/*
 * The store is loaded. Find our own node, and take over what holds for all
 * nodes. Returns 0, or -1 with errno if memory is short.
 */
int	 member_begin(struct server *s);

/* A helper was started, and talks at fd, which belongs to the member now. The
 * number is what the keeper calls it. */
void	 member_attach(struct server *s, int fd, uint64_t number);

/* What to poll(2) the helper's socket for; *fd is -1 for nothing. */
short	 member_events(const struct server *s, int *fd);

/* Take what has come from the log, as much as there is space for, and put what
 * there is to put; readable says whether there is more in the socket. */
void	 member_read(struct server *s, bool readable);

/* Put what there is to put by now, and say the rest. Wakes the loop if there is
 * more to do. */
void	 member_write(struct server *s);

/* Whether clients can come in, if only to hear that we are cut off. */
bool	 member_is_open(const struct server *s);

/* The room closes, and no client is left: whether others know it, too. */
bool	 member_has_left(const struct server *s);

/* Log where we stand: SIGUSR1. */
void	 member_report(const struct server *s);

#endif
