/*
 * A buffer of bytes that grows
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

#define BUF_FIRST	1024

void
buf_free(struct buf *b)
{
	free(b->bytes);
	memset(b, 0, sizeof(*b));
}

char *
buf_space(struct buf *b, size_t n)
{
	size_t size = b->size == 0 ? BUF_FIRST : b->size;
	char *bytes;

	while (size - b->len < n)
		size *= 2;
	if (size > b->size) {
		bytes = realloc(b->bytes, size);
		if (bytes == NULL)
			err(2, NULL);
		b->bytes = bytes;
		b->size = size;
	}
	return b->bytes + b->len;
}

void
buf_add(struct buf *b, const char *s, size_t len)
{
	if (len == 0)
		return;
	memcpy(buf_space(b, len), s, len);
	b->len += len;
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n == 0)
		return;
	b->len -= n;
	memmove(b->bytes, b->bytes + n, b->len);
}
