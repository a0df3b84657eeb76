/*
 * Rows: how a message lies on a terminal that is not as wide
 *
 * A terminal that breaks a line itself begins the next row with whatever comes
 * there: a message could be made to have a row that looks like somebody else's,
 * or like a notice. So it is broken here, if it can be at a blank, and all rows
 * but the first are indented. Nothing that is sent begins a row but a message's
 * own beginning; and if that looks like something else, it has a mark.
 */
#ifndef WRAP_H
#define WRAP_H

#include <stdbool.h>
#include <stddef.h>

#define WRAP_GROWTH	16		/* most bytes that one can become */
#define WRAP_COLUMNS	80		/* of a terminal that doesn't know */
#define WRAP_MARK	"| "

/* How many columns the terminal at fd has; 0: it is none. */
size_t	 wrap_columns(int fd);

/*
 * Write the len bytes at s, which are safe to show (see show.h), in rows of
 * cols columns, each but the last with eol at its end, of at most 2 bytes. The
 * first one has col columns already, which may be more than there are. TABs
 * become spaces. dst has at least WRAP_GROWTH * len bytes, also if s is what
 * show_text() made of len bytes. Returns how many were written.
 */
size_t	 wrap_break(char *dst, const char *s, size_t len, size_t cols,
	    size_t col, const char *eol);

/*
 * Whether a message, safe to show, needs the mark at the beginning of a row: it
 * begins with a dash, as notices of chat do, or a tilde, as lines can that wait
 * to be settled; with a blank, as rows do that go on; or with the name of this
 * program and a colon, as its diagnostics do.
 */
bool	 wrap_need_mark(const char *s, size_t len);

#endif
