/*
 * Retry: when to try again, and when to give up
 */
#include <stdlib.h>

#include "clock.h"
#include "retry.h"

void
retry_init(struct retry *r, size_t addresses, int64_t patience)
{
	r->patience = patience;
	r->addresses = addresses;
	r->failed = 0;
	retry_end(r);
	r->up_since = CLOCK_NEVER;
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
	int64_t now = clock_now();
	uint32_t half;

	if (r->up_since != CLOCK_NEVER && now - r->up_since >= RETRY_STEADY)
		r->failed = 0;
	r->up_since = CLOCK_NEVER;
	if (++r->failed < r->addresses)
		return now;
	r->failed = 0;
	r->delay = r->delay == 0 ? RETRY_FIRST : 2 * r->delay;
	if (r->delay > RETRY_MOST)
		r->delay = RETRY_MOST;
	half = (uint32_t)r->delay / 2;
	return now + r->delay - arc4random_uniform(half + 1);
}

void
retry_end(struct retry *r)
{
	r->give_up = CLOCK_NEVER;
	r->delay = 0;
	r->up_since = clock_now();
}

bool
retry_over(const struct retry *r)
{
	return r->give_up != CLOCK_NEVER && clock_now() >= r->give_up;
}
