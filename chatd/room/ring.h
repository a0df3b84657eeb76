/*
 * The room: what was said, kept once for everybody
 *
 * A ring of bytes holds the lines exactly as readers get them, and beside it a
 * ring of spans tells who said which of them. Positions count the bytes ever
 * said and only grow; base <= position <= head is what can still be read, and
 * base is always the start of a line. A reader is a position and no more: the
 * room knows none of them, and forgets nothing unless ring_release() says so.
 */
#ifndef RING_H
#define RING_H

#include <sys/uio.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_SIZE_MIN	(64 * 1024)	/* a quarter holds INTAKE_MIN */
#define RING_SPAN_BYTES	64		/* of the ring for each span */
#define RING_SPAN_FULL	(64 * 1024)	/* a span of that size isn't extended */
#define RING_APPEND_MAX	(128 * 1024)	/* most that is appended at once */

/*
 * Lines that one author said in one second, in a row. It ends where the next
 * one starts. Bounded, so that counting lines inside is, too.
 */
struct ring_span {
	uint64_t	 start;		/* position of its first byte */
	uint64_t	 line;		/* number of its first line */
	uint64_t	 author;
	int64_t		 time;		/* seconds since 1970 */
};

struct ring {
	char		*bytes;		/* the ring */
	size_t		 size;		/* of it, in bytes */
	uint64_t	 base;		/* the oldest line still here */
	uint64_t	 head;		/* where the next line will be */
	uint64_t	 shown;		/* what comes after isn't for readers */
	bool		 keeps;		/* ... before it is written down */
	bool		 held;		/* ... which isn't possible now */
	uint64_t	 first;		/* number of the first line ever */
	uint64_t	 next;		/* number of the next line */
	struct ring_span *spans;	/* a ring, too */
	size_t		 nspans;	/* its size */
	uint64_t	 span_first;	/* the spans in use, counted */
	uint64_t	 span_end;	/* upward like positions */
};

/*
 * A room for size bytes of lines, the first of which gets the number first.
 * size is at least RING_SIZE_MIN. Returns NULL with errno if there is not
 * enough memory: ring_memory() bytes.
 */
struct ring	*ring_new(size_t size, uint64_t first);
void		 ring_free(struct ring *r);
size_t		 ring_memory(size_t size);

/* Forget all lines; the next one has that number. */
void		 ring_restart(struct ring *r, uint64_t next);

/*
 * How many bytes ring_append() is sure to take: 0 if the spans are used up, or
 * if what was taken before is held.
 */
size_t		 ring_space(const struct ring *r);

/*
 * Take whole lines from an author: len bytes with their LFs, at most
 * RING_APPEND_MAX, nlines of them. They are borrowed; the room keeps a copy.
 * Returns false if there is no space: the author has to wait.
 */
bool		 ring_append(struct ring *r, uint64_t author, int64_t time,
		    const char *lines, size_t len, size_t nlines);

/* Show everything, or hold back what isn't shown yet. */
void		 ring_show(struct ring *r);
void		 ring_hold(struct ring *r);

/*
 * The bytes [from, to), which must be in the room, in one or two pieces;
 * returns how many. They stay good until the next ring_append().
 */
int		 ring_iov(const struct ring *r, uint64_t from, uint64_t to,
		    struct iovec iov[2]);

/* Whether a line starts at pos. */
bool		 ring_at_line(const struct ring *r, uint64_t pos);

/* Where the line that pos is inside of ends, its LF included. */
uint64_t	 ring_line_end(const struct ring *r, uint64_t pos);

/* The number of the line that starts at pos. */
uint64_t	 ring_number(const struct ring *r, uint64_t pos);

/* The position of a line: base if it is gone, head if it is to come. */
uint64_t	 ring_position(const struct ring *r, uint64_t number);

/* The number of the oldest line that is still here. */
uint64_t	 ring_oldest(const struct ring *r);

/* Which span, counted like span_first, has the byte at pos < head. */
uint64_t	 ring_span_at(const struct ring *r, uint64_t pos);
const struct ring_span	*ring_span(const struct ring *r, uint64_t i);
uint64_t	 ring_span_end(const struct ring *r, uint64_t i);

/* How many of the lines in [from, to) are an author's; both start a line. */
uint64_t	 ring_count_author(const struct ring *r, uint64_t author,
		    uint64_t from, uint64_t to);

/*
 * What has to go to make room for a quarter of the ring's bytes or spans,
 * whichever is short: everything before ring_quarter(). Half of it ends at
 * ring_middle(), where readers that hold it up are moved to. Both are starts
 * of lines. ring_release() forgets what is before pos.
 */
uint64_t	 ring_quarter(const struct ring *r);
uint64_t	 ring_middle(const struct ring *r);
void		 ring_release(struct ring *r, uint64_t pos);

#endif
