/*
 * Time for waiting
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_NEVER	INT64_MAX
#define CLOCK_STAMP	26		/* room for any clock_stamp() */

/* Milliseconds of CLOCK_MONOTONIC, which no change of the date moves. */
int64_t	 clock_now(void);

/* Seconds since 1970, which whoever sets the date moves. */
int64_t	 clock_date(void);

/*
 * Write a date to be put before a line, in local time and with a space behind
 * it: 2026-11-23T12:34:56+0100. Returns how many bytes that are. In a sandbox
 * the zone has to be known already: see tzset(3).
 */
size_t	 clock_stamp(char *buf, int64_t date);

/*
 * The timeout in milliseconds to give poll(2) so that it returns at the
 * deadline, not before: -1 for CLOCK_NEVER, 0 when it is over.
 */
int	 clock_timeout(int64_t deadline);

/*
 * Read seconds such as "10" or "0.25" into milliseconds, from 1 ms to
 * 1000000 s. Returns NULL, or what is wrong with it.
 */
const char	*clock_parse(const char *s, int64_t *ms);

#endif
