/*
 * The transcript: what is said, made safe to show
 *
 * Every message lies on rows of its own, see rows.h. A notice is faint, where
 * the terminal has that, and begins with "-- ": no message does, for one that
 * would has a mark before it.
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
	bool		 times;		/* before every line */
	bool		 dim;		/* the terminal can show that */
	char		 stamp[CLOCK_STAMP];
	struct buf	 line;
	struct buf	 shown;
};

/* How the person's own lines look. */
enum transcript_look {
	LOOK_SAID,			/* as others see them */
	LOOK_UNSETTLED			/* faint, or else with a mark */
};

void	 transcript_init(struct transcript *t, struct screen *s, bool times,
	    bool dim);
void	 transcript_free(struct transcript *t);

/* The lines to come were said at that second since 1970. */
void	 transcript_time(struct transcript *t, int64_t seconds);

/* Lines with their LFs, from anybody. */
void	 transcript_lines(struct transcript *t, const char *lines, size_t len);

/* A line of the person's own. */
void	 transcript_own(struct transcript *t, enum transcript_look look,
	    const char *stamp, const char *prefix, const char *text,
	    size_t len);

/* The same, but added to a buffer, as rows of struct typing. */
void	 transcript_rows(struct transcript *t, struct buf *to, size_t cols,
	    enum transcript_look look, const char *stamp, const char *prefix,
	    const char *text, size_t len);

/* Something that nobody said. */
void	 transcript_notice(struct transcript *t, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
