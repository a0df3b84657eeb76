/*
 * The ring: what was said, kept once for everybody
 *
 * A ring buffer holds the lines exactly as readers get them. Beside it a ring
 * of spans tells who said which of them. Positions count the bytes ever said,
 * and only grow: base <= position <= head is what can still be read, and base
 * is always the start of a line. A reader is a position and no more. The ring
 * knows none of them, and forgets nothing unless ring_release() says so.
 *
 * With a store, lines become visible to readers only when they are on disk:
 * stored says that there is one, visible is the position up to where lines are
 * on disk, and held is set while writing them fails. Then senders have to wait.
 */
#ifndef RING_H
#define RING_H

#include <sys/uio.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_SIZE_MIN	(64 * 1024)	/* a quarter holds INTAKE_MIN */
#define RING_SPAN_BYTES	64		/* bytes of the ring for each span */
#define RING_SPAN_FULL	(64 * 1024)	/* bytes of a span that grows no more */
#define RING_APPEND_MAX	(128 * 1024)	/* most bytes appended at once */

/*
 * Consecutive lines that one author said in one second. A span ends where the
 * next one starts. Its size is bounded, and so is the time to count lines in
 * it.
 */
struct ring_span {
	uint64_t	 start;		/* position of its first byte */
	uint64_t	 line;		/* number of its first line */
	uint64_t	 author;
	int64_t		 time;		/* seconds since 1970 */
};

struct ring {
	char		*bytes;
	size_t		 size;		/* in bytes */
	uint64_t	 base;		/* the oldest line still here */
	uint64_t	 head;		/* where the next line will be */
	uint64_t	 visible;	/* readers get nothing after this */
	bool		 stored;	/* before it is on disk */
	bool		 held;		/* because it can't be written now */
	uint64_t	 first;		/* number of the first line ever */
	uint64_t	 next;		/* number of the next line */
	struct ring_span *spans;	/* a ring, too */
	size_t		 nspans;	/* its size */
	uint64_t	 span_first;	/* spans in use, which count upward */
	uint64_t	 span_end;	/* like positions */
};

/*
 * A ring for size bytes of lines, at least RING_SIZE_MIN; the first line gets
 * the number first. Returns NULL with errno if memory is short: it takes
 * ring_memory() bytes.
 */
struct ring	*ring_new(size_t size, uint64_t first);
void		 ring_free(struct ring *r);
size_t		 ring_memory(size_t size);

/* Forget all lines, and give the next one that number. */
void		 ring_restart(struct ring *r, uint64_t next);

/*
 * How many bytes ring_append() is sure to take: 0 if no span is free, or if the
 * ring is held.
 */
size_t		 ring_space(const struct ring *r);

/*
 * Append whole lines of an author: len bytes with their LFs, at most
 * RING_APPEND_MAX, which are nlines lines. They are borrowed; the ring keeps a
 * copy. Returns false if there is no space, and then the author has to wait.
 */
bool		 ring_append(struct ring *r, uint64_t author, int64_t time,
		    const char *lines, size_t len, size_t nlines);

/* Make everything visible, or hold back what isn't visible yet. */
void		 ring_publish(struct ring *r);
void		 ring_hold(struct ring *r);

/*
 * Point iov at the bytes [from, to), which must be in the ring. Returns how
 * many pieces they are, one or two. They are valid until the next
 * ring_append().
 */
int		 ring_iov(const struct ring *r, uint64_t from, uint64_t to,
		    struct iovec iov[2]);

/* Whether a line starts at pos. */
bool		 ring_at_line(const struct ring *r, uint64_t pos);

/* Where the line ends that pos is in, after its LF. */
uint64_t	 ring_line_end(const struct ring *r, uint64_t pos);

/* The number of the line that starts at pos. */
uint64_t	 ring_number(const struct ring *r, uint64_t pos);

/* The position of a line: base if it is gone, head if it is yet to come. */
uint64_t	 ring_position(const struct ring *r, uint64_t number);

/* The number of the oldest line that is still here. */
uint64_t	 ring_oldest(const struct ring *r);

/* Which span, counted like span_first, has the byte at pos < head. */
uint64_t	 ring_span_at(const struct ring *r, uint64_t pos);
const struct ring_span	*ring_span(const struct ring *r, uint64_t i);
uint64_t	 ring_span_end(const struct ring *r, uint64_t i);

/* How many lines in [from, to) an author has said; both are starts of lines. */
uint64_t	 ring_count_author(const struct ring *r, uint64_t author,
		    uint64_t from, uint64_t to);

/*
 * To free a quarter of the ring's bytes or spans, whichever is short,
 * everything before ring_quarter() has to go. Readers that need it are moved on
 * to ring_middle(), where half of the ring ends. Both are starts of lines.
 * ring_release() forgets what is before pos.
 */
uint64_t	 ring_quarter(const struct ring *r);
uint64_t	 ring_middle(const struct ring *r);
void		 ring_release(struct ring *r, uint64_t pos);

#endif
