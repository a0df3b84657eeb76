/*
 * Cutting a stream of bytes into lines
 *
 * A line ends with LF; one CR before the LF is dropped. A line of more than
 * LINE_SIZE bytes with its LF is reported once and then skipped up to its end,
 * so a reader never has to keep more than LINE_KEEP bytes of a stream.
 */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

#define LINE_KEEP	LINE_SIZE	/* most that LINE_PART leaves */

enum line_kind {
	LINE_PART,			/* no end yet: keep it, read more */
	LINE_WHOLE,			/* text and len are a line's */
	LINE_LONG			/* the line at text is too long */
};

struct line {
	char		*text;		/* in the buffer, without CR and LF */
	size_t		 len;		/* of the text, in bytes */
	size_t		 size;		/* bytes of the buffer to drop */
};

/*
 * Cut the first line off the len bytes at buf. *skip belongs to the stream, and
 * is false at its beginning: it remembers that the rest of a line which was too
 * long has to be skipped. For every kind, the caller drops l->size bytes, which
 * include those that were skipped.
 */
enum line_kind	 line_cut(bool *skip, char *buf, size_t len, struct line *l);

/*
 * How many of the len bytes at buf are whole lines that need no closer look:
 * printable ASCII and TAB, none too long. *lines becomes their number. It works
 * on many bytes at once and may stop early, before lines that are as good.
 */
size_t		 line_plain(const char *buf, size_t len, size_t *lines);

/* How many of the len bytes at buf are LF. */
size_t		 line_count(const char *buf, size_t len);

/*
 * How many of the len bytes at buf are the first *n lines; all of them if
 * there are fewer. *n becomes how many are missing.
 */
size_t		 line_skip(const char *buf, size_t len, uint64_t *n);

#endif
