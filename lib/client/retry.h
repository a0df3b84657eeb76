/*
 * Retry: when to try again, and when to give up
 *
 * This is exponential backoff with jitter. The first try comes after
 * RETRY_FIRST ms, each of the next after twice as long, up to RETRY_MOST. A
 * random part, up to half, is taken off each delay, so that clients that lost a
 * room at the same moment don't all come back at the same moment.
 *
 * Where a room has several addresses, they are tried at once, one after the
 * other; a delay comes when all of them have failed in a row. What was
 * connected for less than RETRY_STEADY ms has failed, too: so addresses that
 * answer and break off don't send a client round in circles.
 */
#ifndef RETRY_H
#define RETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RETRY_FIRST	100		/* milliseconds */
#define RETRY_MOST	5000
#define RETRY_STEADY	1000

struct retry {
	int64_t		 patience;	/* ms until giving up, or CLOCK_NEVER */
	int64_t		 give_up;	/* when that is, by clock_now();
					   CLOCK_NEVER: no failure yet */
	int64_t		 delay;		/* of the last try, ms; 0: none yet */
	size_t		 addresses;	/* that the room has */
	size_t		 failed;	/* of them, in a row */
	int64_t		 up_since;	/* by clock_now(), or CLOCK_NEVER */
};

/* For a room with so many addresses. Give up after patience milliseconds
 * without success; CLOCK_NEVER: never. */
void	 retry_init(struct retry *r, size_t addresses, int64_t patience);

/* There is no connection: patience runs from now on, if it doesn't yet. */
void	 retry_begin(struct retry *r);

/* When to try the next address after a failure, by clock_now(): now, or if all
 * have failed, after a delay. That doubles the next one. */
int64_t	 retry_next(struct retry *r);

/* There is a connection: the next failure counts as a first one. */
void	 retry_end(struct retry *r);

/* Whether patience is over. */
bool	 retry_over(const struct retry *r);

#endif
