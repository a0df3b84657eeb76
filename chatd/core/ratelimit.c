/*
 * Rate limits: a steady rate, after a burst
 */
#include <stdlib.h>
#include <string.h>

#include "ratelimit.h"

#define SECOND		INT64_C(1000000)
#define NUMBER_SIZE	24		/* holds any valid number */

const char *
ratelimit_parse(struct ratelimit *l, const char *s)
{
	const char *colon = strchr(s, ':'), *why;
	size_t len = colon == NULL ? strlen(s) : (size_t)(colon - s);
	char rate[NUMBER_SIZE];

	if (len >= sizeof(rate))
		return "invalid";
	memcpy(rate, s, len);
	rate[len] = '\0';
	l->rate = strtonum(rate, 1, RATELIMIT_RATE_MAX, &why);
	l->burst = RATELIMIT_BURST * l->rate;
	if (why == NULL && colon != NULL)
		l->burst = strtonum(colon + 1, 1, RATELIMIT_BURST_MAX, &why);
	return why;
}

/* What n lines cost, rounded up, so that the rate is never exceeded. */
static int64_t
cost(const struct ratelimit *l, int64_t n)
{
	return (n * SECOND + l->rate - 1) / l->rate;
}

int64_t
ratelimit_when(const struct ratelimit *l, int64_t due)
{
	return l->rate == 0 ? 0 : due - cost(l, l->burst - 1);
}

void
ratelimit_charge(const struct ratelimit *l, int64_t *due, int64_t now,
    size_t lines, size_t bytes)
{
	int64_t price, other;

	if (l->rate == 0)
		return;
	price = cost(l, (int64_t)lines);
	other = cost(l, (int64_t)bytes) / RATELIMIT_BYTES;
	if (*due < now)
		*due = now;
	*due += price > other ? price : other;
}

size_t
ratelimit_left(const struct ratelimit *l, int64_t due, int64_t now)
{
	int64_t left;

	if (l->rate == 0)
		return SIZE_MAX;
	left = now + cost(l, l->burst) - (due > now ? due : now);
	return left < 0 ? 0 : (size_t)(left * l->rate / SECOND);
}
