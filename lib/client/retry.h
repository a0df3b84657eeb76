/*
 * Retry: when to try again, and when to give up
 *
 * The first try comes after RETRY_FIRST ms, each of the next after twice as
 * long, up to RETRY_MOST. A random part of it is left out, so that all who
 * lost a room at the same moment don't come back at the same moment.
 */
#ifndef RETRY_H
#define RETRY_H

#include <stdbool.h>
#include <stdint.h>

#define RETRY_FIRST	100		/* milliseconds */
#define RETRY_MOST	5000

struct retry {
	int64_t		 patience;	/* ms until giving up, or CLOCK_NEVER */
	int64_t		 give_up;	/* when that is; CLOCK_NEVER: not now */
	int64_t		 delay;		/* of the last try; 0: none yet */
};

/* Give up after patience milliseconds without success, CLOCK_NEVER: never. */
void	 retry_init(struct retry *r, int64_t patience);

/* It has failed, or hasn't been tried at all: the time runs from now on. */
void	 retry_begin(struct retry *r);

/* When to try again after a failure: a time as clock_now() gives it. */
int64_t	 retry_next(struct retry *r);

/* It has worked: the next failure is a first one again. */
void	 retry_end(struct retry *r);

/* Whether the time is over. */
bool	 retry_over(const struct retry *r);

#endif
