/*
 * Input: lines from a descriptor on their way into the room
 *
 * Each line is checked before it is sent. A line that the room would refuse is
 * reported on standard error, with its number from 1, and left out. With
 * repair, it is sent instead: with U+FFFD in place of what is wrong, and in
 * several lines if it is too long. A last line needs no LF.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_READ	(128 * 1024)	/* most that is read at once, bytes */

struct link;

/*
 * Somebody who may also give control lines, and is told what is refused instead
 * of standard error. From them a last line needs an LF: without one it was cut,
 * and is refused.
 */
struct input_talker {
	/* Whether the others can be called now, for one line. */
	bool	(*ready)(void *arg);
	/* This line is left out, or a control line if line is 0; reason is
	 * valid until the call returns. */
	void	(*refused)(void *arg, uint64_t line, const char *reason);
	/* A control line, which doesn't count as a line, of len bytes without
	 * its SOH and LF. It may have any bytes. */
	void	(*control)(void *arg, const char *s, size_t len);
};

struct input {
	int		 fd;
	bool		 repair;
	bool		 eof;		/* no more will be read */
	bool		 skip;		/* for line_cut() */
	bool		 inside;	/* the next bytes continue a line */
	char		*buf;
	size_t		 len;		/* bytes in buf, not handed over */
	uint64_t	 lines;		/* lines of the input until now */
	uint64_t	 refused;	/* of these, lines that were left out */
	const struct input_talker *talker; /* or NULL; borrowed */
	void		*arg;		/* for its functions */
};

/* Read from fd, which stays the caller's. Returns 0, or -1 with errno. */
int	 input_init(struct input *in, int fd, bool repair);

/* Take a copy of text, whose lines all end with LF, as the input. Returns 0, or
 * -1 with errno. */
int	 input_text(struct input *in, const char *text, bool repair);

/* The lines come from such a one, whose functions get arg. Not with repair. */
void	 input_listen(struct input *in, const struct input_talker *talker,
	    void *arg);

void	 input_free(struct input *in);

/* Whether there is more to read, and space for it. */
bool	 input_wanted(const struct input *in);

/*
 * Read once, which may block: ask poll(2) first. Returns 0, or -1 with errno.
 */
int	 input_read(struct input *in);

/*
 * Hand lines to the link, as far as it has space. Returns true once all of the
 * input is handed over.
 */
bool	 input_take(struct input *in, struct link *l);

#endif
