/*
 * Local echo: the person's own lines, until their place in the room is known
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "echo.h"

#define PREFIX_SIZE	(LINK_PREFIX_SIZE + 2)

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
	(void)snprintf(s->name, sizeof(s->name), "%.*s", (int)len, name);
	transcript_me(s->transcript, s->name, strlen(s->name));
	s->dirty = true;
}

void
echo_named(struct echo *s, const char *name, size_t len)
{
	s->named = true;
	echo_as(s, name, len);
}

void
echo_add(struct echo *s, const char *text, size_t len, bool act)
{
	struct echo_line *line = malloc(sizeof(*line) + len);

	if (line == NULL)
		err(2, NULL);
	line->n = link_lines(s->link);
	line->date = clock_date();
	line->settled = false;
	line->act = act;
	line->len = len;
	memcpy(line->text, text, len);
	buf_add(&s->lines, (const char *)&line, sizeof(line));
	s->dirty = true;
}

static bool
is_settled(const struct echo *s, const struct echo_line *line)
{
	return line->n <= link_settled(s->link);
}

/* A line as others see it; prefix has PREFIX_SIZE bytes. */
static void
make_own(const struct echo *s, const struct echo_line *line, char *prefix,
    struct own_line *own)
{
	const char *fmt = !line->act ? "%s: " : s->named ? "%s: * " : "* %s ";

	(void)snprintf(prefix, PREFIX_SIZE, fmt, s->name);
	own->look = LOOK_SAID;
	own->date = line->date;
	own->prefix = prefix;
	own->name.at = line->act && !s->named ? 2 : 0;
	own->name.len = strlen(s->name);
	own->name.text = strlen(prefix);
	own->text = line->text;
	own->len = line->len;
}

static void
show_echo(struct echo *s, const struct echo_line *line,
    enum transcript_look look)
{
	char prefix[PREFIX_SIZE];
	struct own_line own;

	if (s->hidden)
		return;
	make_own(s, line, prefix, &own);
	own.look = look;
	transcript_own(s->transcript, &own);
}

/* It is settled: what was said while there was no room is said to others only
 * now. */
static void
date_line(struct echo_line *line)
{
	if (!line->settled)
		line->date = clock_date();
	line->settled = true;
}

/* The place of the first of them is here, if so many are settled. */
static void
place_oldest(struct echo *s, uint64_t n)
{
	struct echo_line *line;

	for (; n > 0 && count_echo(s) > 0; n--) {
		line = *echo_line_at(s, 0);
		if (!is_settled(s, line))
			break;
		date_line(line);
		show_echo(s, line, LOOK_SAID);
		drop_oldest(s);
	}
}

void
echo_refused(struct echo *s, uint64_t n)
{
	size_t i = 0, all = count_echo(s);
	struct echo_line **line;
	char prefix[PREFIX_SIZE];
	struct own_line own;

	while (i < all && (*echo_line_at(s, i))->n != n)
		i++;
	if (i == all)
		return;
	line = echo_line_at(s, i);
	make_own(s, *line, prefix, &own);
	transcript_notice(s->transcript, "not said: %s%.*s", prefix,
	    (int)own.len, own.text);
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

static void
date_settled(struct echo *s)
{
	size_t all = count_echo(s), i;

	for (i = 0; i < all && is_settled(s, *echo_line_at(s, i)); i++)
		date_line(*echo_line_at(s, i));
}

void
echo_look(struct echo *s)
{
	size_t all = count_echo(s);

	if (s->settled != link_settled(s->link)) {
		s->dirty |= all > 0;
		date_settled(s);
	}
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
	char prefix[PREFIX_SIZE];
	struct own_line own;

	s->dirty = false;
	s->rows.len = 0;
	/* A line has one row at least. */
	for (; i < all; i++) {
		line = *echo_line_at(s, i);
		make_own(s, line, prefix, &own);
		own.look = is_settled(s, line) ? LOOK_SAID : LOOK_UNSETTLED;
		transcript_rows(s->transcript, &s->rows, cols, &own);
	}
	buf_drop(&s->rows, last_rows(&s->rows, rows));
	return &s->rows;
}
