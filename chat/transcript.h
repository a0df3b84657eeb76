/*
 * The transcript: messages and notices, made safe to show
 *
 * Every message has rows of its own (see wrap.h). A notice is faint, where the
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
#include "mention.h"
#include "names.h"
#include "sgr.h"
#include "when.h"

/* What stands before a message: it is followed by a blank. */
enum transcript_stamp {
	STAMP_NONE,
	STAMP_CLOCK,			/* the time of day, and days as they
					   begin */
	STAMP_LONG			/* date and time: see clock_stamp() */
};

/* How a transcript looks, and where it goes. */
struct transcript_style {
	struct buf	*out;		/* what is added to it */
	const char	*eol;		/* after each row, in OUT */
	enum transcript_stamp stamp;
	struct sgr	 sgr;
	bool		 bell;		/* ring when the person is mentioned */
};

struct transcript {
	struct transcript_style style;
	struct names	 names;
	struct mention	 me;		/* whom a mention is about */
	struct when	 when;
	bool		 timed;		/* the room has told a time */
	int64_t		 date;		/* of the lines to come */
	char		 stamp[CLOCK_STAMP]; /* the same */
	bool		 live;		/* history is over */
	int64_t		 began;		/* with the first line, clock_now() */
	int64_t		 next_bell;	/* not before then, by clock_now() */
	struct buf	 line;
	struct buf	 shown;
};

/* How the person's own lines look. */
enum transcript_look {
	LOOK_SAID,			/* as others see them */
	LOOK_UNSETTLED			/* faint, or else with a mark */
};

/* A line of the person's own. All of it is borrowed. */
struct own_line {
	enum transcript_look look;
	int64_t		 date;		/* when it was said, since 1970 */
	const char	*prefix;	/* with the name, such as "name: " */
	struct speaker	 name;		/* where that is */
	const char	*text;
	size_t		 len;
};

/* The style is copied; its buffer and strings are borrowed. */
void	 transcript_init(struct transcript *t,
	    const struct transcript_style *style);
void	 transcript_free(struct transcript *t);

/* The person has this name: who says it is heard. */
void	 transcript_me(struct transcript *t, const char *name, size_t len);

/* The lines that follow were said at that time, in seconds since 1970. */
void	 transcript_time(struct transcript *t, int64_t seconds);

/* Add len bytes of messages, with their LFs: any bytes that a room has sent. */
void	 transcript_lines(struct transcript *t, const char *lines, size_t len);

/* Add a line of the person's own. */
void	 transcript_own(struct transcript *t, const struct own_line *line);

/* The same, but add the line to a buffer, in rows of cols columns as the echo
 * of struct typing has them. */
void	 transcript_rows(struct transcript *t, struct buf *to, size_t cols,
	    const struct own_line *line);

/* Add a notice. What it quotes is made safe to show, too. */
void	 transcript_notice(struct transcript *t, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* Add a rule: above it are n lines that are new to the person. */
void	 transcript_rule(struct transcript *t, uint64_t n);

/* The rows of a notice that isn't part of the transcript, as those of
 * transcript_rows(). */
void	 transcript_status(struct transcript *t, struct buf *to, size_t cols,
	    const char *text);

#endif
