/*
 * Keys, pastes and the focus, in the order in which they come
 *
 * The terminal marks the beginning and the end of a paste (bracketed paste). A
 * paste is kept apart from the keys: nothing in it is a key, and it is handed
 * over as a whole.
 */
#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "tty.h"

#define KEYS_PASTE_MAX	(1024 * 1024)	/* bytes of a paste that are kept */

enum keys_kind {
	KEYS_NONE,			/* nothing whole yet */
	KEYS_CHAR,			/* a whole character */
	KEYS_PASTE,			/* a whole paste */
	KEYS_FOCUS,			/* the terminal has the focus again */
	KEYS_NO_FOCUS,			/* it has lost it */
	KEYS_INTR,			/* a key that means a signal */
	KEYS_SUSP,
	KEYS_QUIT
};

struct keys {
	int		 fd;
	struct tty_signals signals;
	struct buf	 queue;		/* read and not yet handed over */
	struct buf	 paste;		/* the text of a paste */
	bool		 pasting;	/* inside a paste */
	bool		 pasted;	/* paste is whole */
	bool		 cut;		/* paste was too long: it is cut */
	size_t		 whole;		/* bytes left of the next character */
	int64_t		 held;		/* how long to wait for more after ESC,
					   by clock_now(), or CLOCK_NEVER */
};

void	 keys_init(struct keys *k, int fd, const struct tty_signals *signals);
void	 keys_free(struct keys *k);

/* Read what there is, if there is something. 0, or -1 with errno; the end of a
 * terminal is the error EIO. */
int	 keys_read(struct keys *k);

/* The kind of what is next. Its bytes stay until keys_byte() or keys_done(). */
enum keys_kind	 keys_peek(struct keys *k);

/* When keys_peek() may return something else without another read, by
 * clock_now(), or CLOCK_NEVER. */
int64_t	 keys_deadline(const struct keys *k);

/* Take the next byte of a character. Returns it, or -1 if there is none. */
int	 keys_byte(struct keys *k);

/* Drop what is next, if it isn't a character: a paste with its text, a report
 * about the focus, or a key that means a signal. */
void	 keys_done(struct keys *k);

/* Drop everything that isn't handed over. */
void	 keys_clear(struct keys *k);

#endif
