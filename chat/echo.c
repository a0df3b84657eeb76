/*
 * Local echo: the person's own lines, until their place in the room is known
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "echo.h"

void
echo_init(struct echo *s, const struct link *l, struct transcript *t)
{
	memset(s, 0, sizeof(*s));
	s->link = l;
	s->transcript = t;
}

static size_t
count_echo(const struct echo *s)
{
	return s->lines.len / sizeof(struct echo_line *) - s->first;
}

static struct echo_line **
echo_line_at(const struct echo *s, size_t i)
{
	return (struct echo_line **)(void *)s->lines.bytes + s->first + i;
}

static void
drop_oldest(struct echo *s)
{
	free(*echo_line_at(s, 0));
	s->first++;
	s->dirty = true;
	/* Not each time: there may be very many. */
	if (s->first <= count_echo(s))
		return;
	buf_drop(&s->lines, s->first * sizeof(struct echo_line *));
	s->first = 0;
}

void
echo_free(struct echo *s)
{
	while (count_echo(s) > 0)
		drop_oldest(s);
	buf_free(&s->lines);
	buf_free(&s->rows);
}

void
echo_as(struct echo *s, const char *name, size_t len)
{
	(void)snprintf(s->prefix, sizeof(s->prefix), "%.*s: ", (int)len, name);
}

void
echo_add(struct echo *s, const char *text, size_t len)
{
	struct echo_line *line = malloc(sizeof(*line) + len);

	if (line == NULL)
		err(2, NULL);
	line->n = link_lines(s->link);
	line->len = len;
	memcpy(line->text, text, len);
	(void)clock_stamp(line->stamp, clock_date());
	buf_add(&s->lines, (const char *)&line, sizeof(line));
	s->dirty = true;
}

static bool
is_settled(const struct echo *s, const struct echo_line *line)
{
	return line->n <= link_settled(s->link);
}

static void
show_echo(struct echo *s, const struct echo_line *line,
    enum transcript_look look)
{
	transcript_own(s->transcript, look, line->stamp, s->prefix, line->text,
	    line->len);
}

/* The place of the first of them is here, if so many are settled. */
static void
place_oldest(struct echo *s, uint64_t n)
{
	for (; n > 0 && count_echo(s) > 0; n--) {
		if (!is_settled(s, *echo_line_at(s, 0)))
			break;
		show_echo(s, *echo_line_at(s, 0), LOOK_SAID);
		drop_oldest(s);
	}
}

void
echo_refused(struct echo *s, uint64_t n)
{
	struct echo_line **line;
	size_t i = 0, all = count_echo(s);

	while (i < all && (*echo_line_at(s, i))->n != n)
		i++;
	if (i == all)
		return;
	line = echo_line_at(s, i);
	transcript_notice(s->transcript, "not said: %s%.*s", s->prefix,
	    (int)(*line)->len, (*line)->text);
	free(*line);
	memmove(line, line + 1, (all - i - 1) * sizeof(*line));
	s->lines.len -= sizeof(*line);
	s->dirty = true;
}

void
echo_lost(struct echo *s, const struct notice *n)
{
	s->lost += n->n;
	s->lost_uncounted |= !n->counted;
}

/*
 * What the numbers leave out are lines of our own, or lost ones. Where all may
 * be lost, nobody knows how many of them are ours; and what was settled by
 * another room comes before all of this one.
 */
void
echo_at(struct echo *s, uint64_t number)
{
	uint64_t next, left_out;

	if (!link_next_number(s->link, &next))
		return;
	left_out = number - next;
	if (s->lost_uncounted || number < next ||
	    (s->lost > 0 && s->lost >= left_out))
		place_oldest(s, UINT64_MAX);
	else
		place_oldest(s, left_out - s->lost);
	s->lost = 0;
	s->lost_uncounted = false;
}

void
echo_look(struct echo *s)
{
	size_t all = count_echo(s);

	s->dirty |= all > 0 && s->settled != link_settled(s->link);
	s->settled = link_settled(s->link);
	if (all > ECHO_MAX)
		place_oldest(s, all - ECHO_MAX);
}

void
echo_place(struct echo *s)
{
	place_oldest(s, UINT64_MAX);
}

void
echo_leave(struct echo *s)
{
	echo_place(s);
	while (count_echo(s) > 0) {
		show_echo(s, *echo_line_at(s, 0), LOOK_UNSETTLED);
		drop_oldest(s);
	}
}

/* Where the last rows begin. */
static size_t
last_rows(const struct buf *b, size_t rows)
{
	size_t at = b->len;

	while (at > 0 && rows > 0) {
		for (at--; at > 0 && b->bytes[at - 1] != '\n'; at--)
			;
		rows--;
	}
	return at;
}

const struct buf *
echo_rows(struct echo *s, size_t cols, size_t rows)
{
	size_t all = count_echo(s), i = all > rows ? all - rows : 0;
	const struct echo_line *line;

	s->dirty = false;
	s->rows.len = 0;
	/* A line has one row at least. */
	for (; i < all; i++) {
		line = *echo_line_at(s, i);
		transcript_rows(s->transcript, &s->rows, cols,
		    is_settled(s, line) ? LOOK_SAID : LOOK_UNSETTLED,
		    line->stamp, s->prefix, line->text, line->len);
	}
	buf_drop(&s->rows, last_rows(&s->rows, rows));
	return &s->rows;
}
