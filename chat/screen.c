/*
 * The screen: a transcript that scrolls, and below it the line being typed
 */
#include <stdio.h>
#include <string.h>

#include "screen.h"
#include "sgr.h"
#include "tty.h"

void
screen_init(struct screen *s)
{
	memset(s, 0, sizeof(*s));
}

void
screen_free(struct screen *s)
{
	buf_free(&s->transcript);
	buf_free(&s->out);
	layout_free(&s->now);
}

/* Move the cursor by n rows: 'A' is up, 'B' is down. */
static void
move_cursor(struct screen *s, size_t n, char direction)
{
	char seq[32];

	if (n == 0)
		return;
	(void)snprintf(seq, sizeof(seq), "\033[%zu%c", n, direction);
	buf_adds(&s->out, seq);
}

/*
 * How many rows a row that was drawn takes now that the screen has cols
 * columns, if the terminal breaks it as we would have. *cursor is where the
 * cell that it is before has come to, if that's in the row; else it's left.
 */
static size_t
broken_rows(const struct screen *s, const struct row *row, size_t cols,
    size_t *cursor)
{
	size_t i, width, col = 0, n = 1;

	for (i = row->first; i < row->end; i++) {
		width = layout_cell(&s->now, i)->width;
		if (col > 0 && col + width > cols) {
			col = 0;
			n++;
		}
		if (i == s->now.cursor)
			*cursor = n - 1;
		col += width;
	}
	return n;
}

/*
 * Where the last frame lies now: its rows, and the cursor's among them. Both
 * are what was drawn unless the screen's width has changed since.
 */
static size_t
find_frame(const struct screen *s, size_t cols, size_t *cursor)
{
	size_t rows = 0, i, n, at;

	*cursor = 0;
	for (i = s->top; i < s->top + s->height; i++) {
		at = 0;
		n = broken_rows(s, layout_row(&s->now, i), cols, &at);
		/* After the last cell, terminals keep it in that one's row. */
		if (i == s->now.cursor_row && s->now.cursor ==
		    layout_row(&s->now, i)->end)
			at = n - 1;
		if (i == s->now.cursor_row)
			*cursor = rows + at;
		rows += n;
	}
	return rows;
}

/*
 * Erase row by row: to erase from the cursor to the screen's end at once would
 * be shorter, but when that is all of the screen, some terminals move it into
 * their scrollback. The rows below the cursor may be gone, if the screen has
 * become lower: then it can't move down, and counting rows from the last one
 * up would end in the transcript.
 */
static void
add_erase(struct screen *s, size_t cols)
{
	size_t cursor, rows = find_frame(s, cols, &cursor), i;

	if (rows == 0)
		return;
	buf_adds(&s->out, "\r\0337");
	for (i = cursor + 1; i < rows; i++)
		buf_adds(&s->out, "\033[B\033[K");
	buf_adds(&s->out, "\0338\033[K");
	for (i = 0; i < cursor; i++)
		buf_adds(&s->out, "\033[A\033[K");
	s->height = 0;
}

static void
add_cells(struct screen *s, size_t first, size_t end)
{
	const struct cell *c;
	size_t i;

	for (i = first; i < end; i++) {
		c = layout_cell(&s->now, i);
		buf_add(&s->out, s->now.text.bytes + c->at, c->len);
	}
}

static void
add_row(struct screen *s, const struct row *row)
{
	if (row->faint)
		buf_adds(&s->out, SGR_FAINT);
	add_cells(s, row->first, row->end);
	if (row->faint)
		buf_adds(&s->out, SGR_OFF);
}

/* The rows to show of a line that is taller than the screen. */
static void
choose_rows(struct screen *s, size_t rows)
{
	size_t all = layout_rows(&s->now), most = rows > 1 ? rows - 1 : 1;

	s->height = all < most ? all : most;
	if (s->top > s->now.cursor_row)
		s->top = s->now.cursor_row;
	if (s->top + s->height <= s->now.cursor_row)
		s->top = s->now.cursor_row - s->height + 1;
	if (s->top + s->height > all)
		s->top = all - s->height;
}

/*
 * Draw the line, and then its cursor's row again up to the cursor: how wide
 * the characters before it are is the terminal's to know, better than we do.
 */
static void
draw_line(struct screen *s)
{
	size_t last = s->top + s->height - 1, i;
	const struct row *row = layout_row(&s->now, s->top);

	for (i = s->top; i <= last; i++) {
		/* Also after a full row: the terminal shall not join them. */
		if (i > s->top)
			buf_adds(&s->out, "\r\n");
		row = layout_row(&s->now, i);
		add_row(s, row);
	}
	if (s->now.cursor_row == last && s->now.cursor == row->end)
		return;
	move_cursor(s, last - s->now.cursor_row, 'A');
	buf_adds(&s->out, "\r");
	row = layout_row(&s->now, s->now.cursor_row);
	add_cells(s, row->first, s->now.cursor);
}

static void
add_transcript(struct screen *s)
{
	buf_add(&s->out, s->transcript.bytes, s->transcript.len);
	s->transcript.len = 0;
}

static int
write_frame(struct screen *s)
{
	size_t len = s->out.len;

	s->out.len = 0;
	return tty_write(s->out.bytes, len);
}

int
screen_draw(struct screen *s, const struct typing *t)
{
	struct tty_size size;

	tty_size(&size);
	add_erase(s, size.cols);
	add_transcript(s);
	layout_make(&s->now, size.cols, t);
	choose_rows(s, size.rows);
	draw_line(s);
	return write_frame(s);
}

int
screen_erase(struct screen *s)
{
	struct tty_size size;

	tty_size(&size);
	add_erase(s, size.cols);
	add_transcript(s);
	return write_frame(s);
}

int
screen_leave(struct screen *s, const struct typing *t)
{
	if (screen_draw(s, t) == -1)
		return -1;
	move_cursor(s, s->top + s->height - 1 - s->now.cursor_row, 'B');
	buf_adds(&s->out, "\r\n");
	s->height = 0;
	return write_frame(s);
}

void
screen_clear(struct screen *s)
{
	s->height = 0;
	buf_adds(&s->out, "\033[H\033[2J");
}

void
screen_forget(struct screen *s)
{
	s->height = 0;
}
