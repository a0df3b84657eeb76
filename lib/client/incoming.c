/*
 * Incoming: what a room sends, cut into messages and control lines
 */
#include <stdlib.h>
#include <string.h>

#include "conn.h"
#include "ctl.h"
#include "incoming.h"
#include "line.h"

int
incoming_init(struct incoming *in)
{
	incoming_reset(in);
	in->buf = malloc(INCOMING_READ + MESSAGE_SIZE);
	return in->buf == NULL ? -1 : 0;
}

void
incoming_free(struct incoming *in)
{
	free(in->buf);
	in->buf = NULL;
}

void
incoming_reset(struct incoming *in)
{
	in->start = in->end = 0;
}

bool
incoming_is_empty(const struct incoming *in)
{
	return in->start == in->end;
}

ssize_t
incoming_read(struct incoming *in, struct conn *c)
{
	ssize_t n;

	in->end -= in->start;
	memmove(in->buf, in->buf + in->start, in->end);
	in->start = 0;
	n = conn_read(c, in->buf + in->end, INCOMING_READ);
	if (n > 0)
		in->end += (size_t)n;
	return n;
}

static enum incoming_kind
next_control(struct incoming *in, const char **s, size_t *len)
{
	size_t left = in->end - in->start;
	const char *lf;

	*s = in->buf + in->start;
	lf = memchr(*s, '\n', left < LINE_SIZE ? left : LINE_SIZE);
	if (lf == NULL)
		return left < LINE_SIZE ? INCOMING_NOTHING : INCOMING_ENDLESS;
	in->start += (size_t)(lf - *s) + 1;
	*len = (size_t)(lf - *s) - 1;
	++*s;
	return INCOMING_CONTROL;
}

/* Where the messages at s end at the latest: a control line begins there. */
static size_t
before_control(const char *s, size_t len)
{
	const char *mark = s;

	while ((mark = memchr(mark, CTL_MARK, (size_t)(s + len - mark))) !=
	    NULL) {
		if (mark[-1] == '\n')
			return (size_t)(mark - s);
		mark++;
	}
	return len;
}

/* From LF to LF in the longest leaps that lines may make. */
static enum incoming_kind
next_lines(struct incoming *in, const char **s, size_t *len)
{
	size_t size = 0, end, limit, left;

	*s = in->buf + in->start;
	left = before_control(*s, in->end - in->start);
	for (; size < left; size = end) {
		limit = left - size < MESSAGE_SIZE ? left :
		    size + MESSAGE_SIZE;
		for (end = limit; end > size && (*s)[end - 1] != '\n'; end--)
			;
		if (end == size)
			break;
	}
	in->start += size;
	*len = size;
	if (size > 0)
		return INCOMING_LINES;
	return left < MESSAGE_SIZE ? INCOMING_NOTHING : INCOMING_ENDLESS;
}

enum incoming_kind
incoming_next(struct incoming *in, const char **s, size_t *len)
{
	if (incoming_is_empty(in))
		return INCOMING_NOTHING;
	if (in->buf[in->start] == CTL_MARK)
		return next_control(in, s, len);
	return next_lines(in, s, len);
}
