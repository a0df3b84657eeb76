/*
 * The rows of the line being typed, and of the local echo above it
 *
 * A cell is what the terminal shows as one character, with its marks. A
 * character that isn't safe to show becomes several cells (see show.h).
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

struct cell {
	size_t	 at;			/* where its bytes are in the text */
	size_t	 len;			/* bytes */
	size_t	 width;			/* columns; 0 only for a stray mark */
};

struct row {
	size_t	 first;			/* its first cell */
	size_t	 end;			/* the cell after its last one */
	bool	 faint;
};

struct layout {
	size_t	 cols;
	size_t	 col;			/* of the next cell */
	bool	 faint;			/* rows that begin from now on */
	struct buf text;
	struct buf cells;		/* of struct cell */
	struct buf rows;		/* of struct row; there is always one */
	size_t	 cursor;		/* the cell after the cursor */
	size_t	 cursor_row;
	struct buf shown;		/* for show_text() */
};

/* The first byte of each row of an echo: how the row looks. */
#define ROW_PLAIN	'p'
#define ROW_FAINT	'f'

/* What is drawn below the transcript; all of it is borrowed. */
struct typing {
	const struct buf *echo;		/* rows above the line, safe to show,
					   each with one of these bytes before
					   it and an LF after it; or NULL */
	const char	*prompt;	/* what is between \001 and \002 isn't
					   shown */
	const char	*line;
	size_t		 len;
	size_t		 point;		/* the cursor's byte in the line */
};

/*
 * Lay out t in rows of cols columns, in place of what l had. l begins as zero.
 */
void	 layout_make(struct layout *l, size_t cols, const struct typing *t);
void	 layout_free(struct layout *l);

/*
 * The number of rows, and the i-th row or cell, from 0: valid until l changes.
 */
size_t	 layout_rows(const struct layout *l);
const struct row	*layout_row(const struct layout *l, size_t i);
const struct cell	*layout_cell(const struct layout *l, size_t i);

#endif
