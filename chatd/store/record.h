/*
 * Records: the control lines of a segment, and how to tell them from messages
 *
 * A record stands between messages, like the control lines that clients get,
 * and says what is true from there on. THE STORE in chatd(8) has the grammar.
 * Without SOH and LF:
 *
 *	at N			the next message is line N
 *	time T			the next messages were said at second T since
 *				1970-01-01 00:00:00 UTC
 *	by A			the next messages were said by author A
 *	session TOKEN A N	N lines of the session with author A are
 *				settled; each further message of A adds one
 *	here TOKEN A N		the same, and a client is connected with it
 *	part A			no client is connected any more with the session
 *				of author A
 *	N			N lines of the author of the last "by" were
 *				refused; without a number, one line was
 *	room F A		the first line ever was F, and no author so far
 *				is above A; ends the head of a segment
 *
 * And where the room is a replica of a log that several nodes share, see
 * room/replica.h:
 *
 *	here TOKEN A N NODE C	the session belongs to the connection C of NODE
 *	shared IDENT S NAMED	which log it is; at all nodes S idle sessions
 *				are kept, and speakers are named or not: 1 or 0
 *	node NAME E SEQ HASH	the last entry of that node that counted, and
 *				the hash after it, in 16 hexadecimal digits
 *	down NAME E		that epoch of it is over; after its "node"
 *	log POS TOKEN HASH T	everything up to here is what the entries up to
 *				POS have made; the hash and the time after them
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "room/session.h"
#include "text.h"

#define RECORD_SIZE	208		/* holds any record, with SOH and LF */

enum record_kind {
	RECORD_AT,			/* n */
	RECORD_TIME,			/* n */
	RECORD_BY,			/* author */
	RECORD_SESSION,			/* session, author, n */
	RECORD_HERE,			/* the same; node, conn */
	RECORD_PART,			/* author */
	RECORD_ROOM,			/* n, author */
	RECORD_SHARED,			/* token, n, named */
	RECORD_NODE,			/* node, epoch, n, hash */
	RECORD_DOWN,			/* node, epoch */
	RECORD_LOG,			/* n, token, hash, time */
	RECORD_REFUSED			/* n */
};

struct record {
	enum record_kind kind;
	uint64_t	 n;
	uint64_t	 author;
	char		 session[SESSION_NAME_MAX + 1]; /* its name */
	char		 node[PERSON_MAX + 1]; /* its name; "": none */
	uint64_t	 conn;		/* of the node */
	uint64_t	 epoch;		/* of the node */
	char		 token[TOKEN_MAX + 1]; /* of a position, or the log's
					   identity */
	uint64_t	 hash;		/* any 64 bits; all other numbers are at
					   most INT64_MAX */
	uint64_t	 time;		/* in seconds since 1970 */
	bool		 named;
};

/*
 * Parse the len bytes at s, a control line without SOH and LF. Fills in kind,
 * and the fields of that kind. Returns false if the bytes are no record.
 */
bool	 record_parse(struct record *r, const char *s, size_t len);

/*
 * Format a record as a control line, with SOH and LF, in buf, which has
 * RECORD_SIZE bytes. Returns the length.
 */
size_t	 record_format(char *buf, const struct record *r);

/* What comes next in a segment. */
enum scan_kind {
	SCAN_PART,			/* a line without its end: read more */
	SCAN_LINES,			/* consecutive messages */
	SCAN_RECORD,			/* one record */
	SCAN_BAD			/* a line that is none of these */
};

struct record_scan {
	size_t		 size;		/* bytes, with LFs; unset: SCAN_PART */
	size_t		 lines;		/* SCAN_LINES: the number of messages */
	struct record	 record;	/* SCAN_RECORD: the record */
	char		 why[FAULT_SIZE]; /* SCAN_BAD: what is wrong with it */
};

/*
 * Tell what the len > 0 bytes at buf begin with; the first is the start of a
 * line. Every line is checked like one from a client, since a disk may return
 * anything. SCAN_LINES may be fewer messages than follow each other there. If
 * len is MESSAGE_SIZE or more, it is never SCAN_PART.
 */
enum scan_kind	 record_scan(struct record_scan *s, const char *buf,
		    size_t len);

#endif
