/*
 * The log: one line on standard error for each event
 */
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "show.h"
#include "text.h"

#define PREFIX		"chatd: "
#define EVENT_SIZE	(LINE_SIZE + 256)	/* a message and who said it */

static unsigned long dropped;

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

static void
write_event(const char *text, size_t len)
{
	char line[sizeof(PREFIX) + SHOW_GROWTH * EVENT_SIZE] = PREFIX;
	struct pollfd pfd = { .fd = STDERR_FILENO, .events = POLLOUT };
	size_t n = strlen(PREFIX);

	n = cut(line, n + show_text(line + n, text, len));
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
		n = snprintf(text, sizeof(text), "%lu events not logged",
		    missing);
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
