/*
 * lib/client/retry.h: when to try again, and when to give up
 */
#include "client/retry.h"
#include "clock.h"
#include "unit.h"

/* The next try comes within these milliseconds from now. */
static void
next_within(struct retry *r, int64_t least, int64_t most)
{
	int64_t before = clock_now(), when = retry_next(r), after = clock_now();

	CHECK_IN(when >= before + least && when <= after + most, "%lld",
	    (long long)(when - before));
}

static void
doubles(void)
{
	static const int64_t delays[] = {
		100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000
	};
	struct retry r;
	size_t i, k;

	retry_init(&r, 1, CLOCK_NEVER);
	for (k = 0; k < 100; k++) {
		retry_begin(&r);
		for (i = 0; i < sizeof(delays) / sizeof(*delays); i++)
			next_within(&r, delays[i] / 2, delays[i]);
		CHECK(!retry_over(&r));
		retry_end(&r);
	}
}

static void
is_spread(void)
{
	int64_t when, first, last;
	struct retry r;
	int i;

	retry_init(&r, 1, CLOCK_NEVER);
	first = last = retry_next(&r) - clock_now();
	for (i = 0; i < 1000; i++) {
		retry_end(&r);
		when = retry_next(&r) - clock_now();
		first = when < first ? when : first;
		last = when > last ? when : last;
	}
	CHECK_IN(last - first > 25, "%lld", (long long)(last - first));
}

static void
gives_up(void)
{
	struct retry r;
	int64_t end;

	retry_init(&r, 1, 20);
	CHECK(!retry_over(&r));
	retry_begin(&r);
	end = r.give_up;
	CHECK(end != CLOCK_NEVER);
	retry_begin(&r);
	CHECK(r.give_up == end);	/* it runs from the first failure */
	while (!retry_over(&r))
		;
	CHECK(clock_now() >= end);
	retry_end(&r);
	CHECK(!retry_over(&r));
	retry_begin(&r);
	CHECK(r.give_up >= end + 20);
}

static void
takes_turns(void)
{
	static const int64_t delays[] = { 100, 200, 400 };
	struct retry r;
	size_t i, k;

	retry_init(&r, 3, CLOCK_NEVER);
	for (i = 0; i < sizeof(delays) / sizeof(*delays); i++) {
		next_within(&r, 0, 0);
		next_within(&r, 0, 0);
		next_within(&r, delays[i] / 2, delays[i]);
	}
	/* The one that was connected is the first one to fail after that. */
	next_within(&r, 0, 0);
	retry_end(&r);
	r.up_since -= RETRY_STEADY;
	next_within(&r, 0, 0);
	next_within(&r, 0, 0);
	next_within(&r, 50, 100);
	/* All answer, and break off. */
	for (k = 0; k < 10; k++) {
		for (i = 0; i < 2; i++) {
			retry_end(&r);
			next_within(&r, 0, 0);
		}
		retry_end(&r);
		next_within(&r, 50, 100);
	}
}

const struct test retry_tests[] = {
	{ "each try waits twice as long, up to a limit", doubles },
	{ "not everybody comes back at once", is_spread },
	{ "several addresses are tried at once, then comes a delay",
	    takes_turns },
	{ "it gives up when the time is over", gives_up },
	{ NULL, NULL }
};
