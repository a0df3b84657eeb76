/*
 * Output: messages as lines on a descriptor
 *
 * Where several processes may write to what fd leads to, each write has whole
 * lines and at most PIPE_BUF bytes: POSIX makes such a write to a pipe atomic,
 * so lines never mix. On a terminal, lines are made safe to show (see show.h)
 * and broken into rows (see wrap.h).
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "link.h"

struct output {
	int		 fd;
	bool		 shared;	/* writes of at most PIPE_BUF bytes */
	bool		 safe;		/* fd is a terminal */
	bool		 times;		/* put a stamp before every line */
	char		 stamp[CLOCK_STAMP];
	char		*buf;
	size_t		 size;		/* of buf */
	size_t		 start;		/* of what isn't written yet */
	size_t		 end;		/* of what is in buf */
};

/* Write to fd, which stays the caller's. Returns 0, or -1 with errno. */
int	 output_init(struct output *o, int fd, bool times);
void	 output_free(struct output *o);

/* Whether there is space for the lines of one link_ready(). */
bool	 output_ready(const struct output *o);

/* Copy len bytes, whole lines with their LFs as a link_reader gets them. There
 * must be space: see output_ready(). */
void	 output_put(struct output *o, const char *lines, size_t len);

/* The lines that follow were said at that time, in seconds since 1970. */
void	 output_time(struct output *o, int64_t time);

/* Whether something isn't written yet. */
bool	 output_pending(const struct output *o);

/*
 * Write once, which may block: ask poll(2) first. Returns 0, or -1 with errno.
 */
int	 output_write(struct output *o);

#endif
