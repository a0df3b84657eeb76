/*
 * In place of the parts that would make a difference between two runs: the
 * clock, and the log
 */
#include <stdarg.h>
#include <stdio.h>

#include "clock.h"
#include "fake.h"
#include "fuzz.h"
#include "log.h"
#include "text.h"

static int64_t now;

void
fake_set(int64_t ms)
{
	now = ms;
}

void
fake_pass(int64_t ms)
{
	now += ms;
}

int64_t
clock_now(void)
{
	return now;
}

int64_t
clock_date(void)
{
	return now / 1000;
}

int
clock_timeout(int64_t deadline)
{
	return deadline == CLOCK_NEVER ? -1 : 0;
}

void
log_event(const char *fmt, ...)
{
	char line[LINE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	MUST(vsnprintf(line, sizeof(line), fmt, ap) > 0);
	va_end(ap);
}
