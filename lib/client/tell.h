/*
 * Tell: what a front end reads, messages and control lines on a descriptor
 *
 * Whatever a room sends, each line that a front end gets is well-formed UTF-8,
 * has no control character but TAB, and at most MESSAGE_SIZE bytes with its LF.
 * SOH begins the lines that tell_text() and tell_number() make, and no others.
 * What is wrong becomes U+FFFD (see text.h); rooms that keep to chat(7) send
 * nothing that is.
 */
#ifndef TELL_H
#define TELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "outbuf.h"

struct tell {
	struct outbuf	 out;
	bool		 deaf;		/* nobody reads: drop everything */
};

/* Write to fd, which stays the caller's. Returns 0, or -1 with errno. */
int	 tell_init(struct tell *t, int fd);
void	 tell_free(struct tell *t);

/* Whether there is space for all that one link_ready() can lead to. */
bool	 tell_ready(const struct tell *t);

/* Whether there is space for a few lines beside that. */
bool	 tell_has_spare(const struct tell *t);

/* The reader is gone: drop what waits, and all that comes. */
void	 tell_nobody(struct tell *t);

/* Tell messages: len bytes, whole lines with their LFs, each of at most
 * MESSAGE_SIZE bytes. */
void	 tell_lines(struct tell *t, const char *lines, size_t len);

/* Tell a control line: the words, which are known to be good, and then, after a
 * space, the len bytes at text; or the words alone if len is 0. */
void	 tell_text(struct tell *t, const char *words, const char *text,
	    size_t len);

/* Tell a control line of a word and a number. */
void	 tell_number(struct tell *t, const char *word, uint64_t n);

#endif
