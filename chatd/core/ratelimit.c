/*
 * Pace: how fast one may go on, after a good start
 */
#include <stdlib.h>
#include <string.h>

#include "ratelimit.h"

#define SECOND		INT64_C(1000000)
#define NUMBER_SIZE	24		/* room for any number that is one */

const char *
ratelimit_parse(struct ratelimit *p, const char *s)
{
	const char *colon = strchr(s, ':'), *why;
	size_t len = colon == NULL ? strlen(s) : (size_t)(colon - s);
	char rate[NUMBER_SIZE];

	if (len >= sizeof(rate))
		return "invalid";
	memcpy(rate, s, len);
	rate[len] = '\0';
	p->rate = strtonum(rate, 1, RATELIMIT_RATE_MAX, &why);
	p->burst = RATELIMIT_BURST * p->rate;
	if (why == NULL && colon != NULL)
		p->burst = strtonum(colon + 1, 1, RATELIMIT_BURST_MAX, &why);
	return why;
}

/* What n lines cost: a fraction more, so that nobody is ever too fast. */
static int64_t
cost(const struct ratelimit *p, int64_t n)
{
	return (n * SECOND + p->rate - 1) / p->rate;
}

int64_t
ratelimit_when(const struct ratelimit *p, int64_t due)
{
	return p->rate == 0 ? 0 : due - cost(p, p->burst - 1);
}

void
ratelimit_charge(const struct ratelimit *p, int64_t *due, int64_t now, size_t lines,
    size_t bytes)
{
	int64_t price, other;

	if (p->rate == 0)
		return;
	price = cost(p, (int64_t)lines);
	other = cost(p, (int64_t)bytes) / RATELIMIT_BYTES;
	if (*due < now)
		*due = now;
	*due += price > other ? price : other;
}

size_t
ratelimit_left(const struct ratelimit *p, int64_t due, int64_t now)
{
	int64_t left;

	if (p->rate == 0)
		return SIZE_MAX;
	left = now + cost(p, p->burst) - (due > now ? due : now);
	return left < 0 ? 0 : (size_t)(left * p->rate / SECOND);
}
