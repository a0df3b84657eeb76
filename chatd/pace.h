/*
 * Pace: how fast one may go on, after a good start
 *
 * A token bucket that is one number: the time when all that was taken is paid
 * for, at the rate. Whoever is ahead of the clock by more than the burst is
 * worth has to wait. Times are in microseconds; a number that was never
 * charged is 0.
 */
#ifndef PACE_H
#define PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACE_RATE_MAX	1000000
#define PACE_BURST_MAX	10000000
#define PACE_BURST	10		/* seconds of the rate, if not given */
#define PACE_BYTES	4096		/* count as much as a line */

struct pace {
	int64_t	 rate;			/* a second; 0: nobody waits */
	int64_t	 burst;			/* at once */
};

/*
 * Read "rate" or "rate:burst". Returns NULL, or what is wrong with it.
 */
const char	*pace_parse(struct pace *p, const char *s);

/* When one who is paid up until due may go on: the past if it may now. */
int64_t	 pace_when(const struct pace *p, int64_t due);

/*
 * Charge for lines that have some bytes in all, whichever count for more, to
 * what is paid up until *due. It may be more than there is left: then the time
 * to wait is the longer.
 */
void	 pace_charge(const struct pace *p, int64_t *due, int64_t now,
	    size_t lines, size_t bytes);

/* How many lines are left at once, at least 0. */
size_t	 pace_left(const struct pace *p, int64_t due, int64_t now);

#endif
