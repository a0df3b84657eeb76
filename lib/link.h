/*
 * A client's connection to a room: the sending half and the receiving half
 *
 * Lines are queued with link_say() until the room has settled them; what the
 * room says comes through the functions of a link_reader, called from inside
 * link_ready(). The caller owns the loop:
 *
 *	pfd.events = link_events(&l, reading);
 *	pfd.fd = pfd.events == 0 ? -1 : l.conn.fd;
 *	poll(...)
 *	if (!link_ready(&l, pfd.revents)) ... link_why(&l) ...
 */
#ifndef LINK_H
#define LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "conn.h"
#include "ctl.h"
#include "sendq.h"

#define LINK_READ	(128 * 1024)	/* most that is read at once, bytes */
#define LINK_WHY_SIZE	512

struct link_reader {
	/* One or more whole lines with their LFs, each of at most LINE_SIZE
	 * bytes. They are what a room sent: not checked, not safe to show. */
	void	(*lines)(void *arg, const char *lines, size_t len);
	/* A control line. n is good until the call returns. */
	void	(*notice)(void *arg, const struct notice *n);
};

struct link {
	struct conn	 conn;
	struct hello	 hello;
	struct sendq	 queue;
	char		*buf;		/* what was read and isn't a line yet */
	size_t		 len;
	char		 greeting[CTL_SIZE]; /* what isn't written yet of it */
	size_t		 greetlen;
	bool		 reading;	/* the caller can take more lines */
	bool		 answered;	/* the room knows what we are */
	bool		 finishing;	/* no more lines will be said */
	bool		 shut;		/* our half is closed */
	bool		 ended;		/* the room's half is */
	bool		 broken;	/* nothing can be written any more */
	uint64_t	 refused;	/* settled lines that weren't taken */
	uint64_t	 named;		/* refused, and not settled yet ... */
	uint64_t	 last_named;	/* ... up to this one */
	char		 why[LINK_WHY_SIZE]; /* how it ended, if badly */
	const struct link_reader *reader;
	void		*arg;		/* for the reader's functions */
};

/*
 * Connect to the room at a and greet it with h. Returns 0, or -1 with
 * link_why() telling the reason; then nothing is left open.
 */
int	 link_open(struct link *l, const struct addr *a, const struct hello *h,
	    const struct link_reader *reader, void *arg);
void	 link_close(struct link *l);

/* What to poll for; reading says whether the caller can take more lines. */
short	 link_events(struct link *l, bool reading);

/*
 * Read and write as far as poll(2) has said in revents, 0 if it said nothing;
 * lines that were just queued go out at once. Returns true as long as there is
 * more to come; when false, link_why() is NULL if the room has ended the
 * connection after everything was settled.
 */
bool	 link_ready(struct link *l, short revents);

/* NULL, or why the connection ended before its time: safe to show. */
const char	*link_why(const struct link *l);

/* Queue a line (see sendq_put()). False: no space, come back later. */
bool	 link_say(struct link *l, const char *prefix, size_t prefixlen,
	    const char *text, size_t len, uint64_t input);

/* Queue whole lines that are right as they are (see sendq_put_lines()). */
bool	 link_say_lines(struct link *l, const char *lines, size_t len,
	    size_t n, uint64_t input);

/* Nothing more will be said: close our half when all is written. */
void	 link_finish(struct link *l);

#endif
