/*
 * Stamps: when a message was said, written before it as strftime(3) does
 */
#ifndef STAMP_H
#define STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tm;

#define STAMP_ISO	"%Y-%m-%dT%H:%M:%S%z"
#define STAMP_MAX	65		/* most bytes of one, with its space */
#define STAMP_FORMAT_MAX 64		/* bytes of a format */
#define STAMP_WHY	96		/* holds what is wrong with one */

/*
 * Whether a format can be used: text with conversions of POSIX, without flags,
 * widths and modifiers. %n isn't one of them, since a message is one line. If
 * it can't, what is wrong is in why, of STAMP_WHY bytes, and safe to show.
 */
bool	 stamp_check(const char *format, char *why);

/*
 * Write a date, in seconds since 1970 and in local time, and a space to buf, of
 * STAMP_MAX + 1 bytes. A date outside the years 0 to 9999, which a room can
 * send, is unknown. Returns the length without the NUL. Before a sandbox is
 * entered, tzset(3) has to have read the time zone.
 */
size_t	 stamp_write(char *buf, const char *format, int64_t date);

/* A date in its parts, of local time. Returns false if it is unknown, as above.
 */
bool	 stamp_split(struct tm *tm, int64_t date);

#endif
