/*
 * The rows of the line being typed, and of the local echo above it
 */
#define _XOPEN_SOURCE 700		/* wcwidth() is of the X/Open part */
#include <string.h>
#include <wchar.h>

#include "layout.h"
#include "show.h"
#include "text.h"

#define TAB_STOP	8
#define PICTURE		0xfe0f		/* the mark that asks for an emoji */
#define LF_MARK		"\xe2\x86\xb5"	/* U+21B5, an arrow as on the key */

size_t
layout_rows(const struct layout *l)
{
	return l->rows.len / sizeof(struct row);
}

const struct row *
layout_row(const struct layout *l, size_t i)
{
	return (const struct row *)(const void *)l->rows.bytes + i;
}

const struct cell *
layout_cell(const struct layout *l, size_t i)
{
	return (const struct cell *)(const void *)l->cells.bytes + i;
}

static size_t
count_cells(const struct layout *l)
{
	return l->cells.len / sizeof(struct cell);
}

static struct cell *
last_cell(struct layout *l)
{
	size_t n = count_cells(l);

	return n == 0 ? NULL :
	    (struct cell *)(void *)l->cells.bytes + (n - 1);
}

static void
new_row(struct layout *l)
{
	struct row row;

	row.first = row.end = count_cells(l);
	row.faint = l->faint;
	buf_add(&l->rows, (const char *)&row, sizeof(row));
	l->col = 0;
}

static void
add_cell(struct layout *l, const char *s, size_t len, size_t width)
{
	struct cell c = { .len = len, .width = width };
	struct row *row;

	/* A screen can be too narrow for a wide character. */
	if (width > l->cols) {
		s = "?";
		c.len = c.width = 1;
	}
	if (l->col + c.width > l->cols)
		new_row(l);
	c.at = l->text.len;
	buf_add(&l->text, s, c.len);
	buf_add(&l->cells, (const char *)&c, sizeof(c));
	l->col += c.width;
	row = (struct row *)(void *)l->rows.bytes + (layout_rows(l) - 1);
	row->end++;
}

/* A mark belongs to the character before it. */
static void
add_mark(struct layout *l, const char *s, size_t len, unsigned code)
{
	struct cell *c = last_cell(l);

	if (c == NULL)
		return;
	buf_add(&l->text, s, len);
	c->len += len;
	/* Some terminals then need two columns. Too few would break the row,
	 * too many only end it early. */
	if (code == PICTURE && c->width == 1 && l->col < l->cols) {
		c->width++;
		l->col++;
	}
}

static void
add_tab(struct layout *l)
{
	size_t n = TAB_STOP - l->col % TAB_STOP;

	while (n-- > 0)
		add_cell(l, " ", 1, 1);
}

/* One character that is safe to show. */
static void
add_shown(struct layout *l, const char *s, size_t len, unsigned code)
{
	int width = code < 0x80 ? 1 : wcwidth((wchar_t)code);

	if (code == '\t')
		add_tab(l);
	else if (width == 0)
		add_mark(l, s, len, code);
	else if (width > 0)
		add_cell(l, s, len, (size_t)width);
}

static void
add_safe(struct layout *l, const char *s, size_t len)
{
	size_t i, n;
	unsigned code;

	for (i = 0; i < len; i += n) {
		n = text_decode(s + i, len - i, &code);
		if (n == 0)
			break;		/* show_text() leaves no such thing */
		add_shown(l, s + i, n, code);
	}
}

/* A character with its marks, len bytes. */
static void
add_unit(struct layout *l, const char *s, size_t len)
{
	char *shown;

	l->shown.len = 0;
	shown = buf_space(&l->shown, SHOW_GROWTH * len);
	add_safe(l, shown, show_text(shown, s, len));
}

/* Rows that were made for as many columns as there are. */
static void
add_echo(struct layout *l, const struct buf *echo)
{
	const char *s = echo->bytes, *end = s + echo->len, *lf;

	for (; s < end; s = lf + 1) {
		lf = memchr(s, '\n', (size_t)(end - s));
		if (lf == NULL)
			break;
		l->faint = *s == ROW_FAINT;
		new_row(l);
		add_safe(l, s + 1, (size_t)(lf - s) - 1);
	}
	l->faint = false;
}

/* A pasted line's end: seen, and the row ends with it. */
static void
add_lf(struct layout *l)
{
	if (wcwidth(L'\x21b5') == 1)
		add_cell(l, LF_MARK, strlen(LF_MARK), 1);
	else
		add_unit(l, "\n", 1);
	new_row(l);
}

/* How many of the len bytes at s are one character with its marks. */
static size_t
unit_size(const char *s, size_t len)
{
	unsigned code;
	size_t size = text_decode(s, len, &code), n;

	if (size == 0)
		return 1;
	while (size < len) {
		n = text_decode(s + size, len - size, &code);
		if (n < 2 || wcwidth((wchar_t)code) != 0)
			break;
		size += n;
	}
	return size;
}

static void
add_typed_line(struct layout *l, const struct typing *t)
{
	size_t i, size;

	for (i = 0; i < t->len; i += size) {
		if (i <= t->point)
			l->cursor = count_cells(l);
		size = unit_size(t->line + i, t->len - i);
		if (t->line[i] == '\n')
			add_lf(l);
		else
			add_unit(l, t->line + i, size);
	}
}

/* What stands between \001 and \002 takes no columns, and isn't shown. */
static void
add_prompt(struct layout *l, const char *s)
{
	size_t len;
	const char *end;

	while (*s != '\0') {
		if (*s == '\001') {
			end = strchr(s, '\002');
			s = end == NULL ? s + strlen(s) : end + 1;
			continue;
		}
		len = unit_size(s, strcspn(s, "\001"));
		add_unit(l, s, len);
		s += len;
	}
}

/* The row of the cell that the cursor is before. */
static void
find_cursor_row(struct layout *l)
{
	size_t i = layout_rows(l) - 1;

	while (i > 0 && layout_row(l, i)->first > l->cursor)
		i--;
	l->cursor_row = i;
}

void
layout_make(struct layout *l, size_t cols, const struct typing *t)
{
	l->cols = cols;
	l->text.len = l->cells.len = l->rows.len = 0;
	l->faint = false;
	if (t->echo != NULL)
		add_echo(l, t->echo);
	new_row(l);
	add_prompt(l, t->prompt);
	l->cursor = count_cells(l);
	add_typed_line(l, t);
	/* A cursor at the end never waits in the last column to wrap. */
	if (l->col >= cols)
		new_row(l);
	if (t->point >= t->len)
		l->cursor = count_cells(l);
	find_cursor_row(l);
}

void
layout_free(struct layout *l)
{
	buf_free(&l->text);
	buf_free(&l->cells);
	buf_free(&l->rows);
	buf_free(&l->shown);
	memset(l, 0, sizeof(*l));
}
