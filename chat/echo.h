/*
 * What the person has said, until its place in the room is known
 *
 * A room gives nobody's own lines back. That it has one is known when it is
 * settled; where it stands among the others' is known by their numbers, which
 * leave it out. Until then it stands below the transcript, faint as long as it
 * isn't settled, and what others say comes before it.
 */
#ifndef ECHO_H
#define ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "client/link.h"
#include "transcript.h"

/* Lines that are settled and wait for their place, in a room that doesn't tell
 * it before somebody else says something. More of them wait no longer. */
#define ECHO_MAX	1000

struct echo_line {
	uint64_t	 n;		/* as the link counts them */
	char		 stamp[CLOCK_STAMP];
	size_t		 len;
	char		 text[];
};

struct echo {
	const struct link *link;
	struct transcript *transcript;
	struct buf	 lines;		/* of struct echo_line *, in the order
					   of saying, ... */
	size_t		 first;		/* ... from this one on */
	char		 prefix[LINK_PREFIX_SIZE]; /* as others see them */
	uint64_t	 settled;	/* lines, when last looked at */
	uint64_t	 lost;		/* numbers since the last message ... */
	bool		 lost_uncounted; /* ... or nobody knows how many */
	bool		 dirty;		/* there's something new to draw */
	struct buf	 rows;
};

void	 echo_init(struct echo *s, const struct link *l,
	    struct transcript *t);
void	 echo_free(struct echo *s);

/* The name by which others see the lines. */
void	 echo_as(struct echo *s, const char *name, size_t len);

/* The link has just taken this line. */
void	 echo_add(struct echo *s, const char *text, size_t len);

/* The room has refused a line: it isn't echo. */
void	 echo_refused(struct echo *s, uint64_t n);

/* The next message has that number, or some were lost. */
void	 echo_at(struct echo *s, uint64_t number);
void	 echo_lost(struct echo *s, const struct notice *n);

/* Look whether more is settled; and give up the place of what is. */
void	 echo_look(struct echo *s);
void	 echo_place(struct echo *s);

/* What is left goes into the transcript, faint if nobody knows of it. */
void	 echo_leave(struct echo *s);

/*
 * What stands below the transcript, in rows of cols columns, the last ones of
 * them: see struct typing. Good until the next call.
 */
const struct buf	*echo_rows(struct echo *s, size_t cols, size_t rows);

#endif
