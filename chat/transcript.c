/*
 * The transcript: messages and notices, made safe to show
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "dim.h"
#include "layout.h"
#include "show.h"
#include "text.h"
#include "transcript.h"
#include "tty.h"
#include "wrap.h"

#define NOTICE_MAX	(TEXT_MAX + 512)	/* bytes of a notice */
#define NOTICE		"-- "
#define UNSETTLED_MARK	"~ "		/* where nothing is dim */

void
transcript_init(struct transcript *t, struct screen *s, bool times, bool dim)
{
	memset(t, 0, sizeof(*t));
	t->screen = s;
	t->times = times;
	t->dim = dim;
	transcript_time(t, clock_date());
}

void
transcript_free(struct transcript *t)
{
	buf_free(&t->line);
	buf_free(&t->shown);
}

void
transcript_time(struct transcript *t, int64_t seconds)
{
	(void)clock_stamp(t->stamp, seconds);
}

static void
put_on_screen(struct transcript *t, const char *s, size_t len)
{
	screen_put(t->screen, s, len);
}

static size_t
columns(void)
{
	struct tty_size size;

	tty_size(&size);
	return size.cols;
}

/* Text on rows of cols columns, of which col are used. */
static void
add_rows(struct transcript *t, struct buf *to, const char *s, size_t len,
    size_t cols, size_t col, const char *eol)
{
	size_t n;

	t->shown.len = 0;
	n = show_text(buf_space(&t->shown, SHOW_GROWTH * len), s, len);
	if (col == 0 && wrap_need_mark(t->shown.bytes, n)) {
		col = strlen(WRAP_MARK);
		buf_adds(to, WRAP_MARK);
	}
	to->len += wrap_break(buf_space(to, WRAP_GROWTH * len),
	    t->shown.bytes, n, cols, col, eol);
}

/* A message on rows of cols columns, which have an end between them. */
static void
add_message(struct transcript *t, struct buf *to, const char *stamp,
    const char *mark, const char *s, size_t len, size_t cols, const char *eol)
{
	size_t col = t->times ? strlen(stamp) : 0;

	buf_add(to, stamp, col);
	buf_adds(to, mark);
	add_rows(t, to, s, len, cols, col + strlen(mark), eol);
}

void
transcript_lines(struct transcript *t, const char *lines, size_t len)
{
	const char *end = lines + len, *lf;
	size_t cols = columns();

	for (; lines < end; lines = lf + 1) {
		lf = memchr(lines, '\n', (size_t)(end - lines));
		if (lf == NULL)
			break;
		names_learn(&t->names, lines, (size_t)(lf - lines));
		t->line.len = 0;
		add_message(t, &t->line, t->stamp, "", lines,
		    (size_t)(lf - lines), cols, "\r\n");
		put_on_screen(t, t->line.bytes, t->line.len);
		put_on_screen(t, "\r\n", 2);
	}
}

/* The person's own words, as others see them. */
static void
add_own(struct transcript *t, struct buf *to, enum transcript_look look,
    const char *stamp, const char *prefix, const char *text, size_t len,
    size_t cols, const char *eol)
{
	const char *mark = look == LOOK_UNSETTLED && !t->dim ?
	    UNSETTLED_MARK : "";
	struct buf whole = { 0 };

	buf_adds(&whole, prefix);
	buf_add(&whole, text, len);
	add_message(t, to, stamp, mark, whole.bytes, whole.len, cols, eol);
	buf_free(&whole);
}

void
transcript_own(struct transcript *t, enum transcript_look look,
    const char *stamp, const char *prefix, const char *text, size_t len)
{
	bool dim = look == LOOK_UNSETTLED && t->dim;

	t->line.len = 0;
	if (dim)
		buf_adds(&t->line, DIM_ON);
	add_own(t, &t->line, look, stamp, prefix, text, len, columns(),
	    "\r\n");
	if (dim)
		buf_adds(&t->line, DIM_OFF);
	buf_adds(&t->line, "\r\n");
	put_on_screen(t, t->line.bytes, t->line.len);
}

void
transcript_rows(struct transcript *t, struct buf *to, size_t cols,
    enum transcript_look look, const char *stamp, const char *prefix,
    const char *text, size_t len)
{
	bool dim = look == LOOK_UNSETTLED && t->dim;
	char eol[] = { '\n', dim ? ROW_DIM : ROW_PLAIN, '\0' };

	buf_add(to, eol + 1, 1);
	add_own(t, to, look, stamp, prefix, text, len, cols, eol);
	buf_add(to, eol, 1);
}

void
transcript_notice(struct transcript *t, const char *fmt, ...)
{
	char text[NOTICE_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if (n >= NOTICE_MAX)
		n = NOTICE_MAX - 1;
	t->line.len = 0;
	if (t->dim)
		buf_adds(&t->line, DIM_ON);
	buf_adds(&t->line, NOTICE);
	add_rows(t, &t->line, text, (size_t)n, columns(),
	    strlen(NOTICE), "\r\n");
	if (t->dim)
		buf_adds(&t->line, DIM_OFF);
	buf_adds(&t->line, "\r\n");
	put_on_screen(t, t->line.bytes, t->line.len);
}
