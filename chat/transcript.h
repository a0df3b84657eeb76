/*
 * The transcript: what is said, made safe to show
 */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "names.h"
#include "screen.h"

#define TRANSCRIPT_STAMP 25	/* 2026-11-23T12:34:56+0100 and a space */

struct transcript {
	struct screen	*screen;
	struct names	 names;
	bool		 times;		/* before every line */
	char		 stamp[TRANSCRIPT_STAMP + 1];
	struct buf	 line;
};

void	 transcript_init(struct transcript *t, struct screen *s, bool times);
void	 transcript_free(struct transcript *t);

/* The lines to come were said at that second since 1970. */
void	 transcript_time(struct transcript *t, int64_t seconds);

/* Lines with their LFs, from anybody. */
void	 transcript_lines(struct transcript *t, const char *lines, size_t len);

/* A line of the person's own, said now. */
void	 transcript_own(struct transcript *t, const char *prefix,
	    size_t prefixlen, const char *text, size_t len);

/*
 * Something that nobody said. It is dim, which no message can be, and begins
 * with "-- ".
 */
void	 transcript_notice(struct transcript *t, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
