/*
 * Output: messages as lines on a descriptor
 *
 * Only whole lines are written. Where several writers may share what fd leads
 * to, a write has at most PIPE_BUF bytes, so that a pipe never mixes them. On a
 * terminal a line is made safe to show, and broken into rows (see rows.h).
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
	bool		 shared;	/* no more than PIPE_BUF in a write */
	bool		 safe;		/* a terminal: for people to see */
	bool		 times;		/* a time before every line */
	char		 stamp[CLOCK_STAMP];
	char		*buf;
	size_t		 size;		/* of buf */
	size_t		 start;		/* what isn't written yet ... */
	size_t		 end;		/* ... is from start to end */
};

/* Write to fd, which stays the caller's. Returns 0, or -1 with errno. */
int	 output_init(struct output *o, int fd, bool times);
void	 output_free(struct output *o);

/* Whether output_put() has space for what one read of a link brings. */
bool	 output_ready(const struct output *o);

/* Take len bytes, whole lines with their LFs, no more than a read brings. */
void	 output_put(struct output *o, const char *lines, size_t len);

/* The lines to come were said at that second since 1970. */
void	 output_time(struct output *o, int64_t time);

bool	 output_pending(const struct output *o);

/* Write some; not to block, ask poll(2) first. 0, or -1 with errno. */
int	 output_write(struct output *o);

#endif
