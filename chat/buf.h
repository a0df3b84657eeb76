/*
 * A buffer of bytes that grows
 */
#ifndef BUF_H
#define BUF_H

#include <stddef.h>

struct buf {
	char	*bytes;			/* NULL as long as it has had none */
	size_t	 len;
	size_t	 size;
};

void	 buf_free(struct buf *b);

/*
 * Space for n more bytes, to be written to before b->len grows by as many. The
 * program ends if there's no memory.
 */
char	*buf_space(struct buf *b, size_t n);

void	 buf_add(struct buf *b, const char *s, size_t len);
void	 buf_adds(struct buf *b, const char *s);

/* Drop the first n bytes. */
void	 buf_drop(struct buf *b, size_t n);

#endif
