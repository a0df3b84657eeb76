/*
 * Rate limits: a steady rate, after a burst
 *
 * This is the generic cell rate algorithm: a token bucket kept as one number,
 * the time up to which everything taken so far is paid for at the rate. When
 * that is further ahead of the clock than the burst is worth, its owner has to
 * wait. Times are in microseconds, and the number begins as 0.
 */
#ifndef RATELIMIT_H
#define RATELIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RATELIMIT_RATE_MAX	1000000
#define RATELIMIT_BURST_MAX	10000000
#define RATELIMIT_BURST	10		/* default burst: seconds of the rate */
#define RATELIMIT_BYTES	4096		/* bytes that cost as much as a line */

struct ratelimit {
	int64_t	 rate;			/* lines a second; 0: no limit */
	int64_t	 burst;			/* lines at once */
};

/* Parse "rate" or "rate:burst". Returns NULL, or what is wrong with it. */
const char	*ratelimit_parse(struct ratelimit *l, const char *s);

/* When somebody who has paid up to due may go on: a past time means now. */
int64_t	 ratelimit_when(const struct ratelimit *l, int64_t due);

/*
 * Charge *due for lines, or for their bytes if these cost more. It may be more
 * than is left; that makes the wait longer.
 */
void	 ratelimit_charge(const struct ratelimit *l, int64_t *due, int64_t now,
	    size_t lines, size_t bytes);

/* How many lines are left of the burst; SIZE_MAX without a limit. */
size_t	 ratelimit_left(const struct ratelimit *l, int64_t due, int64_t now);

#endif
