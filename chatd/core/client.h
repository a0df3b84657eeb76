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

#include "conn.h"
#include "ctl.h"

#define CLIENT_ADDRESS_SIZE 64		/* room for any client_address() */
#define CLIENT_OUT_MAX	4096		/* control lines that may wait, bytes */

#define CURSOR_NONE	UINT64_MAX	/* reads nothing of the room */
#define LOST_UNKNOWN	UINT64_MAX	/* lines are lost, who knows how many */
#define TIME_NONE	INT64_MIN	/* no time was told yet */

struct catchup;
struct peer;
struct person;
struct presence;
struct ring;
struct session;

enum client_state {
	CLIENT_AUTHENTICATING,		/* has yet to show who it is */
	CLIENT_FRESH,			/* may still say what it is */
	CLIENT_TALKING,
	CLIENT_LEAVING,			/* gets what is owed, then the end */
	CLIENT_LINGERING,		/* has got the end: until it closes */
	CLIENT_GONE			/* freed at the end of the round */
};

/* Why a connection ends, to be told last of all. */
enum bye {
	BYE_NONE,
	BYE_FULL,
	BYE_CROWD,			/* too many from its address */
	BYE_MEMORY,
	BYE_CLOSING,
	BYE_AGAIN,			/* its session is another's now */
	BYE_NAMELESS,			/* nobody knows who it is */
	BYE_KEY,			/* it has to have one */
	BYE_NO_KEYS,			/* it has one, and nobody asks */
	BYE_HANDSHAKES,			/* as many from its address are */
	BYE_REVOKED,			/* its key is gone or has changed */
	BYE_SENDS,			/* its key isn't for listening */
	BYE_LISTENS,			/* its key isn't for sending */
	BYE_UPGRADE,			/* it can't be handed over */
	BYE_WEB,			/* a browser */
	BYE_UNFINISHED,			/* no memory is left for half a line */
	BYE_STRANGER			/* it speaks another protocol */
};

/* What a line is that is too long and hasn't ended yet. */
enum excess {
	EXCESS_NONE,
	EXCESS_MESSAGE,
	EXCESS_CONTROL
};

struct client {
	/* What it is. */
	struct conn	 conn;
	enum client_state state;
	enum role	 access;	/* what it may become */
	uint64_t	 id;		/* the author of its lines */
	struct peer	*peer;		/* NULL for Unix sockets */
	struct in6_addr	 addr;		/* as in struct peer, but whole */
	in_port_t	 port;		/* in network order */
	uid_t		 uid;		/* of a Unix socket's, to name it */
	struct person	*person;	/* who it is for sure, or NULL */
	uint64_t	 key;		/* its key's number; 0: it has none */
	int64_t		 deadline;	/* when its state ends by itself */
	enum role	 role;
	bool		 plain;		/* has given no role */
	bool		 times;		/* asked for time lines */
	bool		 entered;	/* was let in */
	bool		 turned;	/* was turned away at the door */
	struct session	*session;	/* NULL: not to be known again */

	/* What comes in. */
	bool		 spoke;		/* its first line is over */
	bool		 eof;		/* nothing more will come */
	bool		 hung;		/* nothing will reach it, either */
	bool		 cut;		/* whatever comes, not by its will */
	enum excess	 excess;	/* in the middle of a line too long */
	bool		 stuck;		/* what is kept waits for space */
	uint32_t	 inlen;
	char		*in;		/* what was read but not taken yet */
	uint32_t	 unfinished;	/* of it, as the server counts it */
	uint64_t	 lines;		/* taken or refused, all settled */
	int64_t		 lines_due;	/* as in pace.h: its lines, */
	int64_t		 words_due;	/* and its control lines */

	/* What goes out: out, then what there is in the room from cursor. */
	bool		 blocked;	/* the last write was cut short */
	bool		 unsure;	/* out has an ok for lines that may not
					   be written down yet */
	bool		 needs_at;	/* the next line's number isn't clear */
	bool		 moved;		/* was too slow, not caught up yet */
	uint32_t	 outlen;
	char		*out;		/* whole control lines, but for a first
					   one that may have begun before */
	uint64_t	 cursor;	/* position of its next byte */
	struct catchup	*catchup;		/* instead of it: behind the ring */
	uint64_t	 until;		/* position to get at the most ... */
	uint64_t	 until_line;	/* ... and the number of its line */
	uint64_t	 authored;	/* position after its last own line */
	uint64_t	 told;		/* lines told to be settled */
	uint64_t	 lost;		/* lines lost and not told yet */
	int64_t		 time;		/* the last time told */
	struct presence	*presence;	/* of others, if it has asked */
	enum bye	 bye;		/* to be told last of all */
};

/*
 * Take over fd, which came from sa. The client gets nothing of the room yet.
 * Returns NULL with errno if there isn't enough memory; fd is then the
 * caller's, as the peer always is.
 */
struct client	*client_new(int fd, const struct sockaddr *sa,
		    struct peer *peer, uint64_t id);

/* Close the connection and free the client. */
void	 client_free(struct client *c);

/* Its address in words; buf has CLIENT_ADDRESS_SIZE bytes. Returns buf. */
char	*client_address(const struct client *c, char *buf);

/* Have a control line of that text sent, without its SOH and LF. */
void	 client_tell(struct client *c, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* Refuse its line n, 0 for a control line. */
void	 client_refuse(struct client *c, uint64_t n, const char *reason);

/* Keep len bytes of its input for later; 0 frees what was kept. */
void	 client_keep(struct client *c, const char *buf, size_t len);

/* The position of the next line's start: the client's cursor if it is there. */
uint64_t client_next_line(const struct client *c, const struct ring *r);

/* Go on reading at pos; a line that was begun is finished first. */
void	 client_jump(struct client *c, const struct ring *r, uint64_t pos);

/* It is to get what is in the room before pos, where a line starts. */
void	 client_until(struct client *c, const struct ring *r, uint64_t pos);

/* It is to get nothing more of the room, but for the rest of a line. */
void	 client_stop(struct client *c, const struct ring *r);

/*
 * End the connection for a reason, which it is told after everything that is
 * in the room before until, or nothing if that is CURSOR_NONE. It has up to the
 * deadline for that.
 */
void	 client_bye(struct client *c, const struct ring *r, uint64_t until,
	    int64_t deadline, enum bye bye);

/* The reason in words, as the client is told it. */
const char	*client_bye_text(enum bye bye);

/*
 * Nothing can be written any more, for that error: it sees an end. Lines it has
 * sent can still be read, but only EPIPE lets it have ended by itself.
 */
void	 client_mute(struct client *c, int error);

#endif
