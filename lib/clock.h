/*
 * Time: deadlines on the monotonic clock, and dates
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_NEVER	INT64_MAX
#define CLOCK_STAMP	26		/* bytes, for any clock_stamp() */

/* Milliseconds of CLOCK_MONOTONIC: setting the date doesn't change them. */
int64_t	 clock_now(void);

/* The date in seconds since 1970, as time(3) gives it. */
int64_t	 clock_date(void);

/*
 * Write a date, in seconds since 1970, as a stamp for a line: in local time,
 * with a space at its end, such as "2026-11-23T12:34:56+0100 ". buf has
 * CLOCK_STAMP bytes. Returns the length without the NUL. Before a sandbox is
 * entered, tzset(3) has to have read the time zone.
 */
size_t	 clock_stamp(char *buf, int64_t date);

/*
 * The timeout in milliseconds with which poll(2) returns at the deadline, not
 * before: -1 for CLOCK_NEVER, 0 for a deadline that is past.
 */
int	 clock_timeout(int64_t deadline);

/*
 * Parse seconds such as "10" or "0.25" into milliseconds, *ms, from 1 ms to
 * 1000000 s. Returns NULL, or what is wrong with s; then *ms is unchanged.
 */
const char	*clock_parse(const char *s, int64_t *ms);

#endif
