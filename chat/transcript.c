/*
 * The transcript: what is said, made safe to show
 */
#define _XOPEN_SOURCE 700		/* wcwidth() is of the X/Open part */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "show.h"
#include "text.h"
#include "transcript.h"

#define TAB_STOP	8
#define NOTICE_MAX	1024		/* bytes of a notice */

void
transcript_init(struct transcript *t, struct screen *s, bool times)
{
	memset(t, 0, sizeof(*t));
	t->screen = s;
	t->times = times;
	transcript_time(t, (int64_t)time(NULL));
}

void
transcript_free(struct transcript *t)
{
	buf_free(&t->line);
}

static void
make_stamp(char *stamp, int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm;

	if (localtime_r(&when, &tm) == NULL || strftime(stamp,
	    TRANSCRIPT_STAMP + 1, "%Y-%m-%dT%H:%M:%S%z ", &tm) == 0)
		(void)snprintf(stamp, TRANSCRIPT_STAMP + 1, "unknown time ");
}

void
transcript_time(struct transcript *t, int64_t seconds)
{
	make_stamp(t->stamp, seconds);
}

static void
put(struct transcript *t, const char *s, size_t len)
{
	screen_put(t->screen, s, len);
}

/*
 * Text that is safe but for its TABs, which become spaces: at the end of a row
 * a TAB would make the terminal write over what is there. *col is the column.
 */
static void
put_untabbed(struct transcript *t, const char *s, size_t len, size_t *col)
{
	static const char spaces[TAB_STOP + 1] = "        ";
	size_t i, n;
	unsigned code;
	int width;

	for (i = 0; i < len; i += n) {
		n = text_decode(s + i, len - i, &code);
		if (n == 0)
			break;		/* show_text() leaves no such thing */
		if (code == '\t') {
			put(t, spaces, TAB_STOP - *col % TAB_STOP);
			*col += TAB_STOP - *col % TAB_STOP;
			continue;
		}
		width = code < 0x80 ? 1 : wcwidth((wchar_t)code);
		*col += width > 0 ? (size_t)width : 0;
		put(t, s + i, n);
	}
}

/* One line without its LF. */
static void
put_line(struct transcript *t, const char *stamp, const char *s, size_t len)
{
	char *shown;
	size_t n, col = 0;

	if (t->times) {
		col = strlen(stamp);
		put(t, stamp, col);
	}
	t->line.len = 0;
	shown = buf_space(&t->line, SHOW_GROWTH * len + 1);
	n = show_text(shown, s, len);
	if (memchr(shown, '\t', n) != NULL)
		put_untabbed(t, shown, n, &col);
	else
		put(t, shown, n);
	put(t, "\r\n", 2);
}

void
transcript_lines(struct transcript *t, const char *lines, size_t len)
{
	const char *end = lines + len, *lf;

	for (; lines < end; lines = lf + 1) {
		lf = memchr(lines, '\n', (size_t)(end - lines));
		if (lf == NULL)
			break;
		names_learn(&t->names, lines, (size_t)(lf - lines));
		put_line(t, t->stamp, lines, (size_t)(lf - lines));
	}
}

void
transcript_own(struct transcript *t, const char *prefix, size_t prefixlen,
    const char *text, size_t len)
{
	char stamp[TRANSCRIPT_STAMP + 1];
	struct buf whole = { 0 };

	make_stamp(stamp, (int64_t)time(NULL));
	buf_add(&whole, prefix, prefixlen);
	buf_add(&whole, text, len);
	put_line(t, stamp, whole.bytes, whole.len);
	buf_free(&whole);
}

void
transcript_notice(struct transcript *t, const char *fmt, ...)
{
	char text[NOTICE_MAX], shown[SHOW_GROWTH * NOTICE_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if (n >= NOTICE_MAX)
		n = NOTICE_MAX - 1;
	put(t, "\033[2m-- ", strlen("\033[2m-- "));
	put(t, shown, show_text(shown, text, (size_t)n));
	put(t, "\033[m\r\n", strlen("\033[m\r\n"));
}
