/*
 * The log: one line on standard error for each event
 */
#include <sys/stat.h>

#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "plural.h"
#include "show.h"
#include "text.h"
#include "wrap.h"

#define NAME_SIZE	32		/* bytes, with ": " and a NUL */
#define EVENT_SIZE	(LINE_SIZE + 256)	/* a message and who said it */

static unsigned long dropped;
static bool timed;
static char prefix[NAME_SIZE] = "chatd: ";

/* As systemd.exec(5) has it: the variable may come from one that has started
 * us, whose standard error was the journal and ours isn't. */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[64];
	struct stat st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) == -1)
		return false;
	(void)snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(stream, ours) == 0;
}

void
log_name(const char *name)
{
	(void)snprintf(prefix, sizeof(prefix), "%s: ", name);
}

void
log_open(void)
{
	timed = !is_journal();
}

/* poll(2) promises that much space and no more. Characters stay whole. */
static size_t
cut(const char *line, size_t len)
{
	if (len < PIPE_BUF)
		return len;
	len = PIPE_BUF - 1;
	while (len > 0 && ((unsigned char)line[len] & 0xc0) == 0x80)
		len--;
	return len;
}

/* Text from column col on; on a terminal in rows. Returns how many bytes. */
static size_t
put_shown(char *dst, size_t col, const char *text, size_t len)
{
	char shown[SHOW_GROWTH * EVENT_SIZE];
	size_t cols = wrap_columns(STDERR_FILENO);

	if (cols == 0)
		return show_text(dst, text, len);
	len = show_text(shown, text, len);
	return wrap_break(dst, shown, len, cols, col, "\n");
}

static void
write_event(const char *text, size_t len)
{
	char line[CLOCK_STAMP + NAME_SIZE + WRAP_GROWTH * EVENT_SIZE];
	struct pollfd pfd = { .fd = STDERR_FILENO, .events = POLLOUT };
	size_t n = timed ? clock_stamp(line, clock_date()) : 0;

	memcpy(line + n, prefix, strlen(prefix));
	n += strlen(prefix);
	n = cut(line, n + put_shown(line + n, n, text, len));
	line[n++] = '\n';
	if (poll(&pfd, 1, 0) != 1 || (pfd.revents & POLLOUT) == 0 ||
	    write(STDERR_FILENO, line, n) == -1)
		dropped++;
}

void
log_event(const char *fmt, ...)
{
	char text[EVENT_SIZE];
	unsigned long missing = dropped;
	va_list ap;
	int n;

	if (missing > 0) {
		n = snprintf(text, sizeof(text), "%lu event%s not logged",
		    missing, plural(missing));
		dropped = 0;
		write_event(text, (size_t)n);
		if (dropped > 0) {
			dropped += missing;
			return;
		}
	}
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n > 0)
		write_event(text, (size_t)n < sizeof(text) ? (size_t)n :
		    sizeof(text) - 1);
}
