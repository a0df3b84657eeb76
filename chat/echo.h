/*
 * Local echo: the person's own lines, until their place in the room is known
 *
 * A room doesn't send a client's own lines back. That it has such a line is
 * known once it is settled. Its place among the lines of others is known by
 * their numbers, which leave it out. Until then, the line stands below the
 * transcript, faint as long as it isn't settled, and the lines of others appear
 * above it.
 */
#ifndef ECHO_H
#define ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "client/link.h"
#include "transcript.h"

/* Most lines that wait for their place, which the room tells only when somebody
 * else says something. When there are more, the oldest stop waiting. */
#define ECHO_MAX	1000

struct echo_line {
	uint64_t	 n;		/* the line's number on the link */
	int64_t		 date;		/* when it was said, or settled */
	bool		 settled;	/* so date is that */
	bool		 act;		/* it is something that is done */
	size_t		 len;
	char		 text[];
};

struct echo {
	const struct link *link;
	struct transcript *transcript;
	struct buf	 lines;		/* pointers to struct echo_line */
	size_t		 first;		/* the first one still in use */
	char		 name[LINK_PREFIX_SIZE];
	bool		 named;		/* by the room: see echo_named() */
	bool		 hidden;	/* show none of them */
	uint64_t	 settled;	/* lines, at the last echo_look() */
	uint64_t	 lost;		/* lines lost since the last message */
	bool		 lost_uncounted; /* nobody knows how many were lost */
	bool		 dirty;		/* something has changed: draw it */
	struct buf	 rows;		/* what echo_rows() returns */
};

void	 echo_init(struct echo *s, const struct link *l,
	    struct transcript *t);
void	 echo_free(struct echo *s);

/* Show the lines with this name, as others see them. With echo_named(), it is
 * the room that puts it before them. */
void	 echo_as(struct echo *s, const char *name, size_t len);
void	 echo_named(struct echo *s, const char *name, size_t len);

/* Add the line that was just queued on the link: with act, by link_act(). */
void	 echo_add(struct echo *s, const char *text, size_t len, bool act);

/* The room has refused line n of the link: report it, and drop it. */
void	 echo_refused(struct echo *s, uint64_t n);

/*
 * The room says that the next message has that number, or that some were lost.
 */
void	 echo_at(struct echo *s, uint64_t number);
void	 echo_lost(struct echo *s, const struct notice *n);

/* echo_look() notices which lines were settled meanwhile. echo_place() moves
 * all settled lines into the transcript, without waiting for their place. */
void	 echo_look(struct echo *s);
void	 echo_place(struct echo *s);

/*
 * At the end: move all lines into the transcript, faint if they aren't settled.
 */
void	 echo_leave(struct echo *s);

/*
 * The lines below the transcript in rows of cols columns, as struct typing has
 * them: the last rows of them, at most so many. Valid until the next call.
 */
const struct buf	*echo_rows(struct echo *s, size_t cols, size_t rows);

#endif
