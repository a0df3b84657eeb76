/*
 * Retry: when to try again, and when to give up
 *
 * This is exponential backoff with jitter. The first try comes after
 * RETRY_FIRST ms, each of the next after twice as long, up to RETRY_MOST. A
 * random part, up to half, is taken off each delay, so that clients that lost a
 * room at the same moment don't all come back at the same moment.
 */
#ifndef RETRY_H
#define RETRY_H

#include <stdbool.h>
#include <stdint.h>

#define RETRY_FIRST	100		/* milliseconds */
#define RETRY_MOST	5000

struct retry {
	int64_t		 patience;	/* ms until giving up, or CLOCK_NEVER */
	int64_t		 give_up;	/* when that is, by clock_now();
					   CLOCK_NEVER: no failure yet */
	int64_t		 delay;		/* of the last try, ms; 0: none yet */
};

/* Give up after patience milliseconds without success; CLOCK_NEVER: never. */
void	 retry_init(struct retry *r, int64_t patience);

/* There is no connection: patience runs from now on, if it doesn't yet. */
void	 retry_begin(struct retry *r);

/* When to try again after a failure, by clock_now(). Doubles the next delay. */
int64_t	 retry_next(struct retry *r);

/* There is a connection: the next failure counts as a first one. */
void	 retry_end(struct retry *r);

/* Whether patience is over. */
bool	 retry_over(const struct retry *r);

#endif
