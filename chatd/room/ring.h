/*
 * The ring: what was said, kept once for everybody
 *
 * A ring buffer holds the lines exactly as readers get them. A second ring, of
 * spans, tells who said which of them, and when. A position is a number of
 * bytes: how many came before it in this ring. So positions only grow. Those
 * from base to head can be read, and base is always the start of a line. A
 * reader is a position and no more. The ring keeps no list of readers, and it
 * forgets lines only when ring_release() is called.
 *
 * With a store, readers see lines only once they are on disk, and three fields
 * say how far that has come. stored is set if there is a store; without one,
 * lines are visible at once. visible is the position up to which readers may
 * read. held is set while writing to the store fails: the ring then takes no
 * more lines, so senders wait, and the lines from visible to head stay until a
 * later write succeeds.
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
	uint64_t	 visible;	/* readers get the lines before it */
	bool		 stored;	/* lines go to a store first */
	bool		 held;		/* writing to the store fails */
	uint64_t	 first;		/* number of the first line ever */
	uint64_t	 next;		/* number of the next line */
	struct ring_span *spans;	/* a ring; span i is at i % nspans */
	size_t		 nspans;	/* how many spans there is space for */
	uint64_t	 span_first;	/* the oldest span in use */
	uint64_t	 span_end;	/* the span after the newest one */

	/* What a search by time knows: see ring_since(). */
	uint64_t	 sorted;	/* from this span on, no time is before
					   that of the span before it */
	int64_t		 forgotten;	/* the latest time of a line that isn't
					   in the ring; INT64_MIN: none */
};

/*
 * Make a ring for size bytes of lines, at least RING_SIZE_MIN. The first line
 * gets the number first. Free the ring with ring_free(). Returns NULL with
 * errno if memory is short.
 */
struct ring	*ring_new(size_t size, uint64_t first);
void		 ring_free(struct ring *r);

/* How many bytes of memory ring_new() allocates for a ring of that size. */
size_t		 ring_memory(size_t size);

/* Forget all lines, and give the next one that number. */
void		 ring_restart(struct ring *r, uint64_t next);

/* Lines that were said at that time are not in the ring. */
void		 ring_forget(struct ring *r, int64_t time);

/*
 * How many bytes ring_append() is sure to take. 0 if no span is free, or if
 * the ring is held.
 */
size_t		 ring_space(const struct ring *r);

/* Whether it is sure to take that many bytes, in so many calls of
 * ring_append(). */
bool		 ring_has(const struct ring *r, size_t bytes, size_t appends);

/*
 * Append whole lines that an author said at a time, in seconds since 1970: len
 * bytes, with LFs, at most RING_APPEND_MAX; nlines is the number of lines. The
 * ring copies them. Returns false if there is no space, and the author has to
 * wait.
 */
bool		 ring_append(struct ring *r, uint64_t author, int64_t time,
		    const char *lines, size_t len, size_t nlines);

/*
 * ring_publish() makes all lines visible, and the ring takes lines again.
 * ring_hold() makes the ring take none until then.
 */
void		 ring_publish(struct ring *r);
void		 ring_hold(struct ring *r);

/*
 * Point iov at the bytes [from, to), which must be in the ring. Returns how
 * many pieces these are: two if they cross the end of the buffer, none if from
 * is to. The pieces are valid until the next ring_append().
 */
int		 ring_iov(const struct ring *r, uint64_t from, uint64_t to,
		    struct iovec iov[2]);

/* Whether a line starts at pos, which is from base to head. */
bool		 ring_at_line(const struct ring *r, uint64_t pos);

/* The position after the LF of the line that has the byte at pos < head. */
uint64_t	 ring_line_end(const struct ring *r, uint64_t pos);

/* The number of the line that starts at pos; at head, the next line's. */
uint64_t	 ring_number(const struct ring *r, uint64_t pos);

/*
 * The position where a line starts: base if the ring has forgotten it, head if
 * nobody has said it yet.
 */
uint64_t	 ring_position(const struct ring *r, uint64_t number);

/* The number of the oldest line; if the ring is empty, the next line's. */
uint64_t	 ring_oldest(const struct ring *r);

/*
 * The position of the first line in the ring that was said at that time or
 * later; head if there is none. Takes logarithmic time, unless the clock was
 * set back: then all spans up to there are looked at one by one.
 */
uint64_t	 ring_since(const struct ring *r, int64_t time);

/*
 * ring_span_at() returns the span i, span_first <= i < span_end, that has the
 * byte at pos < head. ring_span() returns what the ring knows about span i, for
 * use until the next ring_append() or ring_release(). ring_span_end() returns
 * the position where span i ends.
 */
uint64_t	 ring_span_at(const struct ring *r, uint64_t pos);
const struct ring_span	*ring_span(const struct ring *r, uint64_t i);
uint64_t	 ring_span_end(const struct ring *r, uint64_t i);

/* How many of the lines in [from, to), both starts of lines, an author said. */
uint64_t	 ring_count_author(const struct ring *r, uint64_t author,
		    uint64_t from, uint64_t to);

/*
 * How a full ring evicts lines. Once the lines before ring_quarter() are
 * forgotten, a quarter of the bytes or of the spans, whichever ran short, is
 * free. Without a store, a reader that still needs one of them is moved on to
 * ring_middle(), half a ring on, so that it isn't in the way again at once.
 * Both return the start of a line. ring_release() forgets the lines before pos,
 * which must be the start of a line, too.
 */
uint64_t	 ring_quarter(const struct ring *r);
uint64_t	 ring_middle(const struct ring *r);
void		 ring_release(struct ring *r, uint64_t pos);

#endif
