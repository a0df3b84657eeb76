/*
 * Catch-up: readers that are behind the ring
 *
 * With a store, a reader that is too slow for the ring, or that asks for lines
 * which the ring has forgotten, reads on from the segments, one step in each
 * round. A step reads a piece of a segment, makes of it what the client gets,
 * and writes that at once. What the client doesn't take isn't buffered, except
 * for the rest of a line: the position stays behind it, and the next step reads
 * it again. So a reader costs a position, however far behind it is.
 *
 * For each client the calls are catchup_enter(); then, while catchup_pending(),
 * catchup_read() and catchup_written() in turn; and catchup_return().
 */
#ifndef CATCHUP_H
#define CATCHUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "room/ring.h"
#include "text.h"

#define CATCHUP_READ	RING_APPEND_MAX	/* most bytes to read in a step */
#define CATCHUP_READ_MIN (2 * LINE_SIZE) /* fewest bytes to read in a step */
#define CATCHUP_SIZE	(CATCHUP_READ + MESSAGE_SIZE) /* most to write */

struct client;
struct journal;

/* How far a reader has come, and what the records up to there say. */
struct catchup_position {
	uint64_t	 number;	/* of the next line for the client */
	uint64_t	 segment;	/* first line of the segment; 0: none */
	uint64_t	 offset;	/* of what to read next there */
	uint64_t	 at;		/* number of the line at the offset */
	uint64_t	 author;	/* of the line at the offset */
	int64_t		 line_time;	/* of the line at the offset */
	int64_t		 sent_time;	/* of the last "time" sent */
	int64_t		 since;		/* skip lines said before that, and so
					   find the first; 0: it is found */
	bool		 needs_at;	/* as in struct client */
	bool		 damaged;	/* skipping what can't be read */
};

struct catchup {
	struct catchup_position position;
	size_t		 step;		/* bytes to read in the next step */
};

/* One step of one reader. All readers use the same buffers, in turn. */
struct catchup_buffer {
	struct journal	*journal;	/* whose store to read, borrowed */
	char		*in;		/* CATCHUP_READ bytes of a segment */
	char		*out;		/* CATCHUP_SIZE bytes for the client */
	size_t		 inlen;		/* bytes in use at in */
	size_t		 len;		/* bytes in use at out */
	size_t		 limit;		/* most bytes to use at out */
	struct catchup_position after;	/* once the client has got out */
	uint64_t	 lost;		/* lines missing after out */
	bool		 failed;	/* the system is short of resources */
};

/*
 * catchup_init() allocates the buffers. Returns 0, or -1 with errno.
 * catchup_free() frees them.
 */
int	 catchup_init(struct catchup_buffer *b, struct journal *j);
void	 catchup_free(struct catchup_buffer *b);

/*
 * Let a client read on from line number, which the ring has forgotten. It gets
 * nothing from the ring until catchup_return() returns true, or until
 * client_drop_catchup(). If memory is short, the client is given up.
 */
void	 catchup_enter(struct client *c, uint64_t number);

/*
 * The same for a client that wants what was said at that time or later. None of
 * the lines before line number, and of those after it an unknown number, was
 * said before. The search is part of catching up, a step in each round, and the
 * client is told where it begins when that is found.
 */
void	 catchup_search(struct client *c, uint64_t number, int64_t since);

/*
 * If the ring has the client's next line, let it read on from the ring. Returns
 * whether it does.
 */
bool	 catchup_return(struct client *c, const struct ring *r);

/* Whether the client is catching up and still wants lines. */
bool	 catchup_pending(const struct client *c);

/*
 * Make the next step: afterwards b->len bytes at b->out are to be written to
 * the client. Where lines are missing the step ends, and b->lost is their
 * number. Logs damage. Being short of file descriptors or memory is no damage:
 * it sets b->failed, and catchup_written() gives the client up.
 */
void	 catchup_read(const struct client *c, const struct ring *r,
	    struct catchup_buffer *b);

/*
 * Record that n of the b->len bytes were written, so the next step goes on
 * behind them. Returns how many bytes after these must be sent to the client
 * before anything else: the rest of a line, which the caller has to keep.
 */
size_t	 catchup_written(struct client *c, struct catchup_buffer *b, size_t n);

#endif
