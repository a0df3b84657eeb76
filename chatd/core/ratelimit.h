/*
 * Pace: how fast one may go on, after a good start
 *
 * A token bucket that is one number: the time when all that was taken is paid
 * for, at the rate. Whoever is ahead of the clock by more than the burst is
 * worth has to wait. Times are in microseconds; a number that was never
 * charged is 0.
 */
#ifndef RATELIMIT_H
#define RATELIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RATELIMIT_RATE_MAX	1000000
#define RATELIMIT_BURST_MAX	10000000
#define RATELIMIT_BURST	10		/* seconds of the rate, if not given */
#define RATELIMIT_BYTES	4096		/* count as much as a line */

struct ratelimit {
	int64_t	 rate;			/* a second; 0: nobody waits */
	int64_t	 burst;			/* at once */
};

/*
 * Read "rate" or "rate:burst". Returns NULL, or what is wrong with it.
 */
const char	*ratelimit_parse(struct ratelimit *p, const char *s);

/* When one who is paid up until due may go on: the past if it may now. */
int64_t	 ratelimit_when(const struct ratelimit *p, int64_t due);

/*
 * Charge for lines that have some bytes in all, whichever count for more, to
 * what is paid up until *due. It may be more than there is left: then the time
 * to wait is the longer.
 */
void	 ratelimit_charge(const struct ratelimit *p, int64_t *due, int64_t now,
	    size_t lines, size_t bytes);

/* How many lines are left at once, at least 0. */
size_t	 ratelimit_left(const struct ratelimit *p, int64_t due, int64_t now);

#endif
