/*
 * The wire: the socket between this node and the helper of its log
 *
 * What is said is kept until the helper has taken it, and nothing here waits
 * for it. The descriptor is non-blocking and belongs to the wire.
 */
#ifndef WIRE_H
#define WIRE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "logline.h"

#define WIRE_READ	(256 * 1024)	/* bytes to keep of what was read; any
					   entry fits */

struct wire {
	int		 fd;		/* -1: there is no helper now */
	char		*in;		/* WIRE_READ bytes */
	size_t		 done;		/* of them, taken */
	size_t		 inlen;		/* of them, read */
	char		*out;		/* what is to be written */
	size_t		 written;
	size_t		 outlen;
	size_t		 allocated;
	bool		 hung_up;	/* the helper is gone; what it has said
					   before can still be read */
};

/* Returns 0, or -1 with errno if memory is short. */
int	 wire_init(struct wire *w);
void	 wire_free(struct wire *w);

/* Begin with a new helper at fd: all that the old one has said or not yet taken
 * is forgotten. */
void	 wire_attach(struct wire *w, int fd);

/* Close the socket, if it is open: its helper ends. */
void	 wire_close(struct wire *w);

/* What to poll(2) for, if there is space for what the helper says, or not. */
short	 wire_events(const struct wire *w, bool space);

/* Read once. Returns false if the helper is gone, and all was taken that it had
 * said. */
bool	 wire_read(struct wire *w);

/*
 * Look at the next line that was read, and at its entry; both are valid until
 * the next call of another function. Returns how many bytes they take, 0 if
 * nothing whole is there, or -1 if the helper says something else.
 */
ssize_t	 wire_peek(const struct wire *w, struct logline *l);

/* These bytes are done with. */
void	 wire_take(struct wire *w, size_t size);

/* Make space for len bytes more that are to be written. Returns 0, or -1 with
 * errno. */
int	 wire_reserve(struct wire *w, size_t len);

/*
 * Say a line. If it has an entry, of l->len bytes, that consists of the headlen
 * bytes at head and the rest at body. Returns 0, also without a helper, or -1
 * with errno if memory is short.
 */
int	 wire_say(struct wire *w, const struct logline *l, const char *head,
	    size_t headlen, const char *body);

/* Write what the helper takes now. Returns false if it is gone. */
bool	 wire_write(struct wire *w);

#endif
