/*
 * The wire: the socket between this node and the helper of its log
 */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

int
wire_init(struct wire *w)
{
	memset(w, 0, sizeof(*w));
	w->fd = -1;
	w->in = malloc(WIRE_READ);
	return w->in == NULL ? -1 : 0;
}

void
wire_free(struct wire *w)
{
	wire_close(w);
	free(w->in);
	free(w->out);
	w->in = w->out = NULL;
}

void
wire_attach(struct wire *w, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	wire_close(w);
	if (flags != -1)
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	w->fd = fd;
}

void
wire_close(struct wire *w)
{
	if (w->fd != -1)
		(void)close(w->fd);
	w->fd = -1;
	w->hung_up = false;
	w->done = w->inlen = 0;
	w->written = w->outlen = 0;
}

short
wire_events(const struct wire *w, bool space)
{
	return (short)((space && !w->hung_up ? POLLIN : 0) |
	    (w->written < w->outlen ? POLLOUT : 0));
}

static bool
is_later(int error)
{
	return error == EAGAIN || error == EINTR || error == ENOBUFS;
}

bool
wire_read(struct wire *w)
{
	ssize_t n;

	memmove(w->in, w->in + w->done, w->inlen - w->done);
	w->inlen -= w->done;
	w->done = 0;
	if (w->hung_up || w->inlen == WIRE_READ)
		return w->inlen > 0;
	n = recv(w->fd, w->in + w->inlen, WIRE_READ - w->inlen, 0);
	if (n > 0)
		w->inlen += (size_t)n;
	w->hung_up = n == 0 || (n == -1 && !is_later(errno));
	return !w->hung_up || w->inlen > 0;
}

ssize_t
wire_peek(const struct wire *w, struct logline *l)
{
	return logline_cut(l, LOGLINE_HELPER, w->in + w->done,
	    w->inlen - w->done);
}

void
wire_take(struct wire *w, size_t size)
{
	w->done += size;
}

int
wire_reserve(struct wire *w, size_t len)
{
	char *p;

	if (w->written > 0)
		memmove(w->out, w->out + w->written, w->outlen - w->written);
	w->outlen -= w->written;
	w->written = 0;
	if (w->outlen + len <= w->allocated)
		return 0;
	p = realloc(w->out, w->outlen + len);
	if (p == NULL)
		return -1;
	w->out = p;
	w->allocated = w->outlen + len;
	return 0;
}

static void
append(struct wire *w, const char *s, size_t len)
{
	memcpy(w->out + w->outlen, s, len);
	w->outlen += len;
}

int
wire_say(struct wire *w, const struct logline *l, const char *head,
    size_t headlen, const char *body)
{
	char line[LOGLINE_SIZE];
	size_t len = logline_format(line, l, LOGLINE_ROOM);

	if (w->fd == -1)
		return 0;
	if (wire_reserve(w, len + l->len) == -1)
		return -1;
	append(w, line, len);
	if (l->len > 0) {
		append(w, head, headlen);
		append(w, body, l->len - headlen);
	}
	return 0;
}

bool
wire_write(struct wire *w)
{
	ssize_t n;

	if (w->fd == -1 || w->written == w->outlen)
		return true;
	n = send(w->fd, w->out + w->written, w->outlen - w->written,
	    MSG_NOSIGNAL);
	if (n > 0)
		w->written += (size_t)n;
	return n >= 0 || is_later(errno);
}
