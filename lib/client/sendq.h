/*
 * The lines on their way to a room, kept until the room has settled them
 *
 *	acked <= sent <= end
 *
 * are positions in the stream of all bytes put in; they only grow. What lies
 * from acked to end is in the queue. Lines are numbered from 1, as the room
 * counts them, and remember which line of the input they came from.
 */
#ifndef SENDQ_H
#define SENDQ_H

#include <sys/uio.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SENDQ_SIZE	(1024 * 1024)	/* bytes of unsettled lines at most */
#define SENDQ_RUNS	1024		/* changes of numbering at most */

/* From line first on, input line = line + shift. */
struct sendq_run {
	uint64_t	 first;
	int64_t		 shift;
};

struct sendq {
	char		*buf;		/* SENDQ_SIZE bytes */
	uint64_t	 acked;		/* everything before is settled */
	uint64_t	 sent;		/* everything before was written */
	uint64_t	 end;		/* everything before was put in */
	uint64_t	 settled;	/* lines the room has settled */
	uint64_t	 lines;		/* lines put in */
	struct sendq_run *runs;		/* SENDQ_RUNS of them, in a ring */
	uint64_t	 run_first;	/* runs from here ... */
	uint64_t	 run_end;	/* ... to before here are in use */
};

/* 0, or -1 with errno. */
int	 sendq_init(struct sendq *q);
void	 sendq_free(struct sendq *q);

/*
 * Put in a line, prefix and text and an LF, which came from that line of the
 * input. Returns false if there is no space for it now.
 */
bool	 sendq_put(struct sendq *q, const char *prefix, size_t prefixlen,
	    const char *text, size_t len, uint64_t input);

/*
 * Put in n whole lines, len bytes with their LFs, which came from that line of
 * the input and those after it.
 */
bool	 sendq_put_lines(struct sendq *q, const char *lines, size_t len,
	    size_t n, uint64_t input);

/* Whether sendq_put() is sure to take a line of LINE_SIZE. */
bool	 sendq_has_space(const struct sendq *q);

/* What is to be written next, in 0 to 2 pieces; returns how many. */
int	 sendq_iov(const struct sendq *q, struct iovec iov[2]);

/* That many bytes of it were written. */
void	 sendq_wrote(struct sendq *q, size_t n);

/* How many lines were written whole and aren't settled. */
uint64_t sendq_written(const struct sendq *q);

/* Everything that isn't settled is to be written again. */
void	 sendq_again(struct sendq *q);

/*
 * Take the first n bytes away from every line that isn't settled. Each has so
 * many, and more of it was written only on a connection that is over.
 */
void	 sendq_strip(struct sendq *q, size_t n);

/* Whether what was written ends with a line. */
bool	 sendq_at_line(const struct sendq *q);

/*
 * The room has settled that many lines. Returns false if that can't be: fewer
 * than before, or lines not yet sent whole.
 */
bool	 sendq_settle(struct sendq *q, uint64_t lines);

/* Which line of the input became this line, which must not be settled yet. */
uint64_t sendq_input(const struct sendq *q, uint64_t line);

#endif
