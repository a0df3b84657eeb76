/*
 * Outbuf: whole lines that wait to be written to a descriptor
 *
 * Where several processes may write to what fd leads to, or where it may take
 * less than was asked for, each write has whole lines and at most PIPE_BUF
 * bytes: POSIX makes such a write to a pipe atomic, and doesn't let it block
 * once poll(2) has said that it can be made.
 */
#ifndef OUTBUF_H
#define OUTBUF_H

#include <stdbool.h>
#include <stddef.h>

struct outbuf {
	int		 fd;
	bool		 shared;	/* writes of at most PIPE_BUF bytes */
	char		*buf;
	size_t		 size;		/* of buf, in bytes */
	size_t		 start;		/* of what isn't written yet */
	size_t		 end;		/* of what is in buf */
};

/* Write to fd, which stays the caller's, by way of size bytes of memory.
 * Returns 0, or -1 with errno. */
int	 outbuf_init(struct outbuf *b, int fd, size_t size);
void	 outbuf_free(struct outbuf *b);

/* How many more bytes fit. */
size_t	 outbuf_space(const struct outbuf *b);

/*
 * Where the next bytes of lines go: the space in one piece. They are pending
 * once outbuf_add() has been told how many have been put there; lines have to
 * be whole by then.
 */
char	*outbuf_end(struct outbuf *b);
void	 outbuf_add(struct outbuf *b, size_t len);

/* Copy len bytes, whole lines with their LFs, for which there must be space. */
void	 outbuf_put(struct outbuf *b, const char *lines, size_t len);

/* Whether something isn't written yet. */
bool	 outbuf_pending(const struct outbuf *b);

/* Write once, which may block: ask poll(2) first. Returns 0, or -1 with errno.
 */
int	 outbuf_write(struct outbuf *b);

#endif
