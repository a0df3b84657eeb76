/*
 * When a line was said, as a person reads it: the time of day, and the day
 *
 * Dates are seconds since 1970, shown in local time; those outside the years 0
 * to 9999, which a room can send, are unknown. Before a sandbox is entered,
 * tzset(3) has to have read the time zone.
 */
#ifndef WHEN_H
#define WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WHEN_CLOCK	8		/* bytes, for any when_clock() */
#define WHEN_DAY	64		/* bytes, for any day */

struct when {
	int64_t	 date;			/* the last one that was asked about */
	int64_t	 latest;		/* of this day, ... */
	int	 day;			/* ... whose lines are being shown */
};

/* Begin on the day of that date: lines of that day need no heading. */
void	 when_init(struct when *w, int64_t date);

/*
 * Whether a line of that date needs a heading with its day before it, which is
 * written to day, such as "Saturday, 28 November"; with the year, if that isn't
 * the present one. It does if the day is another than that of the lines before
 * it; but clocks may differ, or be set back by a little: for a date that is up
 * to an hour earlier than another, no day comes again. An unknown date has no
 * day.
 */
bool	 when_new_day(struct when *w, int64_t date, char *day);

/* Write the time of day with a space at its end, such as "14:03 ", to buf, or
 * "??:?? " if it's unknown. */
void	 when_clock(char *buf, int64_t date);

#endif
