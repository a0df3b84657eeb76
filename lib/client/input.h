/*
 * Input: lines from a descriptor on their way into the room
 *
 * Each is checked before it is sent. One that the room wouldn't take is named
 * on standard error with its number, lines counting from 1, and left out; or,
 * if it is to be repaired, sent with U+FFFD in place of what offends and in
 * several lines if it's too long. A last line without its LF counts, too.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_READ	(128 * 1024)	/* most that is read at once, bytes */

struct link;

struct input {
	int		 fd;
	bool		 repair;
	bool		 eof;
	bool		 skip;		/* for line_cut() */
	bool		 inside;	/* the next bytes continue a line */
	char		*buf;
	size_t		 len;
	uint64_t	 lines;		/* of the input, until now */
	uint64_t	 refused;	/* of them, by us */
};

/* Read from fd, which stays the caller's. Returns 0, or -1 with errno. */
int	 input_init(struct input *in, int fd, bool repair);

/* Have a text instead, whose lines all end with LF. 0, or -1 with errno. */
int	 input_text(struct input *in, const char *text, bool repair);

void	 input_free(struct input *in);

/* Whether there's space to read more. */
bool	 input_wanted(const struct input *in);

/* Read once. Returns 0, or -1 with errno. */
int	 input_read(struct input *in);

/*
 * Hand lines to the link, as far as it has space for them. Returns true when
 * the last one is handed over.
 */
bool	 input_take(struct input *in, struct link *l);

#endif
