/*
 * Stamps: when a message was said, written before it as strftime(3) does
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "stamp.h"
#include "text.h"

#define LONG_DATE	1790769600	/* a Wednesday in September */
#define UNKNOWN		"unknown time "
#define YEAR_MAX	9999		/* STAMP_ISO_MAX counts four digits */

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

/* Returns the length, or 0 if that is too much for buf, or no date. */
static size_t
try_stamp(char *buf, const char *format, int64_t date)
{
	char spaced[STAMP_FORMAT_MAX + 2];
	time_t t = (time_t)date;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL || tm.tm_year < -1900 ||
	    tm.tm_year > YEAR_MAX - 1900)
		return 0;
	/* With the space it isn't empty, whatever the format makes. */
	(void)snprintf(spaced, sizeof(spaced), "%s ", format);
	return strftime(buf, STAMP_MAX + 1, spaced, &tm);
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
