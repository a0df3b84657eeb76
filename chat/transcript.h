/*
 * The transcript: messages and notices, made safe to show
 *
 * Every message has rows of its own (see wrap.h). A notice is dim, where the
 * terminal has that, and begins with "-- ". No message does: it would have a
 * mark before it.
 */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "clock.h"
#include "names.h"
#include "screen.h"

struct transcript {
	struct screen	*screen;
	struct names	 names;
	bool		 times;		/* put a stamp before every line */
	bool		 dim;		/* the terminal can show that */
	char		 stamp[CLOCK_STAMP]; /* of the lines to come */
	struct buf	 line;
	struct buf	 shown;
};

/* How the person's own lines look. */
enum transcript_look {
	LOOK_SAID,			/* as others see them */
	LOOK_UNSETTLED			/* dim, or else with a mark */
};

void	 transcript_init(struct transcript *t, struct screen *s, bool times,
	    bool dim);
void	 transcript_free(struct transcript *t);

/* The lines that follow were said at that time, in seconds since 1970. */
void	 transcript_time(struct transcript *t, int64_t seconds);

/* Add len bytes of messages, with their LFs: any bytes that a room has sent. */
void	 transcript_lines(struct transcript *t, const char *lines, size_t len);

/* Add a line of the person's own, with this stamp and "name: " before it. */
void	 transcript_own(struct transcript *t, enum transcript_look look,
	    const char *stamp, const char *prefix, const char *text,
	    size_t len);

/* The same, but add the line to a buffer, in rows of cols columns as the echo
 * of struct typing has them. */
void	 transcript_rows(struct transcript *t, struct buf *to, size_t cols,
	    enum transcript_look look, const char *stamp, const char *prefix,
	    const char *text, size_t len);

/* Add a notice. What it quotes is made safe to show, too. */
void	 transcript_notice(struct transcript *t, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
