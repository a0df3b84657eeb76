/*
 * The past: readers that are behind the ring
 *
 * With a store, who is too slow for the ring, or asks for what it doesn't have
 * any more, reads on from the segments, a step in each round. What is read is
 * made into what the client is to get and written at once: nothing of it is
 * kept, but for the rest of a line that was cut.
 */
#ifndef PAST_H
#define PAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "room.h"
#include "text.h"

#define PAST_READ	ROOM_APPEND_MAX	/* bytes of a segment in one step */
#define PAST_READ_MIN	(2 * LINE_SIZE)
#define PAST_SIZE	(PAST_READ + MESSAGE_SIZE) /* for a client from it */

struct client;
struct journal;

/* How far a reader is, and what it knows. */
struct past_place {
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

struct past {
	struct past_place place;
	size_t		 step;		/* bytes to read the next time */
};

/* What all readers of the past use, one after another. */
struct past_buffer {
	struct journal	*journal;
	char		*in;		/* PAST_READ bytes */
	char		*out;		/* PAST_SIZE bytes */
	size_t		 inlen;
	size_t		 len;		/* of out, which is for a client */
	size_t		 limit;		/* more isn't to be put there */
	struct past_place after;	/* where it is when it has got it all */
	uint64_t	 lost;		/* lines missing before that */
	bool		 failed;	/* nothing can be read now */
};

/* 0, or -1 with errno. */
int	 past_init(struct past_buffer *b, struct journal *j);
void	 past_free(struct past_buffer *b);

/*
 * Have a client read on from line number, which the ring doesn't have. It gets
 * nothing from the ring until past_over(). Without memory it is given up.
 */
void	 past_enter(struct client *c, uint64_t number);
void	 past_leave(struct client *c);

/* Go back to the ring if it has the next line. Returns whether it does. */
bool	 past_over(struct client *c, const struct room *r);

/* Whether the client is to get anything of the past. */
bool	 past_pending(const struct client *c);

/*
 * Make the next step: b->out is what the client is to get then. If lines are
 * missing where it is, they are counted in b->lost, and there's no more in b.
 * If the system is short of something, the client will be given up: that's no
 * damage.
 */
void	 past_read(const struct client *c, const struct room *r,
	    struct past_buffer *b);

/*
 * Of what past_read() has made, n bytes were written. Returns how many bytes
 * from there on the client must get before anything else: the rest of a line.
 */
size_t	 past_written(struct client *c, struct past_buffer *b, size_t n);

#endif
