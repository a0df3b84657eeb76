/*
 * The lines on their way to a room, kept until the room has settled them
 *
 * The fields acked <= sent <= end are positions in the stream of all bytes that
 * were ever queued, and only grow. The bytes from acked to end are in buf, a
 * ring. Lines are numbered from 1, as the room counts them; for error messages,
 * the queue also knows which line of the input each of them was.
 */
#ifndef SENDQ_H
#define SENDQ_H

#include <sys/uio.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SENDQ_SIZE	(1024 * 1024)	/* bytes of unsettled lines at most */
#define SENDQ_RUNS	1024		/* runs at most: see struct sendq_run */

/* From the line first on, up to the next run, line n was line n + shift of the
 * input. A new run begins where a line of the input was left out, or became
 * several. */
struct sendq_run {
	uint64_t	 first;
	int64_t		 shift;
};

struct sendq {
	char		*buf;		/* SENDQ_SIZE bytes */
	uint64_t	 acked;		/* all bytes before it are settled */
	uint64_t	 sent;		/* all bytes before it are written */
	uint64_t	 end;		/* all bytes before it are queued */
	uint64_t	 settled;	/* lines that the room has settled */
	uint64_t	 lines;		/* lines that were queued */
	struct sendq_run *runs;		/* SENDQ_RUNS of them, in a ring */
	uint64_t	 run_first;	/* the first run in use */
	uint64_t	 run_end;	/* the one after the last in use */
};

/* Allocate the queue. Returns 0, or -1 with errno. */
int	 sendq_init(struct sendq *q);
void	 sendq_free(struct sendq *q);

/*
 * Queue a line that consists of prefix, text and an LF, and was line number
 * input of the input. The text is copied. Returns false if there is no space
 * now.
 */
bool	 sendq_put(struct sendq *q, const char *prefix, size_t prefixlen,
	    const char *text, size_t len, uint64_t input);

/*
 * Queue n whole lines, of len bytes with their LFs. The first of them was line
 * number input of the input. Returns false if there is no space now.
 */
bool	 sendq_put_lines(struct sendq *q, const char *lines, size_t len,
	    size_t n, uint64_t input);

/* Whether sendq_put() would take a line of LINE_SIZE bytes. */
bool	 sendq_has_space(const struct sendq *q);

/* Point iov to the bytes to write next. Returns how many pieces there are, 0 to
 * 2: there are 2 where the ring wraps. */
int	 sendq_iov(const struct sendq *q, struct iovec iov[2]);

/* The first n bytes of these were written. */
void	 sendq_wrote(struct sendq *q, size_t n);

/* How many lines are written to their end, and not settled. */
uint64_t sendq_written(const struct sendq *q);

/* Write everything again that isn't settled: the connection is another. */
void	 sendq_again(struct sendq *q);

/*
 * Remove the name from every line that isn't settled. Each begins with the n
 * bytes of prefix, "NAME: ", or else with "* NAME ", of which "* " stays.
 * Nothing of a line may have been written on the present connection.
 */
void	 sendq_strip(struct sendq *q, const char *prefix, size_t n);

/* Whether the bytes written so far end with a whole line. */
bool	 sendq_at_line(const struct sendq *q);

/*
 * The room has settled that many lines in all. Returns false, and changes
 * nothing, if that can't be: they are fewer than before, or were not yet
 * written.
 */
bool	 sendq_settle(struct sendq *q, uint64_t lines);

/* The number in the input of this line, which must not be settled yet. */
uint64_t sendq_input(const struct sendq *q, uint64_t line);

#endif
