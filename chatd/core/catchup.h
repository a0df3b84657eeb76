/*
 * Catch-up: readers that are behind the ring
 *
 * With a store, a reader that is too slow for the ring, or asks for lines that
 * are no longer in it, reads on from the segments, one step in each round. What
 * is read is turned into what the client is to get and written at once. Nothing
 * of it is kept, except for the rest of a line that was cut.
 */
#ifndef CATCHUP_H
#define CATCHUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "room/ring.h"
#include "text.h"

#define CATCHUP_READ	RING_APPEND_MAX	/* bytes of a segment in one step */
#define CATCHUP_READ_MIN (2 * LINE_SIZE)
#define CATCHUP_SIZE	(CATCHUP_READ + MESSAGE_SIZE) /* what they become */

struct client;
struct journal;

/* How far a reader has come, and what holds there. */
struct catchup_position {
	uint64_t	 number;	/* of the next line for the client */
	uint64_t	 segment;	/* the first line of the one it is in */
	uint64_t	 offset;	/* of what to read next there */
	uint64_t	 at;		/* number of the line at this offset */
	uint64_t	 author;	/* of this line */
	int64_t		 line_time;	/* when it was said */
	int64_t		 sent_time;	/* the last time line sent */
	bool		 needs_at;	/* as in struct client */
	bool		 damaged;	/* skipping what can't be read */
};

struct catchup {
	struct catchup_position position;
	size_t		 step;		/* bytes to read in the next step */
};

/* What all such readers use, one after another. */
struct catchup_buffer {
	struct journal	*journal;
	char		*in;		/* CATCHUP_READ bytes */
	char		*out;		/* CATCHUP_SIZE bytes */
	size_t		 inlen;
	size_t		 len;		/* bytes at out, for a client */
	size_t		 limit;		/* most that may be there */
	struct catchup_position after;	/* once the client has got them */
	uint64_t	 lost;		/* lines that are missing before that */
	bool		 failed;	/* nothing can be read for now */
};

/* Allocate the buffers. Returns 0, or -1 with errno. */
int	 catchup_init(struct catchup_buffer *b, struct journal *j);
void	 catchup_free(struct catchup_buffer *b);

/*
 * Let a client read on from line number, which the ring doesn't have. It gets
 * nothing from the ring until catchup_over(), or client_drop_catchup(). Without
 * memory it is given up.
 */
void	 catchup_enter(struct client *c, uint64_t number);

/* Return to the ring if that has the next line. Returns whether it has. */
bool	 catchup_over(struct client *c, const struct ring *r);

/* Whether there is anything in the store that the client is to get. */
bool	 catchup_pending(const struct client *c);

/*
 * Make the next step: afterwards b->out has what the client is to get. Where
 * lines are missing, the step ends, and b->lost is their number. If the system
 * is short of something, the client will be given up: that is no damage.
 */
void	 catchup_read(const struct client *c, const struct ring *r,
	    struct catchup_buffer *b);

/*
 * n bytes of what catchup_read() has made were written. Returns how many more
 * must be sent before anything else: the rest of a line.
 */
size_t	 catchup_written(struct client *c, struct catchup_buffer *b, size_t n);

#endif
