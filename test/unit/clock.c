/*
 * lib/clock.h: time for waiting
 */
#include <limits.h>

#include "clock.h"
#include "unit.h"

#define NUMBER	"not a number of seconds, to the millisecond at most"

static void
parse_good(void)
{
	static const struct {
		const char	*s;
		int64_t		 ms;
	} table[] = {
		{ "1", 1000 }, { "10", 10000 }, { "0010", 10000 },
		{ "0.25", 250 }, { "0.5", 500 }, { "1.05", 1050 },
		{ "0.001", 1 }, { "12.345", 12345 }, { "0.010", 10 },
		{ "1000000", 1000000000 }, { "1000000.000", 1000000000 },
		{ "999999.999", 999999999 },
	};
	const char *wrong;
	int64_t ms;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		ms = -1;
		wrong = clock_parse(table[i].s, &ms);
		CHECK_STR(wrong, NULL);
		CHECK_IN(ms == table[i].ms, "%s: %lld", table[i].s,
		    (long long)ms);
	}
}

static void
parse_bad(void)
{
	static const struct {
		const char	*s;
		const char	*wrong;
	} table[] = {
		{ "", NUMBER }, { " 1", NUMBER }, { "1 ", NUMBER },
		{ "-1", NUMBER }, { "+1", NUMBER }, { ".5", NUMBER },
		{ "1x", NUMBER }, { "x", NUMBER }, { "0x10", NUMBER },
		{ "1e3", NUMBER }, { "0.0001", NUMBER }, { "1.2.3", NUMBER },
		{ "1,5", NUMBER }, { "inf", NUMBER }, { "nan", NUMBER },
		{ ".", NUMBER },
		{ "1.", "not a number of seconds" },
		{ "1..", "not a number of seconds" },
		{ "0", "too small" }, { "0.0", "too small" },
		{ "0.000", "too small" },
		{ "1000000.001", "too large" }, { "1000001", "too large" },
		{ "99999999999999999999999999", "too large" },
		{ "9223372036854775808", "too large" },
	};
	int64_t ms;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		ms = -1;
		CHECK_STR(clock_parse(table[i].s, &ms), table[i].wrong);
		CHECK_IN(ms == -1, "%s", table[i].s);
	}
}

static void
timeouts(void)
{
	int64_t now = clock_now();
	int ms;

	CHECK(clock_timeout(CLOCK_NEVER) == -1);
	CHECK(clock_timeout(0) == 0);
	CHECK(clock_timeout(INT64_MIN / 2) == 0);
	CHECK(clock_timeout(now - 1) == 0);
	CHECK(clock_timeout(CLOCK_NEVER - 1) == INT_MAX);
	ms = clock_timeout(now + 100000000);
	CHECK_IN(ms > 0 && ms <= 100000000, "%d", ms);
	CHECK(clock_now() >= now);
}

const struct test clock_tests[] = {
	{ "seconds that are right", parse_good },
	{ "seconds that are wrong, and why", parse_bad },
	{ "timeouts for poll", timeouts },
	{ NULL, NULL }
};
