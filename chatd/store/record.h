/*
 * Records: the control lines of a stored room, and how they are told from its
 * messages
 *
 * They stand between messages, like the control lines that clients get, and say
 * what is true from there on. THE STORE in chatd(8) has the grammar. Without
 * SOH and LF:
 *
 *	at N			the next message is line N
 *	time T			it was said at second T since 1970
 *	by A			it was said by author A
 *	session TOKEN A N	N lines of the session, whose author is A, are
 *				settled; each further message of A is one more
 *	here TOKEN A N		the same, and somebody is connected with it now
 *	part A			nobody is any more
 *	N			N lines of the last "by" were refused; without
 *				a number, one was: not more than it has said
 *	room F A		the room's first line ever was F; authors up to
 *				A have been in it. Ends the head of a segment.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "room/session.h"
#include "text.h"

#define RECORD_SIZE	160		/* holds any record, with SOH and LF */

enum record_kind {
	RECORD_AT,			/* n */
	RECORD_TIME,			/* n */
	RECORD_BY,			/* author */
	RECORD_SESSION,			/* session, author, n */
	RECORD_HERE,			/* the same */
	RECORD_PART,			/* author */
	RECORD_ROOM,			/* n, author */
	RECORD_REFUSED			/* n */
};

struct record {
	enum record_kind kind;
	uint64_t	 n;
	uint64_t	 author;
	char		 session[SESSION_NAME_MAX + 1]; /* its name */
};

/* Parse the len bytes at s. Returns false if they are no record. */
bool	 record_parse(struct record *r, const char *s, size_t len);

/*
 * Write a whole control line, with SOH and LF, to buf, which has RECORD_SIZE
 * bytes. Returns its length.
 */
size_t	 record_format(char *buf, const struct record *r);

/* What a segment has next. */
enum scan_kind {
	SCAN_PART,			/* no whole line: read more */
	SCAN_LINES,			/* messages that lie together */
	SCAN_RECORD,
	SCAN_BAD			/* neither, for the reason in why */
};

struct record_scan {
	size_t		 size;		/* bytes of it, with LFs */
	size_t		 lines;		/* of SCAN_LINES */
	struct record	 record;	/* of SCAN_RECORD */
	char		 why[FAULT_SIZE]; /* of SCAN_BAD */
};

/*
 * Tell what the len > 0 bytes at buf begin with, where a line starts. A disk
 * may return anything, so every line is checked like one from a client.
 * SCAN_LINES may stop early, before other lines. From MESSAGE_SIZE bytes on it
 * is never SCAN_PART.
 */
enum scan_kind	 record_scan(struct record_scan *s, const char *buf,
		    size_t len);

#endif
