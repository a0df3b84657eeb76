/*
 * chatd/core/ratelimit.h: how fast one may go on
 */
#include <string.h>

#include "core/ratelimit.h"
#include "unit.h"

#define SECOND	INT64_C(1000000)
#define START	(3600 * SECOND)

static const struct ratelimit slow = { .rate = 10, .burst = 20 };

static bool
waits(const struct ratelimit *p, int64_t due, int64_t now)
{
	return ratelimit_when(p, due) > now;
}

static void
values(void)
{
	static const struct {
		const char	*s;
		const char	*why;
		int64_t		 rate;
		int64_t		 burst;
	} table[] = {
		{ "1", NULL, 1, 10 },
		{ "2000", NULL, 2000, 20000 },
		{ "1000000", NULL, 1000000, 10000000 },
		{ "1:1", NULL, 1, 1 },
		{ "5:10000000", NULL, 5, 10000000 },
		{ "1000000:1", NULL, 1000000, 1 },
		{ "0", "too small", 0, 0 },
		{ "0:5", "too small", 0, 0 },
		{ "-1", "too small", 0, 0 },
		{ "1000001", "too large", 0, 0 },
		{ "5:0", "too small", 0, 0 },
		{ "5:10000001", "too large", 0, 0 },
		{ "", "invalid", 0, 0 },
		{ ":", "invalid", 0, 0 },
		{ ":5", "invalid", 0, 0 },
		{ "5:", "invalid", 0, 0 },
		{ "5:5:5", "invalid", 0, 0 },
		{ "5x", "invalid", 0, 0 },
		{ "000000000000000000000000000005", "invalid", 0, 0 },
	};
	struct ratelimit p;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		CHECK_STR(ratelimit_parse(&p, table[i].s), table[i].why);
		CHECK_IN(table[i].why != NULL || (p.rate == table[i].rate &&
		    p.burst == table[i].burst), "%s", table[i].s);
	}
}

/* One line at a time: the burst at once, then one each tenth of a second. */
static void
one_by_one(void)
{
	int64_t due = 0, now = START;
	int i;

	for (i = 0; i < 20; i++) {
		CHECK_IN(!waits(&slow, due, now), "%d", i);
		CHECK_IN(ratelimit_left(&slow, due, now) == (size_t)(20 - i),
		    "%d", i);
		ratelimit_charge(&slow, &due, now, 1, 5);
	}
	for (; i < 100; i++) {
		CHECK_IN(waits(&slow, due, now), "%d", i);
		CHECK(ratelimit_left(&slow, due, now) == 0);
		CHECK(ratelimit_when(&slow, due) == now + SECOND / 10);
		now += SECOND / 10 - 1;
		CHECK(waits(&slow, due, now));
		now++;
		CHECK(!waits(&slow, due, now));
		ratelimit_charge(&slow, &due, now, 1, 5);
	}
	/* Who was silent for long has the burst again, and no more. */
	now += 1000 * SECOND;
	CHECK(ratelimit_left(&slow, due, now) == 20);
	ratelimit_charge(&slow, &due, now, 20, 20);
	CHECK(waits(&slow, due, now));
}

/* More than there was: the average holds. */
static void
debt(void)
{
	int64_t due = 0, now = START;

	ratelimit_charge(&slow, &due, now, 131072, 131072);
	CHECK(ratelimit_left(&slow, due, now) == 0);
	CHECK(ratelimit_when(&slow, due) == now + (131072 - 19) * SECOND / 10);
	now = ratelimit_when(&slow, due);
	CHECK(ratelimit_left(&slow, due, now) == 1);
}

/* Bytes count, too, so that a line without end isn't free. */
static void
bytes(void)
{
	int64_t due = 0, now = START;
	int i;

	ratelimit_charge(&slow, &due, now, 1, 20 * RATELIMIT_BYTES);
	CHECK(waits(&slow, due, now) && ratelimit_left(&slow, due, now) == 0);
	for (i = 0, due = 0; i < 20 * RATELIMIT_BYTES; i++) {
		CHECK(!waits(&slow, due, now) || i > 19 * RATELIMIT_BYTES);
		ratelimit_charge(&slow, &due, now, 0, 1);
	}
	CHECK(waits(&slow, due, now));
	/* Of a line of the usual length only the line does. */
	for (i = 0, due = 0; i < 19; i++) {
		ratelimit_charge(&slow, &due, now, 1, 80);
		CHECK(ratelimit_left(&slow, due, now) == (size_t)(19 - i));
	}
}

/* Whatever the rate: not too fast, and hardly slower. */
static void
rates(void)
{
	static const int64_t rate[] = { 1, 3, 7, 999, 1000, 2000, 60000,
	    1000000 };
	struct ratelimit p;
	int64_t due, now;
	size_t i, said;

	for (i = 0; i < sizeof(rate) / sizeof(*rate); i++) {
		p = (struct ratelimit){ .rate = rate[i], .burst = 5 +
		    rate[i] / 500 };
		due = 0;
		said = 0;
		/* As the room does it: it looks each millisecond. */
		for (now = START; now < START + 10 * SECOND; now += 1000) {
			while (!waits(&p, due, now)) {
				ratelimit_charge(&p, &due, now, 50, 50);
				said += 50;
			}
		}
		CHECK_IN(said <= (size_t)(rate[i] * 10 + p.burst) + 50,
		    "%lld: %zu", (long long)rate[i], said);
		CHECK_IN(said >= (size_t)rate[i] * 9, "%lld: %zu",
		    (long long)rate[i], said);
	}
}

static void
off(void)
{
	static const struct ratelimit none = { .rate = 0 };
	int64_t due = 0;

	ratelimit_charge(&none, &due, START, 1000000, 1000000);
	CHECK(due == 0 && !waits(&none, due, START));
	CHECK(!waits(&none, START + SECOND, START));
	CHECK(ratelimit_left(&none, due, START) == SIZE_MAX);
}

const struct test ratelimit_tests[] = {
	{ "values of -l", values },
	{ "the burst at once, then the rate", one_by_one },
	{ "more than there was is paid for by waiting", debt },
	{ "bytes count as well as lines", bytes },
	{ "any rate is held, and reached", rates },
	{ "without a rate nobody waits", off },
	{ NULL, NULL }
};
