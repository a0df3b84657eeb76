/*
 * Room: the socket to the room, and the log lines on it
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pollfd.h"
#include "room.h"

#define QUEUE_SIZE	(64 * 1024)	/* at first, and when little waits */

static int
set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags == -1 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int
room_init(struct room *r, int in, int out)
{
	memset(r, 0, sizeof(*r));
	r->in = in;
	r->out = out;
	return set_nonblocking(in) == -1 || set_nonblocking(out) == -1 ? -1 : 0;
}

void
room_free(struct room *r)
{
	free(r->queue);
	r->queue = NULL;
}

/* Without memory nothing of this can go on, and another helper begins anew. */
static char *
make_space(struct room *r, size_t n)
{
	size_t size = r->size == 0 ? QUEUE_SIZE : r->size;

	if (r->size - r->end >= n)
		return r->queue + r->end;
	r->end -= r->start;
	if (r->start > 0)
		memmove(r->queue, r->queue + r->start, r->end);
	r->start = 0;
	while (size - r->end < n)
		size *= 2;
	if (size > r->size) {
		r->queue = realloc(r->queue, size);
		if (r->queue == NULL)
			err(1, "what the room is to read");
		r->size = size;
	}
	return r->queue + r->end;
}

void
room_say(struct room *r, const struct logline *l)
{
	bool has_entry = l->kind == LOGLINE_GOT;
	char *p = make_space(r, LOGLINE_SIZE + (has_entry ? l->len : 0));
	size_t n = logline_format(p, l, LOGLINE_HELPER);

	if (has_entry) {
		memcpy(p + n, l->data, l->len);
		n += l->len;
	}
	r->end += n;
}

size_t
room_waiting(const struct room *r)
{
	return r->end - r->start;
}

bool
room_is_full(const struct room *r)
{
	return room_waiting(r) >= ROOM_FULL;
}

void
room_poll(const struct room *r, struct pollfd pfd[2])
{
	pollfd_set(&pfd[0], r->in, POLLIN);
	pollfd_set(&pfd[1], room_waiting(r) > 0 ? r->out : -1, POLLOUT);
}

void
room_read(struct room *r)
{
	ssize_t n;

	r->len -= r->used;
	if (r->used > 0)
		memmove(r->buf, r->buf + r->used, r->len);
	r->used = 0;
	n = read(r->in, r->buf + r->len, sizeof(r->buf) - r->len);
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
		r->ended = true;
	if (n > 0)
		r->len += (size_t)n;
}

/* A queue that was long once need not stay so. */
static void
shrink(struct room *r)
{
	r->start = r->end = 0;
	if (r->size > 8 * QUEUE_SIZE) {
		free(r->queue);
		r->queue = NULL;
		r->size = 0;
	}
}

void
room_write(struct room *r)
{
	ssize_t n;

	if (room_waiting(r) == 0 || r->ended)
		return;
	n = write(r->out, r->queue + r->start, room_waiting(r));
	if (n == -1 && errno != EAGAIN && errno != EINTR)
		r->ended = true;
	if (n > 0)
		r->start += (size_t)n;
	if (room_waiting(r) == 0)
		shrink(r);
}

int
room_next(struct room *r, struct logline *l)
{
	ssize_t n = logline_cut(l, LOGLINE_ROOM, r->buf + r->used,
	    r->len - r->used);

	if (n <= 0)
		return (int)n;
	r->used += (size_t)n;
	return 1;
}
