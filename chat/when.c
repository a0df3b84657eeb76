/*
 * When a line was said, as a person reads it: the time of day, and the day
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "when.h"

#define SKEW		3600		/* seconds that clocks may differ by */
#define NO_DAY		(-1)

/* Days that differ have numbers that differ. */
static int
find_day(struct tm *tm, int64_t date)
{
	time_t t = (time_t)date;

	return localtime_r(&t, tm) == NULL ? NO_DAY :
	    tm->tm_year * 366 + tm->tm_yday;
}

void
when_init(struct when *w, int64_t date)
{
	struct tm tm;

	w->date = date;
	w->latest = INT64_MIN;		/* history comes before it */
	w->day = find_day(&tm, date);
}

static bool
is_this_year(const struct tm *tm)
{
	struct tm now;

	return find_day(&now, clock_date()) != NO_DAY &&
	    now.tm_year == tm->tm_year;
}

static void
write_day(char *buf, const struct tm *tm)
{
	char day[16], month[16];

	/* LC_TIME is that of C: the words are English, as all others are. */
	(void)strftime(day, sizeof(day), "%A", tm);
	(void)strftime(month, sizeof(month), "%B", tm);
	if (is_this_year(tm))
		(void)snprintf(buf, WHEN_DAY, "%s, %d %s", day, tm->tm_mday,
		    month);
	else
		(void)snprintf(buf, WHEN_DAY, "%s, %d %s %lld", day,
		    tm->tm_mday, month, tm->tm_year + 1900LL);
}

bool
when_new_day(struct when *w, int64_t date, char *day)
{
	struct tm tm;
	int number;

	/* Not for each of the lines of a second. */
	if (date == w->date && w->latest != INT64_MIN)
		return false;
	w->date = date;
	number = find_day(&tm, date);
	if (number == NO_DAY)
		return false;
	if (number == w->day || (date < w->latest &&
	    w->latest - date <= SKEW)) {
		if (date > w->latest)
			w->latest = date;
		return false;
	}
	w->day = number;
	w->latest = date;
	write_day(day, &tm);
	return true;
}

void
when_clock(char *buf, int64_t date)
{
	time_t t = (time_t)date;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL ||
	    strftime(buf, WHEN_CLOCK, "%H:%M ", &tm) == 0)
		(void)strlcpy(buf, "??:?? ", WHEN_CLOCK);
}
