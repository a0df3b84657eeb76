/*
 * Stamps: when a message was said, written before it as strftime(3) does
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "stamp.h"
#include "text.h"

#define LONG_DATE	1790769600	/* a Wednesday in September */
#define UNKNOWN		"unknown time "
#define YEAR_MAX	9999		/* the last of RFC 3339, too */

/* Those of POSIX.1-2024 but %n; E and O would only be modifiers. */
static const char conversions[] = "aAbBcCdDeFgGhHIjmMprRsStTuUVwWxXyYzZ%";

/* The first % that no conversion follows, or NULL. */
static const char *
bad_conversion(const char *s)
{
	for (; (s = strchr(s, '%')) != NULL; s += 2) {
		if (s[1] == '\0' || strchr(conversions, s[1]) == NULL)
			return s;
	}
	return NULL;
}

/*
 * Write the format with a space at its end, and the date for each %s, for which
 * libc would read the time zone again: no sandbox lets it. Returns whether all
 * of it has space in buf, of size bytes.
 */
static bool
expand(char *buf, size_t size, const char *format, int64_t date)
{
	const char *s = format, *next;
	size_t n = 0;

	for (; *s != '\0' && n < size; s = next) {
		next = s + (*s == '%' ? 2 : 1);
		if (next == s + 2 && s[1] == 's')
			n += (size_t)snprintf(buf + n, size - n, "%" PRId64,
			    date);
		else
			n += (size_t)snprintf(buf + n, size - n, "%.*s",
			    (int)(next - s), s);
	}
	/* With the space it isn't empty, whatever the format makes. */
	return n < size && strlcpy(buf + n, " ", size - n) < size - n;
}

bool
stamp_split(struct tm *tm, int64_t date)
{
	time_t t = (time_t)date;

	return localtime_r(&t, tm) != NULL && tm->tm_year >= -1900 &&
	    tm->tm_year <= YEAR_MAX - 1900;
}

/* Returns the length, or 0 if that is too much for buf, or no date. */
static size_t
try_stamp(char *buf, const char *format, int64_t date)
{
	/* All of it has to become a stamp, so it can't be much longer. */
	char full[STAMP_FORMAT_MAX + STAMP_MAX];
	struct tm tm;

	if (!stamp_split(&tm, date) ||
	    !expand(full, sizeof(full), format, date))
		return 0;
	return strftime(buf, STAMP_MAX + 1, full, &tm);
}

bool
stamp_check(const char *format, char *why)
{
	char stamp[STAMP_MAX + 1], reason[FAULT_SIZE];
	size_t len = strlen(format);
	struct text_fault f;
	const char *bad;

	if (len == 0) {
		(void)strlcpy(why, "format is empty", STAMP_WHY);
	} else if (!text_check(format, len, &f)) {
		(void)snprintf(why, STAMP_WHY, "format: %s",
		    text_fault_say(reason, &f));
	} else if (len > STAMP_FORMAT_MAX) {
		(void)snprintf(why, STAMP_WHY, "format is longer than %d bytes",
		    STAMP_FORMAT_MAX);
	} else if ((bad = bad_conversion(format)) != NULL) {
		(void)snprintf(why, STAMP_WHY, "format: no conversion at byte "
		    "%zu, as in %%H:%%M; %%%% is a %%",
		    (size_t)(bad - format) + 1);
	} else if (try_stamp(stamp, format, LONG_DATE) == 0) {
		(void)snprintf(why, STAMP_WHY, "format makes more than %d "
		    "bytes", STAMP_MAX - 1);
	} else {
		return true;
	}
	return false;
}

size_t
stamp_write(char *buf, const char *format, int64_t date)
{
	if (try_stamp(buf, format, date) == 0)
		(void)strlcpy(buf, UNKNOWN, STAMP_MAX + 1);
	return strlen(buf);
}
