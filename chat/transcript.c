/*
 * The transcript: messages and notices, made safe to show
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "layout.h"
#include "show.h"
#include "text.h"
#include "transcript.h"
#include "tty.h"
#include "wrap.h"

#define NOTICE_MAX	(TEXT_MAX + 512)	/* bytes of a notice */
#define NOTICE		"-- "
#define RULE		"--- "
#define UNSETTLED_MARK	"~ "		/* where nothing is faint */
#define STAMP_COLUMNS	40		/* with less, no time of day is shown */

#define BELL		"\a"
#define BELL_MS		1000		/* from one bell to the next */

/* No bell rings for history: that is all that comes at once in the beginning,
 * and wasn't said just now. */
#define HISTORY_MS	2000
#define JUST_NOW	60		/* seconds */

void
transcript_init(struct transcript *t, const struct transcript_style *style)
{
	memset(t, 0, sizeof(*t));
	t->style = *style;
	t->date = clock_date();
	/* This reads the time zone, too: clock_stamp() doesn't. */
	when_init(&t->when, t->date);
	if (style->stamp == STAMP_LONG)
		transcript_time(t, t->date);
}

void
transcript_free(struct transcript *t)
{
	buf_free(&t->line);
	buf_free(&t->shown);
}

void
transcript_me(struct transcript *t, const char *name, size_t len)
{
	mention_init(&t->me, name, len);
}

static void
make_stamp(const struct transcript *t, char *stamp, int64_t date)
{
	stamp[0] = '\0';
	if (t->style.stamp == STAMP_LONG)
		(void)clock_stamp(stamp, date);
	else if (t->style.stamp == STAMP_CLOCK)
		when_clock(stamp, date);
}

void
transcript_time(struct transcript *t, int64_t seconds)
{
	t->timed = true;
	t->date = seconds;
	make_stamp(t, t->stamp, seconds);
}

/* A stamp is left out where the screen has no space for it. */
static const char *
fitting(const struct transcript *t, const char *stamp, size_t cols)
{
	return t->style.stamp == STAMP_CLOCK && cols < STAMP_COLUMNS ? "" :
	    stamp;
}

static size_t
columns(void)
{
	struct tty_size size;

	tty_size(&size);
	return size.cols;
}

static void
insert(struct buf *b, size_t at, const char *s)
{
	size_t n = strlen(s);

	(void)buf_space(b, n);
	memmove(b->bytes + at + n, b->bytes + at, b->len - at);
	memcpy(b->bytes + at, s, n);
	b->len += n;
}

/* Colour the name where it stands in rows that begin at that byte, unless it
 * isn't shown there as it is. */
static void
colour_name(const struct transcript *t, struct buf *to, size_t at,
    const char *name, size_t len)
{
	char on[SGR_COLOUR_SIZE];

	if (to->len - at < len || memcmp(to->bytes + at, name, len) != 0)
		return;
	sgr_colour(&t->style.sgr, on, name, len);
	if (on[0] == '\0')
		return;
	insert(to, at + len, SGR_NO_COLOUR);
	insert(to, at, on);
}

/* Make text safe, in t->shown. Returns its length there. */
static size_t
make_safe(struct transcript *t, const char *s, size_t len)
{
	t->shown.len = 0;
	return show_text(buf_space(&t->shown, SHOW_GROWTH * len), s, len);
}

/* n bytes that were made from len, on rows of cols columns, of which col are
 * used. */
static void
add_rows(struct transcript *t, struct buf *to, size_t n, size_t len,
    size_t cols, size_t col, const char *eol)
{
	to->len += wrap_break(buf_space(to, WRAP_GROWTH * len),
	    t->shown.bytes, n, cols, col, eol);
}

/* A message on rows of cols columns, which have an end between them. */
static void
add_message(struct transcript *t, struct buf *to, const char *stamp,
    const char *s, size_t len, size_t cols, const char *eol)
{
	size_t n = make_safe(t, s, len);
	const char *mark = wrap_need_mark(t->shown.bytes, n) ? WRAP_MARK : "";

	buf_adds(to, stamp);
	buf_adds(to, mark);
	add_rows(t, to, n, len, cols, strlen(stamp) + strlen(mark), eol);
}

/* Words of our own, which begin with what no message begins with. */
static void
add_words(struct transcript *t, struct buf *to, const char *mark,
    const char *text, size_t len, size_t cols, const char *eol)
{
	size_t n = make_safe(t, text, len);

	buf_adds(to, mark);
	add_rows(t, to, n, len, cols, strlen(mark), eol);
}

/* Lines of a date come next: tell the day, if it's another. */
static void
add_day(struct transcript *t, int64_t date)
{
	char day[WHEN_DAY];

	if (t->style.stamp == STAMP_CLOCK && when_new_day(&t->when, date, day))
		transcript_notice(t, "%s", day);
}

static void
put_line(struct transcript *t)
{
	buf_adds(&t->line, t->style.eol);
	buf_add(t->style.out, t->line.bytes, t->line.len);
}

static bool
is_live(struct transcript *t)
{
	int64_t now = clock_now();

	if (t->began == 0)
		t->began = now;
	return !t->timed || now >= t->began + HISTORY_MS ||
	    t->date >= clock_date() - JUST_NOW;
}

static void
ring(struct transcript *t)
{
	int64_t now;

	if (!t->style.bell || !t->live)
		return;
	now = clock_now();
	if (now < t->next_bell)
		return;
	t->next_bell = now + BELL_MS;
	buf_adds(t->style.out, BELL);
}

static void
add_line(struct transcript *t, const char *s, size_t len, const char *stamp,
    size_t cols)
{
	struct speaker sp;
	bool mentioned, bold;
	size_t at;

	names_speaker(&t->names, s, len, &sp);
	mentioned = mention_in(&t->me, s + sp.text, len - sp.text);
	bold = mentioned && t->style.sgr.bold;
	if (mentioned)
		ring(t);
	t->line.len = 0;
	if (bold)
		buf_adds(&t->line, SGR_BOLD);
	at = t->line.len + strlen(stamp);
	add_message(t, &t->line, stamp, s, len, cols, t->style.eol);
	if (sp.len > 0)
		colour_name(t, &t->line, at + sp.at, s + sp.at, sp.len);
	if (bold)
		buf_adds(&t->line, SGR_OFF);
	put_line(t);
}

void
transcript_lines(struct transcript *t, const char *lines, size_t len)
{
	const char *end = lines + len, *lf, *stamp;
	size_t cols = columns();

	t->live = t->live || is_live(t);
	if (t->timed)
		add_day(t, t->date);
	stamp = fitting(t, t->stamp, cols);
	for (; lines < end; lines = lf + 1) {
		lf = memchr(lines, '\n', (size_t)(end - lines));
		if (lf == NULL)
			break;
		add_line(t, lines, (size_t)(lf - lines), stamp, cols);
	}
}

/* The person's own words, as others see them. */
static void
add_own(struct transcript *t, struct buf *to, const struct own_line *line,
    size_t cols, const char *eol)
{
	struct buf whole = { 0 };
	char stamp[CLOCK_STAMP + sizeof(UNSETTLED_MARK)];

	make_stamp(t, stamp, line->date);
	if (fitting(t, stamp, cols) != stamp)
		stamp[0] = '\0';
	if (line->look == LOOK_UNSETTLED && !t->style.sgr.faint)
		(void)strlcat(stamp, UNSETTLED_MARK, sizeof(stamp));
	buf_adds(&whole, line->prefix);
	buf_add(&whole, line->text, line->len);
	add_message(t, to, stamp, whole.bytes, whole.len, cols, eol);
	buf_free(&whole);
}

static bool
is_faint(const struct transcript *t, const struct own_line *line)
{
	return line->look == LOOK_UNSETTLED && t->style.sgr.faint;
}

/* As others see it. */
static void
colour_own(struct transcript *t, const struct own_line *line)
{
	char stamp[CLOCK_STAMP];

	make_stamp(t, stamp, line->date);
	colour_name(t, &t->line, strlen(fitting(t, stamp, columns())) +
	    line->name.at, line->prefix + line->name.at, line->name.len);
}

void
transcript_own(struct transcript *t, const struct own_line *line)
{
	add_day(t, line->date);
	t->line.len = 0;
	if (is_faint(t, line))
		buf_adds(&t->line, SGR_FAINT);
	add_own(t, &t->line, line, columns(), t->style.eol);
	if (is_faint(t, line))
		buf_adds(&t->line, SGR_OFF);
	else if (line->look == LOOK_SAID)
		colour_own(t, line);
	put_line(t);
}

void
transcript_rows(struct transcript *t, struct buf *to, size_t cols,
    const struct own_line *line)
{
	char eol[] = { '\n', is_faint(t, line) ? ROW_FAINT : ROW_PLAIN, '\0' };

	buf_add(to, eol + 1, 1);
	add_own(t, to, line, cols, eol);
	buf_add(to, eol, 1);
}

static void
put_words(struct transcript *t, const char *mark, const char *text, size_t len)
{
	t->line.len = 0;
	if (t->style.sgr.faint)
		buf_adds(&t->line, SGR_FAINT);
	add_words(t, &t->line, mark, text, len, columns(), t->style.eol);
	if (t->style.sgr.faint)
		buf_adds(&t->line, SGR_OFF);
	put_line(t);
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
	put_words(t, NOTICE, text, (size_t)n);
}

void
transcript_rule(struct transcript *t, uint64_t n)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%" PRIu64 " new", n);
	put_words(t, RULE, text, strlen(text));
}

void
transcript_status(struct transcript *t, struct buf *to, size_t cols,
    const char *text)
{
	char eol[] = { '\n', t->style.sgr.faint ? ROW_FAINT : ROW_PLAIN, '\0' };

	buf_add(to, eol + 1, 1);
	add_words(t, to, NOTICE, text, strlen(text), cols, eol);
	buf_add(to, eol, 1);
}
