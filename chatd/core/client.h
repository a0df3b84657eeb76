/*
 * A client: one connection to the room
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <sys/types.h>

#include <netinet/in.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bye.h"
#include "conn.h"
#include "ctl.h"

#define CLIENT_ADDRESS_SIZE 64		/* holds any client_address() */
#define CLIENT_OUT_MAX	4096		/* bytes of waiting control lines */

#define CURSOR_NONE	UINT64_MAX	/* reads nothing of the ring */
#define LOST_UNKNOWN	UINT64_MAX	/* nobody knows how many lines */
#define TIME_NONE	INT64_MIN	/* no time line was sent yet */

struct catchup;
struct peer;
struct person;
struct presence;
struct ring;
struct session;
struct sessions;
struct speaker;

/*
 * Where a connection stands. Every arrow is a function of this header, and no
 * other file assigns the state, except when an upgrade reads it back.
 *
 *	    client_new()
 *	        |
 *	        v    client_authenticate()
 *	      FRESH ----------------------> AUTHENTICATING
 *	       | ^        client_admit()          |
 *	       | '--------------------------------|
 *	       | client_talk()                    |
 *	       v                                  |
 *	    TALKING                               |
 *	       |                                  |
 *	       |   from all three, client_bye()   |
 *	       |   or client_end()                |
 *	       |<---------------------------------'
 *	       v
 *	    LEAVING    what the client is owed goes out, then the reason
 *	       | client_linger()
 *	       v
 *	   LINGERING   until the other side closes, too
 *	       | client_give_up(), from any state
 *	       v
 *	     GONE      freed at the end of the round; also after client_linger()
 *	               if the connection can't be shut down
 */
enum client_state {
	CLIENT_AUTHENTICATING,		/* has yet to prove who it is */
	CLIENT_FRESH,			/* may still give a role */
	CLIENT_TALKING,
	CLIENT_LEAVING,
	CLIENT_LINGERING,
	CLIENT_GONE
};

/* What an overlong line that hasn't ended yet is. */
enum excess {
	EXCESS_NONE,
	EXCESS_MESSAGE,
	EXCESS_CONTROL
};

struct client {
	/* What it is. */
	struct conn	 conn;
	enum client_state state;
	enum role	 access;	/* the roles that it may take */
	uint64_t	 id;		/* the author of its lines */
	struct peer	*peer;		/* NULL for Unix-domain sockets */
	struct in6_addr	 addr;		/* as in struct peer, but whole */
	in_port_t	 port;		/* in network order */
	uid_t		 uid;		/* of a local client */
	struct person	*person;	/* its verified name, or NULL */
	uint64_t	 key;		/* its key's number, 0 without one */
	int64_t		 deadline;	/* when its state ends by itself, ms */
	enum role	 role;
	bool		 plain;		/* has given no role */
	bool		 times;		/* asked for time lines */
	bool		 admitted;	/* was admitted */
	bool		 turned_away;	/* was turned away instead */
	struct session	*session;	/* NULL: won't be recognised again */
	struct speaker	*speaker;	/* what it has said to a log, if there
					   is one, or NULL */

	/* What comes in. */
	bool		 spoke;		/* its first line is over */
	bool		 eof;		/* it has shut down its sending side */
	bool		 hung_up;	/* it can't be written to, either */
	bool		 broken;	/* the connection broke: no clean end */
	enum excess	 excess;	/* in the middle of an overlong line */
	bool		 stalled;	/* what is kept can't be taken yet */
	uint32_t	 inlen;
	char		*in;		/* bytes read and not taken yet */
	uint32_t	 unfinished;	/* how many of them the server counts */
	uint64_t	 lines;		/* taken or refused: all are settled */
	int64_t		 lines_due;	/* rate limit of lines */
	int64_t		 words_due;	/* rate limit of control lines */

	/*
	 * What goes out: the bytes at out, then what the ring has from cursor
	 * on, or, for a reader behind the ring, what the store has.
	 *
	 * Both end at until, which is where the ring ended when the client said
	 * its last line or was dismissed. A reader of the store doesn't know
	 * positions, so until_line is the same place as a number.
	 *
	 * The client counts the lines that it gets. So before the next one it
	 * needs its number, in an "at" line, whenever lines were left out: its
	 * own, lost ones, or those before a new role. needs_at says so, and
	 * only writing the "at" line resets it.
	 *
	 * unstored_ok says that out holds the answer to a role, and its "ok N"
	 * counts lines that may not be on disk yet. Nothing at all goes out
	 * until they are: the answer is the first thing that the client has to
	 * hear.
	 */
	bool		 blocked;	/* wait until it can be written to */
	bool		 unstored_ok;
	bool		 needs_at;
	bool		 lagging;	/* too slow, and not caught up yet */
	uint32_t	 outlen;
	char		*out;		/* whole control lines; the first may
					   be sent in part */
	uint64_t	 cursor;	/* ring position of its next byte */
	struct catchup	*catchup;	/* behind the ring: instead of cursor */
	uint64_t	 until;
	uint64_t	 until_line;
	uint64_t	 authored;	/* position after its last own line */
	uint64_t	 acked;		/* lines acknowledged to it */
	uint64_t	 lost;		/* lines lost, not reported to it yet */
	int64_t		 time;		/* of the last time line sent */
	struct presence	*presence;	/* if it asked for others' */
	enum bye	 bye;		/* to be sent last of all */
};

/*
 * Take over fd, which is connected to sa. The client gets nothing of the room
 * yet. Returns NULL with errno if memory is short; fd is still the caller's
 * then. The peer always is.
 */
struct client	*client_new(int fd, const struct sockaddr *sa,
		    struct peer *peer, uint64_t id);

/* Close the connection and free the client. */
void	 client_free(struct client *c);

/* Write its address for the log to buf, of CLIENT_ADDRESS_SIZE bytes, and
 * return that. */
char	*client_address(const struct client *c, char *buf);

/* Queue a control line, given without its SOH and LF. */
void	 client_tell(struct client *c, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* Queue "error N REASON" for its line n, or 0 for a control line. */
void	 client_refuse(struct client *c, uint64_t n, const char *reason);

/* How many of its lines are settled: all that were taken or refused, but for
 * those that a log has not brought back yet. */
uint64_t client_settled(const struct client *c);

/* Whether its role can't be answered before the log has said something. Until
 * then nothing goes out to it. */
bool	 client_unanswered(const struct client *c);

/* Whether some of its lines are not settled, and it waits for that. */
bool	 client_unsettled(const struct client *c);

/* Keep a copy of len bytes of its input in place of those kept before. */
void	 client_keep(struct client *c, const char *buf, size_t len);

/* The position of the next start of a line, which may be the cursor. */
uint64_t client_next_line(const struct client *c, const struct ring *r);

/* Go on reading at pos, after the rest of a line that was begun. */
void	 client_jump(struct client *c, const struct ring *r, uint64_t pos);

/* Read the ring no further than pos, where a line starts. */
void	 client_until(struct client *c, const struct ring *r, uint64_t pos);

/* Read no more of the room, but for the rest of a line that was begun. */
void	 client_stop(struct client *c, const struct ring *r);

/* Release what it has for reading behind the ring, or for presence. */
void	 client_drop_catchup(struct client *c);
void	 client_drop_presence(struct client *c);

/*
 * Connect it with a session, whose counts it goes on from. Another client that
 * has the session loses it first.
 */
void	 client_join(struct client *c, struct sessions *all,
	    struct session *session);

/* The same for a client that has had the session all the time. */
void	 client_resume(struct client *c, struct sessions *all,
	    struct session *session);

/* Disconnect it from its session, if it has one. That is held then, or, with
 * the second function, idle. */
void	 client_hold_session(struct client *c, struct sessions *all);
void	 client_leave_session(struct client *c, struct sessions *all);

/* It has until the deadline to prove who it is. */
void	 client_authenticate(struct client *c, int64_t deadline);

/* It is in the room, and has until the deadline to give a role. */
void	 client_admit(struct client *c, int64_t deadline);

/* It can't give a role any more. */
void	 client_talk(struct client *c);

/* It has said everything: it gets what the ring has up to now, and the end. */
void	 client_end(struct client *c, const struct ring *r);

/*
 * End the connection for a reason. Before that the client gets what the ring
 * has up to until, or nothing more if that is CURSOR_NONE. It has up to the
 * deadline to read all that.
 */
void	 client_bye(struct client *c, const struct ring *r, uint64_t until,
	    int64_t deadline, enum bye bye);

/*
 * Everything was sent: shut the sending side down and wait for the other side
 * to close. Closing with unread input would make TCP destroy what is still on
 * its way (RFC 1122, 4.2.2.13).
 */
void	 client_linger(struct client *c);

/* Give the client up: it is freed at the end of the round. */
void	 client_give_up(struct client *c);

/*
 * Writing has failed with that error: queue nothing more, and let the other
 * side see an end. Lines that the client has sent can still be read. Unless the
 * error is EPIPE, the connection broke.
 */
void	 client_mute(struct client *c, int error);

#endif
