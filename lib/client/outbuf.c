/*
 * Outbuf: whole lines that wait to be written to a descriptor
 */
#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "outbuf.h"

int
outbuf_init(struct outbuf *b, int fd, size_t size)
{
	struct stat st;

	memset(b, 0, sizeof(*b));
	if (fstat(fd, &st) == -1)
		return -1;
	b->fd = fd;
	b->shared = !S_ISREG(st.st_mode) &&
	    (isatty(fd) == 1 || !S_ISCHR(st.st_mode));
	b->size = size;
	b->buf = malloc(size);
	return b->buf == NULL ? -1 : 0;
}

void
outbuf_free(struct outbuf *b)
{
	free(b->buf);
	b->buf = NULL;
}

size_t
outbuf_space(const struct outbuf *b)
{
	return b->size - (b->end - b->start);
}

/* Move what is pending to the beginning. */
static void
move_up(struct outbuf *b)
{
	b->end -= b->start;
	memmove(b->buf, b->buf + b->start, b->end);
	b->start = 0;
}

char *
outbuf_end(struct outbuf *b)
{
	if (b->start > 0)
		move_up(b);
	return b->buf + b->end;
}

void
outbuf_add(struct outbuf *b, size_t len)
{
	b->end += len;
}

void
outbuf_put(struct outbuf *b, const char *lines, size_t len)
{
	/* Only when it has to: many small pieces would be moved often. */
	if (len > b->size - b->end)
		move_up(b);
	memcpy(b->buf + b->end, lines, len);
	b->end += len;
}

bool
outbuf_pending(const struct outbuf *b)
{
	return b->start < b->end;
}

/* As many whole lines as fit into one write; one that doesn't is cut. */
static size_t
write_size(const struct outbuf *b)
{
	size_t len = b->end - b->start, n;

	if (!b->shared || len <= PIPE_BUF)
		return len;
	for (n = PIPE_BUF; n > 0 && b->buf[b->start + n - 1] != '\n'; n--)
		;
	return n > 0 ? n : PIPE_BUF;
}

int
outbuf_write(struct outbuf *b)
{
	ssize_t n;

	if (!outbuf_pending(b))
		return 0;
	n = write(b->fd, b->buf + b->start, write_size(b));
	if (n == -1)
		return errno == EINTR || errno == EAGAIN ? 0 : -1;
	b->start += (size_t)n;
	if (b->start == b->end)
		b->start = b->end = 0;
	return 0;
}
