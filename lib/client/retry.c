/*
 * Retry: when to try again, and when to give up
 */
#include <stdlib.h>

#include "clock.h"
#include "retry.h"

void
retry_init(struct retry *r, int64_t patience)
{
	r->patience = patience;
	retry_end(r);
}

void
retry_begin(struct retry *r)
{
	if (r->patience != CLOCK_NEVER && r->give_up == CLOCK_NEVER)
		r->give_up = clock_now() + r->patience;
}

int64_t
retry_next(struct retry *r)
{
	uint32_t half;

	r->delay = r->delay == 0 ? RETRY_FIRST : 2 * r->delay;
	if (r->delay > RETRY_MOST)
		r->delay = RETRY_MOST;
	half = (uint32_t)r->delay / 2;
	return clock_now() + r->delay - arc4random_uniform(half + 1);
}

void
retry_end(struct retry *r)
{
	r->give_up = CLOCK_NEVER;
	r->delay = 0;
}

bool
retry_over(const struct retry *r)
{
	return r->give_up != CLOCK_NEVER && clock_now() >= r->give_up;
}
