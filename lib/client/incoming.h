/*
 * Incoming: what a room sends, cut into messages and control lines
 */
#ifndef INCOMING_H
#define INCOMING_H

#include <sys/types.h>

#include <stddef.h>

struct conn;

#define INCOMING_READ	(128 * 1024)	/* most that is read at once, bytes */

enum incoming_kind {
	INCOMING_NOTHING,		/* nothing whole is left: read more */
	INCOMING_LINES,			/* whole messages with their LFs */
	INCOMING_CONTROL,		/* a control line without SOH and LF */
	INCOMING_ENDLESS		/* no end within MESSAGE_SIZE or, if SOH
					   is the first, within LINE_SIZE */
};

struct incoming {
	char		*buf;
	size_t		 start;		/* what wasn't handed out yet ... */
	size_t		 end;		/* ... is from start to end */
};

/* 0, or -1 with errno. */
int	 incoming_init(struct incoming *in);
void	 incoming_free(struct incoming *in);

/* Forget what is left of a connection that is over. */
void	 incoming_reset(struct incoming *in);

/* Read once: as read(2). Everything whole must have been taken before. */
ssize_t	 incoming_read(struct incoming *in, struct conn *c);

/* Take what comes next: *len bytes at *s, good until the next read. */
enum incoming_kind	 incoming_next(struct incoming *in, const char **s,
			    size_t *len);

#endif
