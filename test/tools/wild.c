/*
 * Wildness: the mischief of a log, from the numbers of one seed
 */
#include "wild.h"

static uint64_t state;
static unsigned percent, longest;

void
wild_init(uint64_t seed, unsigned rate, unsigned delay)
{
	state = seed;
	percent = rate;
	longest = delay;
}

/* splitmix64, the same everywhere. */
uint64_t
wild_below(uint64_t n)
{
	uint64_t x = state += 0x9e3779b97f4a7c15;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return ((x ^ (x >> 31)) >> 1) % n;
}

bool
wild_now(unsigned rarer)
{
	return percent > 0 && wild_below(100 * (uint64_t)rarer) < percent;
}

int64_t
wild_later(int64_t now)
{
	return wild_now(1) ? now + (int64_t)wild_below(longest + 1) : now;
}
