/*
 * The server: a room, its clients, and the doors they come in by
 *
 * Data flows one way, once around in every round of the loop:
 *
 *	poll -> read who is ready -> append to the room -> flush everybody
 */
#ifndef SERVER_H
#define SERVER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catchup.h"
#include "door/guard.h"
#include "door/peer.h"
#include "line.h"
#include "person.h"
#include "presence.h"
#include "ratelimit.h"
#include "room/ring.h"
#include "room/session.h"
#include "store/journal.h"

#define SERVER_READ	RING_APPEND_MAX	/* most read from a client in a round */
#define SERVER_SPARE	16		/* descriptors to turn clients away */
#define BYE_MS		2000		/* most that turning away takes */
#define FRESH_MS	200		/* to wait for a client's role */
#define SERVER_UPGRADE	1
#define UNFINISHED_MAX	(16 * 1024 * 1024) /* bytes of all unfinished lines */

struct client;
struct listeners;

struct config {
	size_t		 clients_max;
	size_t		 per_address;	/* clients; SIZE_MAX: no limit */
	bool		 everywhere;	/* that limit is for loopback, too */
	struct ratelimit rate;		/* of each client's lines; none if 0 */
	bool		 rate_everywhere; /* it holds for loopback, too */
	int64_t		 patience;	/* milliseconds */
	size_t		 sessions;	/* kept when nobody's connected */
	const char	*keys;		/* path of their file, or NULL */
	bool		 named;		/* every line begins with who said it */
	bool		 verbose;
	struct store_config store;	/* without a path: none */
};

/* What has been since the start. */
struct counters {
	uint64_t	 lines;		/* taken into the room */
	uint64_t	 bytes;		/* of them, with their LFs */
	uint64_t	 lost;		/* lines that a reader has missed */
	uint64_t	 refused;	/* lines and control lines */
	uint64_t	 turned;	/* clients turned away */
};

struct server {
	struct config	 config;
	struct counters	 count;
	struct ring *ring;
	struct journal	*journal;	/* NULL without a store */
	struct catchup_buffer catchup;	/* used only with one */
	struct peers	 peers;
	struct persons	 persons;
	struct guard	 guard;
	struct watchers	 watchers;
	struct sessions	 sessions;
	struct listeners *listeners;	/* borrowed */
	struct client	**clients;	/* dense; poll's entries beside them */
	struct pollfd	*pfd;
	size_t		 nclients;
	size_t		 turn;		/* who of them is read first */
	size_t		 nturned;	/* of them, being turned away */
	size_t		 allocated;	/* clients that there's memory for */
	uint64_t	 last_id;
	int		 keeper;	/* channel to it, or -1 */
	bool		 asking;	/* it owes an answer */
	int		 reserve;	/* a descriptor to give up when all are
					   used; -1 while it is given up */
	bool		 choked;	/* accept(2) failed the last time */
	size_t		 unfinished;	/* bytes of lines without an end */
	char		*buf;		/* every read goes here */
	char		*named;		/* RING_APPEND_MAX bytes for lines with
					   names, or NULL without -i */
	int64_t		 now;		/* of this round: milliseconds */
	int64_t		 date;		/* and seconds since 1970 */
	int64_t		 full_since;	/* CLOCK_NEVER: senders don't wait */
	int64_t		 accept_at;	/* don't try before that time */
	int64_t		 deadline;	/* the next thing that time brings */
	bool		 trial;		/* an upgrade is to be tried */
	int64_t		 leaving;	/* or is due then at the latest */
	int64_t		 closing;	/* when to end at the latest */
};

/*
 * Get ready for clients at listeners, which stay the caller's, in a room which
 * becomes the server's. Its store is not opened yet. Returns 0, or -1 with
 * errno.
 */
int	 server_init(struct server *s, const struct config *config,
	    struct ring *ring, struct listeners *listeners);

/*
 * Serve until the keeper says to stop: then it returns 0. SERVER_UPGRADE if it
 * says that another program is to go on, or to try it; with this one, too, it
 * can go on by being called again. -1 with errno if poll(2) failed.
 */
int	 server_run(struct server *s);

/*
 * Wait until there is something to do, for timeout milliseconds at the most as
 * poll(2) has it, and go around once: that is what server_run() does all the
 * time. Returns 0, or -1 with errno if poll(2) failed.
 */
int	 server_round(struct server *s, int timeout);

void	 server_free(struct server *s);

/* Have memory for n clients, or some more. False if there isn't enough. */
bool	 server_reserve(struct server *s, size_t n);

/* See to it that the loop goes on at a time, in milliseconds, at the latest. */
void	 server_wake(struct server *s, int64_t when);

#endif
