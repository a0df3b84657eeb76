/*
 * Incoming: what a room sends, cut into messages and control lines
 */
#ifndef INCOMING_H
#define INCOMING_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

struct conn;

#define INCOMING_READ	(128 * 1024)	/* most that is read at once, bytes */

enum incoming_kind {
	INCOMING_NOTHING,		/* no whole line is left: read more */
	INCOMING_LINES,			/* whole messages with their LFs */
	INCOMING_CONTROL,		/* a control line without SOH and LF */
	INCOMING_ENDLESS		/* a message of more than MESSAGE_SIZE,
					   or a control line of more than
					   LINE_SIZE bytes */
};

struct incoming {
	char		*buf;
	size_t		 start;		/* of what isn't taken yet */
	size_t		 end;		/* of what was read */
};

/* Allocate the buffer. Returns 0, or -1 with errno. */
int	 incoming_init(struct incoming *in);
void	 incoming_free(struct incoming *in);

/* Drop what is left of a connection that has ended. */
void	 incoming_reset(struct incoming *in);

/* Whether all of what was read is taken: the last line has its LF. */
bool	 incoming_is_empty(const struct incoming *in);

/* Read once from c, and return what conn_read() does. Before that, all whole
 * lines must have been taken with incoming_next(). */
ssize_t	 incoming_read(struct incoming *in, struct conn *c);

/*
 * Take what comes next: *len bytes at *s, which stay valid until the next read.
 */
enum incoming_kind	 incoming_next(struct incoming *in, const char **s,
			    size_t *len);

#endif
