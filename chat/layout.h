/*
 * How the line being typed, and what is above it and not in the transcript yet,
 * lies on the rows of the screen
 *
 * A cell is what the terminal shows as one character, with the marks on it. A
 * character that is not to be shown as it is takes several cells.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

struct cell {
	size_t	 at;			/* its bytes, in the layout's text */
	size_t	 len;
	size_t	 width;			/* columns; 0 only for a stray mark */
};

struct row {
	size_t	 first;			/* its cells: from first ... */
	size_t	 end;			/* ... to before end */
	bool	 dim;
};

struct layout {
	size_t	 cols;
	size_t	 col;			/* of the next cell */
	bool	 dim;			/* rows that begin now are */
	struct buf text;
	struct buf cells;		/* of struct cell */
	struct buf rows;		/* of struct row; there is always one */
	size_t	 cursor;		/* the cell that it is before */
	size_t	 cursor_row;
	struct buf shown;		/* for show_text() */
};

/* What each row of struct typing's said begins with. */
#define ROW_PLAIN	'p'
#define ROW_DIM	'f'

/* What is typed, and where. */
struct typing {
	const struct buf *echo;		/* rows above it, safe to show, each
					   with one of these and an LF; or
					   NULL */
	const char	*prompt;	/* with \001 ... \002 left out */
	const char	*line;
	size_t		 len;
	size_t		 point;		/* the cursor's byte in the line */
};

/* Lay it out on rows of cols columns, in place of what was there. */
void	 layout_make(struct layout *l, size_t cols, const struct typing *t);
void	 layout_free(struct layout *l);

size_t	 layout_rows(const struct layout *l);
const struct row	*layout_row(const struct layout *l, size_t i);
const struct cell	*layout_cell(const struct layout *l, size_t i);

#endif
