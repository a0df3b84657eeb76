/*
 * What is typed and pasted, in the order it comes
 *
 * The terminal marks where a paste begins and ends. It is kept apart from what
 * is typed: nothing in it is a key, and it is handed over whole.
 */
#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "tty.h"

#define KEYS_PASTE_MAX	(1024 * 1024)	/* bytes of a paste that are kept */

enum keys_kind {
	KEYS_NONE,			/* nothing yet, or not all of it */
	KEYS_CHAR,			/* a whole character */
	KEYS_PASTE,			/* a whole paste */
	KEYS_INTR,			/* a key that means a signal */
	KEYS_SUSP,
	KEYS_QUIT
};

struct keys {
	int		 fd;
	struct tty_signals signals;
	struct buf	 queue;		/* read and not yet handed over */
	struct buf	 paste;		/* while pasting, or pasted */
	bool		 pasting;	/* its end hasn't come */
	bool		 pasted;	/* it's whole */
	bool		 cut;		/* it was too long, the rest is gone */
	size_t		 whole;		/* bytes of the character begun */
	int64_t		 held;		/* until then more may follow an ESC */
};

void	 keys_init(struct keys *k, int fd, const struct tty_signals *signals);
void	 keys_free(struct keys *k);

/* Read once, which may block: ask poll(2) first. 0, or -1 with errno; the end
 * of a terminal is the error EIO. */
int	 keys_read(struct keys *k);

/* What is next. */
enum keys_kind	 keys_peek(struct keys *k);

/* When keys_peek() can say more without reading, or CLOCK_NEVER. */
int64_t	 keys_deadline(const struct keys *k);

/* The next byte of a character, or -1 if there is none. */
int	 keys_byte(struct keys *k);

/* Done with what is next and is no character. A paste's text is gone then. */
void	 keys_done(struct keys *k);

/* Forget all that isn't handed over. */
void	 keys_clear(struct keys *k);

#endif
