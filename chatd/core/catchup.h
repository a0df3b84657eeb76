/*
 * The past: readers that are behind the ring
 *
 * With a store, who is too slow for the ring, or asks for what it doesn't have
 * any more, reads on from the segments, a step in each round. What is read is
 * made into what the client is to get and written at once: nothing of it is
 * kept, but for the rest of a line that was cut.
 */
#ifndef CATCHUP_H
#define CATCHUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "room/ring.h"
#include "text.h"

#define CATCHUP_READ	RING_APPEND_MAX	/* bytes of a segment in one step */
#define CATCHUP_READ_MIN	(2 * LINE_SIZE)
#define CATCHUP_SIZE	(CATCHUP_READ + MESSAGE_SIZE) /* for a client from it */

struct client;
struct journal;

/* How far a reader is, and what it knows. */
struct catchup_place {
	uint64_t	 number;	/* of the next line */
	uint64_t	 segment;	/* it is in this one, by its name */
	uint64_t	 offset;	/* of what comes next in it */
	uint64_t	 at;		/* number of the line there */
	uint64_t	 author;	/* whose it is */
	int64_t		 said;		/* when it was said */
	int64_t		 told;		/* the last time told */
	bool		 needs_at;	/* as in struct client */
	bool		 damaged;	/* passing over what can't be read */
};

struct catchup {
	struct catchup_place place;
	size_t		 step;		/* bytes to read the next time */
};

/* What all readers of the past use, one after another. */
struct catchup_buffer {
	struct journal	*journal;
	char		*in;		/* CATCHUP_READ bytes */
	char		*out;		/* CATCHUP_SIZE bytes */
	size_t		 inlen;
	size_t		 len;		/* of out, which is for a client */
	size_t		 limit;		/* more isn't to be put there */
	struct catchup_place after;	/* where it is when it has got it all */
	uint64_t	 lost;		/* lines missing before that */
	bool		 failed;	/* nothing can be read now */
};

/* 0, or -1 with errno. */
int	 catchup_init(struct catchup_buffer *b, struct journal *j);
void	 catchup_free(struct catchup_buffer *b);

/*
 * Have a client read on from line number, which the ring doesn't have. It gets
 * nothing from the ring until catchup_over(). Without memory it is given up.
 */
void	 catchup_enter(struct client *c, uint64_t number);

/* Go back to the ring if it has the next line. Returns whether it does. */
bool	 catchup_over(struct client *c, const struct ring *r);

/* Whether the client is to get anything of the past. */
bool	 catchup_pending(const struct client *c);

/*
 * Make the next step: b->out is what the client is to get then. If lines are
 * missing where it is, they are counted in b->lost, and there's no more in b.
 * If the system is short of something, the client will be given up: that's no
 * damage.
 */
void	 catchup_read(const struct client *c, const struct ring *r,
	    struct catchup_buffer *b);

/*
 * Of what catchup_read() has made, n bytes were written. Returns how many bytes
 * from there on the client must get before anything else: the rest of a line.
 */
size_t	 catchup_written(struct client *c, struct catchup_buffer *b, size_t n);

#endif
