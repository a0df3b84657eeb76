/*
 * When a line was said, as a person reads it: the time of day, and the day
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client/stamp.h"
#include "clock.h"
#include "when.h"

#define SKEW		3600		/* seconds that clocks may differ by */
#define NO_DAY		INT_MIN

/* Days that differ have numbers that differ. */
static int
find_day(struct tm *tm, int64_t date)
{
	return stamp_split(tm, date) ? tm->tm_year * 366 + tm->tm_yday : NO_DAY;
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
		(void)snprintf(buf, WHEN_DAY, "%s, %d %s %d", day,
		    tm->tm_mday, month, tm->tm_year + 1900);
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
	struct tm tm;

	if (!stamp_split(&tm, date) ||
	    strftime(buf, WHEN_CLOCK, "%H:%M ", &tm) == 0)
		(void)strlcpy(buf, "??:?? ", WHEN_CLOCK);
}
