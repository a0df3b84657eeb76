/*
 * Log lines: what a room and the helper of its log send each other
 *
 * chat-log(7) has the grammar: control lines, some of which are followed by the
 * bytes of an entry. The functions work on what was read from a socket, and
 * keep nothing.
 */
#ifndef LOGLINE_H
#define LOGLINE_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "word.h"

#define LOGLINE_SIZE	256		/* holds any control line, with a NUL */
#define LOGLINE_ENTRY	(128 * 1024)	/* most bytes of an entry */

enum logline_side {
	LOGLINE_ROOM,			/* the room has said it */
	LOGLINE_HELPER			/* the helper has */
};

enum logline_kind {
	/* From the room. */
	LOGLINE_FROM,			/* pos, token */
	LOGLINE_PUT,			/* id, entry */
	LOGLINE_KEEP,			/* pos, token */
	/* From both. */
	LOGLINE_END,			/* pos, if the helper says it */
	/* From the helper. */
	LOGLINE_LOG,			/* token: the IDENT; oldest, newest */
	LOGLINE_GOT,			/* pos, token, entry */
	LOGLINE_STUCK,			/* text */
	LOGLINE_GOING,
	LOGLINE_PLACE,			/* text */
	LOGLINE_GONE			/* oldest */
};

struct logline {
	enum logline_kind kind;
	uint64_t	 id;
	uint64_t	 pos;
	uint64_t	 oldest;
	uint64_t	 newest;
	char		 token[TOKEN_MAX + 1];
	const char	*data;		/* the entry, or the text (a reason, a
					   place): it points into what was
					   parsed */
	size_t		 len;		/* of data, in bytes */
};

/*
 * Cut the first line, with its entry, off the len bytes at buf, which that side
 * has sent. Its text is valid, and safe to show. Returns how many bytes it
 * takes, 0 if more have to be read, or -1 if the bytes are no such line.
 */
ssize_t	 logline_cut(struct logline *l, enum logline_side side,
	    const char *buf, size_t len);

/*
 * Write l as a control line with SOH and LF, but without its entry, to buf,
 * which has LOGLINE_SIZE bytes. A text that is too long is cut, and what is
 * not valid in it is replaced. Returns the length.
 */
size_t	 logline_format(char *buf, const struct logline *l,
	    enum logline_side side);

#endif
