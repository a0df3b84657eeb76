/*
 * A buffer of bytes that grows
 *
 * It is empty when all of it is zero. Where memory is short, an error ends the
 * program with status 2.
 */
#ifndef BUF_H
#define BUF_H

#include <stddef.h>

struct buf {
	char	*bytes;			/* NULL as long as it has had none */
	size_t	 len;			/* bytes in use */
	size_t	 size;			/* bytes allocated */
};

void	 buf_free(struct buf *b);

/*
 * Returns space for n more bytes, valid until the next call. The caller writes
 * there, and then adds to b->len what it has written.
 */
char	*buf_space(struct buf *b, size_t n);

/* Add a copy of len bytes, or of a string without its NUL. */
void	 buf_add(struct buf *b, const char *s, size_t len);
void	 buf_adds(struct buf *b, const char *s);

/* Drop the first n bytes. */
void	 buf_drop(struct buf *b, size_t n);

#endif
