/*
 * A client's link to a room: the sending half and the receiving half
 *
 * Lines are queued with link_say() until the room has settled them, and none is
 * sent before a room has answered; what the room says comes through the
 * functions of a link_reader, called from inside link_ready(). The caller owns
 * the loop:
 *
 *	link_poll(&l, reading, &pfd);
 *	poll(..., clock_timeout(link_deadline(&l)));
 *	if (!link_ready(&l, pfd.revents)) ... link_why(&l) ...
 *
 * A link that resumes survives its connections: when one breaks it makes
 * another in the background, says again what the room hasn't settled, and goes
 * on reading with the line after the last one it got. It does so from the first
 * answer of a room on, or from the start, if it is to wait for a room.
 */
#ifndef LINK_H
#define LINK_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "conn.h"
#include "ctl.h"
#include "dial.h"
#include "incoming.h"
#include "retry.h"
#include "sendq.h"

#define LINK_READ	INCOMING_READ	/* most lines that come at once */
#define LINK_WHY_SIZE	512
#define LINK_ANSWER_MS	10000		/* for a room's first answer, to who
					   won't try again */
#define LINK_PREFIX_SIZE 260		/* of a name's prefix with its NUL */

struct link_reader {
	/* One or more whole lines with their LFs, each of at most MESSAGE_SIZE
	 * bytes. They are what a room sent: not checked, not safe to show. */
	void	(*lines)(void *arg, const char *lines, size_t len);
	/* A control line. n is good until the call returns. */
	void	(*notice)(void *arg, const struct notice *n);
	/* There's no connection any more, or not yet, for a reason that is
	 * safe to show: the link is trying to make one. */
	void	(*cut)(void *arg, const char *why);
	/* There's one again. If the room has forgotten about this sender,
	 * doubtful lines are sent a second time that it may have. */
	void	(*back)(void *arg, bool forgotten, uint64_t doubtful);
};

enum link_state {
	LINK_DOWN,			/* until it is time to dial again */
	LINK_DIALLING,
	LINK_SHAKING,			/* hands: the key is being proven */
	LINK_UP,
	LINK_OVER
};

struct link {
	const struct addr *addr;	/* borrowed */
	struct hello	 hello;
	struct retry	 retry;
	int64_t		 dial_at;	/* when LINK_DOWN ends */
	struct dial	 dial;
	struct tls_context *tls;	/* with a key; borrowed, or NULL */
	int64_t		 handshake_by;	/* when LINK_SHAKING ends */
	int64_t		 answer_by;	/* when the room must have answered */
	struct conn	 conn;		/* fd -1 while it's not up */
	struct incoming	 in;
	struct sendq	 queue;
	char		 greeting[CTL_SIZE]; /* what isn't written yet of it, or
					   of a question */
	size_t		 greetlen;
	char		 prefix[LINK_PREFIX_SIZE]; /* before every line: */
	size_t		 prefixlen;	/* "name: ", or nothing */
	enum link_state	 state;
	bool		 resume;
	bool		 waits;		/* for a room that it has never met */
	bool		 answers;	/* the room has begun to shake hands */
	bool		 begun;		/* it was LINK_UP once */
	bool		 insists;	/* on that name, or none */
	bool		 asks;		/* who is here, when it can */
	bool		 told;		/* the caller knows it is cut */
	bool		 again;		/* this isn't the first connection */
	bool		 reading;	/* the caller can take more lines */
	bool		 answered;	/* the room knows what we are */
	bool		 met;		/* it did so on some connection */
	bool		 placed;	/* next is known */
	bool		 finishing;	/* no more lines will be said */
	bool		 shut;		/* our half is closed */
	bool		 broken;	/* nothing can be written any more */
	bool		 lost_uncounted; /* nobody knows how many are lost */
	uint64_t	 next;		/* the number of the next message */
	uint64_t	 lost;		/* messages that the reader isn't told
					   of yet */
	uint64_t	 forgotten;	/* lines settled that the room that
					   counts now doesn't know of */
	uint64_t	 refused;	/* settled lines that weren't taken */
	uint64_t	 named;		/* refused, and not settled yet ... */
	uint64_t	 last_named;	/* ... up to this one */
	char		 why[LINK_WHY_SIZE]; /* how it, or the last
					   connection, ended, if badly */
	const struct link_reader *reader;
	void		*arg;		/* for the reader's functions */
};

/*
 * Connect to the room at a, which is borrowed, and greet it with h. The key in
 * tls, which is borrowed and may be NULL, is shown to it first, if it isn't a
 * Unix socket's. Returns 0, or -1 with link_why() telling the reason; then
 * nothing is left open.
 */
int	 link_open(struct link *l, const struct addr *a,
	    struct tls_context *tls, const struct hello *h,
	    const struct link_reader *reader, void *arg);

/*
 * The same for a link that resumes; it gives up after patience milliseconds
 * without a room, CLOCK_NEVER: never. With wait it also waits for a room that
 * isn't there yet, and this fails only for our own lack of memory.
 */
int	 link_open_resuming(struct link *l, const struct addr *a,
	    struct tls_context *tls, const struct hello *h, bool wait,
	    int64_t patience, const struct link_reader *reader, void *arg);

void	 link_close(struct link *l);

/*
 * What to poll for, and when link_ready() is to be called at the latest;
 * reading says whether the caller can take more lines.
 */
void	 link_poll(struct link *l, bool reading, struct pollfd *pfd);
int64_t	 link_deadline(const struct link *l);

/*
 * Read and write as far as poll(2) has said in revents, 0 if it said nothing;
 * lines that were just queued go out at once. Returns true as long as there is
 * more to come; when false, link_why() is NULL if everything was settled after
 * link_finish(), and the room has ended the connection or is away.
 */
bool	 link_ready(struct link *l, short revents);

/* NULL, or why the link ended before its time: safe to show. */
const char	*link_why(const struct link *l);

/*
 * Put "name: " before every line that is said, of at most LINK_PREFIX_SIZE - 3
 * bytes. To be called before link_ready() is. In a room that names its speakers
 * itself the link fails, if the name is insisted on, or else the prefix goes,
 * also from lines that wait, and never comes back.
 */
void	 link_name(struct link *l, const char *name, bool insists);

/* Queue a line (see sendq_put()). False: no space, come back later. */
bool	 link_say(struct link *l, const char *text, size_t len,
	    uint64_t input);

/* Queue whole lines that are right as they are (see sendq_put_lines()), if
 * there is no prefix. */
bool	 link_say_lines(struct link *l, const char *lines, size_t len,
	    size_t n, uint64_t input);

/* How many lines no room has settled yet. */
uint64_t link_owed(const struct link *l);

/* Ask who is here: the answer comes as notices. */
void	 link_ask(struct link *l);

/* Nothing more will be said: close our half when all is written. */
void	 link_finish(struct link *l);

/*
 * For the parts of the link itself. All return whether it goes on, as
 * link_ready() does: it ends for a reason; it ends well; its connection is
 * gone, and it makes another one if it resumes.
 */
bool	 link_fail(struct link *l, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
bool	 link_end(struct link *l);
bool	 link_cut(struct link *l, const char *why);

/* Refused by somebody who hasn't proven to be the room: that ends it, but if
 * the room was there before it may be there again. */
bool	 link_refused(struct link *l, const char *why);

#endif
