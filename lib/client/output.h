/*
 * Output: messages as lines on a descriptor
 *
 * They wait in an outbuf, so lines of several processes don't mix, unless they
 * are longer than PIPE_BUF. On a terminal, they are made safe to show (see
 * show.h) and broken into rows (see wrap.h).
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link.h"
#include "outbuf.h"
#include "stamp.h"

struct output {
	struct outbuf	 out;
	bool		 safe;		/* it is a terminal */
	bool		 raw;		/* lines stay as they are */
	const char	*format;	/* of a stamp before each; NULL: none */
	char		 stamp[STAMP_MAX + 1];
	size_t		 stamp_cols;	/* columns that it takes */
	bool		 json;		/* make objects of them, see json.h */
	bool		 named;		/* they begin with their speakers */
	int64_t		 time;		/* of the next line */
	uint64_t	 number;	/* of the next line */
};

/*
 * Write to fd, which stays the caller's: lines with a stamp of that format,
 * which is borrowed and good (see stamp.h), unless it is NULL, or objects, or
 * plain lines. Returns 0, or -1 with errno.
 */
int	 output_init(struct output *o, int fd, const char *format, bool json);
void	 output_free(struct output *o);

/* Whether there is space for the lines of one link_ready(). */
bool	 output_ready(const struct output *o);

/* Copy len bytes, whole lines with their LFs as a link_reader gets them. There
 * must be space: see output_ready(). */
void	 output_put(struct output *o, const char *lines, size_t len);

/* The lines that follow were said at that time, in seconds since 1970. */
void	 output_time(struct output *o, int64_t time);

/* As an object: n lines are missing here, or an unknown number. */
void	 output_lost(struct output *o, uint64_t n, bool counted);

/* Whether something isn't written yet. */
bool	 output_pending(const struct output *o);

/*
 * Write once, which may block: ask poll(2) first. Returns 0, or -1 with errno.
 */
int	 output_write(struct output *o);

#endif
