/*
 * Cutting a stream of bytes into lines
 *
 * A line ends with LF; one CR before the LF is dropped. A line of more than
 * LINE_SIZE bytes with its LF is told once and then skipped up to its end, so
 * whoever reads a stream needs to keep LINE_KEEP bytes at the most.
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
	LINE_LONG			/* a line too long begins at text */
};

struct line {
	char		*text;		/* in the buffer, without CR and LF */
	size_t		 len;		/* of the text, in bytes */
	size_t		 size;		/* bytes of the buffer now done with */
};

/*
 * Look at the first of the len bytes at buf. *skip is the stream's memory that
 * it is inside a line that was too long: false at first. l->size counts also
 * what was skipped, and counts for every kind.
 */
enum line_kind	 line_cut(bool *skip, char *buf, size_t len, struct line *l);

/*
 * How many of the len bytes at buf are whole lines that can be taken as they
 * are: printable ASCII and TAB, none too long. Looks at many bytes at once and
 * stops early, so others may follow that are as good. *lines is their number.
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
