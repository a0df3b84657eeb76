/*
 * Time: deadlines on the monotonic clock, and dates
 */
#include <limits.h>
#include <string.h>
#include <time.h>

#include "clock.h"

#define SECONDS_MAX	1000000

int64_t
clock_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_date(void)
{
	return time(NULL);
}

size_t
clock_stamp(char *buf, int64_t date)
{
	time_t t = (time_t)date;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL || strftime(buf, CLOCK_STAMP,
	    "%Y-%m-%dT%H:%M:%S%z ", &tm) == 0)
		(void)strlcpy(buf, "unknown time ", CLOCK_STAMP);
	return strlen(buf);
}

int
clock_timeout(int64_t deadline)
{
	int64_t left;

	if (deadline == CLOCK_NEVER)
		return -1;
	left = deadline - clock_now();
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

const char *
clock_parse(const char *s, int64_t *ms)
{
	int64_t unit = 1000, v = 0;
	const char *p = s;

	for (; *p >= '0' && *p <= '9' && v <= SECONDS_MAX * 1000LL; p++)
		v = v * 10 + (*p - '0') * 1000;
	if (*p == '.' && p != s) {
		for (p++; *p >= '0' && *p <= '9' && unit > 1; p++)
			v += (*p - '0') * (unit /= 10);
		if (p[-1] == '.')
			return "not a number of seconds";
	}
	if (*s == '\0' || (*p != '\0' && v <= SECONDS_MAX * 1000LL))
		return "not a number of seconds, to the millisecond at most";
	if (v > SECONDS_MAX * 1000LL)
		return "too large";
	if (v == 0)
		return "too small";
	*ms = v;
	return NULL;
}
