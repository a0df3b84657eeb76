/*
 * Away: how many messages are new to a person who comes back
 */
#include "away.h"
#include "clock.h"

#define NOTHING_MS	10000		/* to wait for the first new message */
#define QUIET_MS	250		/* ... and after each, for another */
#define FLOOD_MS	2000		/* ... at most, after the first one */

void
away_init(struct away *a)
{
	a->gone = false;
	a->n = 0;
	a->until = a->latest = CLOCK_NEVER;
}

void
away_leave(struct away *a)
{
	/* What is counted by then is seen. */
	away_init(a);
	a->gone = true;
}

uint64_t
away_return(struct away *a)
{
	uint64_t n = a->n;

	if (!a->gone)
		return 0;
	away_init(a);
	return n;
}

void
away_stopped(struct away *a)
{
	a->gone = false;
	a->until = clock_now() + NOTHING_MS;
	a->latest = CLOCK_NEVER;
}

void
away_count(struct away *a, uint64_t n)
{
	int64_t now;

	if (a->gone)
		a->n += n;
	if (a->until == CLOCK_NEVER)
		return;
	now = clock_now();
	a->n += n;
	if (a->latest == CLOCK_NEVER)
		a->latest = now + FLOOD_MS;
	a->until = now + QUIET_MS < a->latest ? now + QUIET_MS : a->latest;
}

uint64_t
away_look(struct away *a)
{
	uint64_t n = a->n;

	if (a->until == CLOCK_NEVER || clock_now() < a->until)
		return 0;
	away_init(a);
	return n;
}

int64_t
away_deadline(const struct away *a)
{
	return a->until;
}
