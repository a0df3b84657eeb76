/*
 * The server: everything that the room process knows, and what all its parts
 * ask of it
 *
 * It is a plain struct that the parts share. The loop above them, in loop.h,
 * calls each in turn; none of them calls the loop.
 */
#ifndef SERVER_H
#define SERVER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bye.h"
#include "catchup.h"
#include "line.h"
#include "person.h"
#include "presence.h"
#include "ratelimit.h"
#include "room/ring.h"
#include "room/session.h"
#include "store/journal.h"
#include "text.h"

#define SERVER_READ	RING_APPEND_MAX	/* most bytes of one read */
#define SERVER_SPARE	16		/* descriptors to turn clients away */
#define SERVER_PFD_LISTENERS 2		/* pollfds before those of listeners */
#define BYE_MS		2000		/* most that a bye takes */
#define FRESH_MS	200		/* to wait for a client's role */
#define UNFINISHED_MAX	(16 * 1024 * 1024) /* bytes of all unfinished lines */

struct client;
struct guard;
struct listeners;
struct member;

struct config {
	size_t		 clients_max;
	size_t		 per_address;	/* clients; SIZE_MAX: no limit */
	bool		 per_address_everywhere; /* also for loopback */
	struct ratelimit limit;		/* of each client's lines; 0: none */
	bool		 limit_everywhere; /* also for loopback */
	int64_t		 patience;	/* ms that senders wait for readers */
	size_t		 sessions;	/* kept while nobody is connected */
	const char	*keys;		/* path of their file, or NULL */
	bool		 named;		/* lines begin with their speaker */
	bool		 verbose;
	const char	*log;		/* command of its helper; NULL: none */
	char		 node[PERSON_MAX + 1]; /* our name in it */
	struct store_config store;	/* without a path: none */
};

/* Totals since the start. */
struct counters {
	uint64_t	 lines;		/* taken into the ring */
	uint64_t	 bytes;		/* of these lines, with their LFs */
	uint64_t	 lost;		/* lines that readers have missed */
	uint64_t	 refused;	/* lines and control lines */
	uint64_t	 turned_away;	/* clients turned away */
};

struct server {
	struct config	 config;
	struct counters	 count;

	/* What was said, and by whom. */
	struct ring	*ring;
	struct sessions	 sessions;
	struct journal	*journal;	/* NULL without a store */
	struct catchup_buffer catchup;	/* used only with one */
	struct member	*member;	/* NULL without a log that we share */

	/* Who is here. */
	struct client	**clients;	/* dense; pollfds beside them */
	struct pollfd	*pfd;		/* the keeper, the log's helper,
					   listeners, clients */
	size_t		 nclients;
	size_t		 allocated;	/* clients that there's memory for */
	size_t		 nturned;	/* clients being turned away */
	size_t		 turn;		/* which client is read first */
	uint64_t	 last_id;	/* the highest author up to now */
	struct persons	 persons;
	struct watchers	 watchers;

	/* How clients come in. */
	struct listeners *listeners;	/* borrowed */
	struct guard	*guard;
	int		 reserve;	/* a descriptor to close when all are
					   used; -1 while it is closed */
	bool		 choked;	/* the last accept(2) failed */
	int64_t		 accept_at;	/* no new try before that time */

	/* The keeper. */
	int		 keeper;	/* channel to it, or -1 */
	bool		 asking;	/* it owes an answer */
	bool		 trial;		/* it wants to try an upgrade */

	/* Buffers that everybody uses in turn. */
	char		*buf;		/* every read goes here */
	char		*named_lines;	/* RING_APPEND_MAX bytes for lines with
					   their speakers; NULL without -i */
	size_t		 unfinished;	/* bytes of lines without an end */

	/* Times, in milliseconds of clock_now() but for date. */
	int64_t		 now;		/* of this round */
	int64_t		 date;		/* the same in seconds since 1970 */
	int64_t		 deadline;	/* when to go around at the latest */
	int64_t		 full_since;	/* CLOCK_NEVER: senders don't wait */
	int64_t		 leaving;	/* when to hand over at the latest */
	int64_t		 closing;	/* when to end at the latest */
	bool		 failed;	/* it can't go on, and has logged why */
};

/*
 * Set up a server for clients at listeners, which stay the caller's, with a
 * ring that becomes the server's. It has no guard yet, and its store is not
 * open. Returns 0, or -1 with errno.
 */
int	 server_init(struct server *s, const struct config *config,
	    struct ring *ring, struct listeners *listeners);

/* Free what belongs to it. Its clients and its guard have to be gone. */
void	 server_free(struct server *s);

/* Make space for n clients or more. Returns false if memory is short. */
bool	 server_reserve(struct server *s, size_t n);

/* Make the loop go around at that time, in milliseconds, or before. */
void	 server_wake(struct server *s, int64_t when);

/* No longer count the unfinished line that a client has. */
void	 server_forget_input(struct server *s, struct client *c);

/* Log why the room process can't go on, in the first place; the loop then ends.
 */
void	 server_fail(struct server *s, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/*
 * End a client's connection for a reason as client_bye() does, and forget its
 * unfinished line. server_expel() also logs it, and sets the usual deadline.
 */
void	 server_dismiss(struct server *s, struct client *c, uint64_t until,
	    int64_t deadline, enum bye bye);
void	 server_expel(struct server *s, struct client *c, uint64_t until,
	    enum bye bye);

#endif
