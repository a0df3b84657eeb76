/*
 * Wrapping: breaking a message into rows of a terminal
 *
 * Where a terminal itself breaks a long line, the next row begins with any part
 * of the text: a message could be written to have a row that looks like
 * somebody else's message, or like a notice. So lines are broken here, at a
 * blank if possible, and all rows but the first are indented. Only the
 * beginning of a message can begin a row, and it has a mark if it looks like
 * something else.
 */
#ifndef WRAP_H
#define WRAP_H

#include <stdbool.h>
#include <stddef.h>

#define WRAP_GROWTH	16		/* most bytes that one can become */
#define WRAP_COLUMNS	80		/* if the terminal doesn't say */
#define WRAP_MARK	"| "

/* How many columns the terminal at fd has, or 0 if fd is no terminal. */
size_t	 wrap_columns(int fd);

/* How many columns the len bytes at s take from the first column of a row. They
 * are safe to show (see show.h). */
size_t	 wrap_width(const char *s, size_t len);

/*
 * Write the len bytes at s, which are safe to show (see show.h), to dst in rows
 * of cols columns. All rows but the last end with eol, of 2 bytes at most. The
 * first row has col columns already, which may be more than cols. TABs become
 * spaces. dst has at least WRAP_GROWTH * len bytes; if s is the output of
 * show_text(), the len of its input is enough here. Returns the bytes written.
 */
size_t	 wrap_break(char *dst, const char *s, size_t len, size_t cols,
	    size_t col, const char *eol);

/*
 * Whether a message, safe to show, needs WRAP_MARK before it, because it begins
 *
 * - with a dash, as notices of chat do, or with a tilde, as lines may that the
 *   room hasn't settled
 * - with a blank, as the second row of a message does
 * - with the name of this program and a colon, as its errors do
 */
bool	 wrap_need_mark(const char *s, size_t len);

#endif
