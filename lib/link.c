/*
 * A client's connection to a room: the sending half and the receiving half
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "link.h"
#include "net.h"
#include "show.h"

/* Remember the first reason; returns false, for link_ready(). */
static bool __attribute__((format(printf, 2, 3)))
fail(struct link *l, const char *fmt, ...)
{
	va_list ap;

	if (l->why[0] == '\0') {
		va_start(ap, fmt);
		(void)vsnprintf(l->why, sizeof(l->why), fmt, ap);
		va_end(ap);
	}
	l->ended = true;
	return false;
}

int
link_open(struct link *l, const struct addr *a, const struct hello *h,
    const struct link_reader *reader, void *arg)
{
	const char *why = "";
	int fd;

	memset(l, 0, sizeof(*l));
	l->conn.fd = -1;
	l->hello = *h;
	l->reader = reader;
	l->arg = arg;
	l->greetlen = hello_format(l->greeting, h);
	l->buf = malloc(LINK_READ + LINE_KEEP);
	if (l->buf == NULL || sendq_init(&l->queue) == -1) {
		(void)fail(l, "%s", strerror(errno));
		goto out;
	}
	fd = net_connect(a, &why);
	if (fd == -1) {
		(void)fail(l, "%s", why);
		goto out;
	}
	if (conn_init(&l->conn, fd) == 0)
		return 0;
	(void)fail(l, "%s", strerror(errno));
	l->conn.fd = fd;
out:
	link_close(l);
	return -1;
}

void
link_close(struct link *l)
{
	if (l->conn.fd != -1)
		conn_close(&l->conn);
	sendq_free(&l->queue);
	free(l->buf);
	l->buf = NULL;
}

static bool
wants_write(const struct link *l)
{
	return !l->broken && (l->greetlen > 0 || l->queue.sent < l->queue.end);
}

static bool
wants_shutdown(const struct link *l)
{
	return l->finishing && !l->shut && !l->broken && !wants_write(l);
}

short
link_events(struct link *l, bool reading)
{
	l->reading = reading;
	return conn_events(&l->conn, reading, wants_write(l) ||
	    wants_shutdown(l));
}

const char *
link_why(const struct link *l)
{
	return l->why[0] == '\0' ? NULL : l->why;
}

/* A reason given by the room, as it may be shown. */
static bool
fail_bye(struct link *l, const struct notice *n)
{
	char shown[SHOW_GROWTH * 100];
	size_t len = n->textlen < 100 ? n->textlen : 100;

	len = show_text(shown, n->text, len);
	return fail(l, "the room closed the connection: %.*s", (int)len, shown);
}

static bool
take_notice(struct link *l, const char *s, size_t len)
{
	struct notice n;

	if (!notice_parse(&n, s, len))
		return fail(l, "not a chat room: it sent a bad control line");
	if (n.kind == NOTICE_AT || n.kind == NOTICE_OK)
		l->answered = true;
	if (n.kind == NOTICE_ERROR && n.n > l->queue.settled) {
		if (n.n > l->queue.lines)
			return fail(l, "the room refused a line that was "
			    "never sent");
		if (n.n > l->last_named) {
			l->last_named = n.n;
			l->named++;
		}
	}
	if (n.kind == NOTICE_BYE)
		return fail_bye(l, &n);
	/* The reader asks which line an error is about: it goes first. */
	l->reader->notice(l->arg, &n);
	if (n.kind != NOTICE_OK)
		return true;
	if (!sendq_settle(&l->queue, n.n))
		return fail(l, "the room settled lines that were never sent");
	if (n.n >= l->last_named) {
		l->refused += l->named;
		l->named = 0;
	}
	return true;
}

/*
 * How many of the len bytes at s are whole message lines, up to the next
 * control line or to what is unfinished. SIZE_MAX if a line is too long.
 */
static size_t
messages_size(const char *s, size_t len)
{
	size_t size = 0, end, limit;
	const char *mark = s;

	while ((mark = memchr(mark, CTL_MARK, (size_t)(s + len - mark))) !=
	    NULL && mark[-1] != '\n')
		mark++;
	if (mark != NULL)
		len = (size_t)(mark - s);
	/* From LF to LF in the longest leaps that lines may make. */
	while (size < len) {
		limit = len - size < LINE_SIZE ? len : size + LINE_SIZE;
		for (end = limit; end > size && s[end - 1] != '\n'; end--)
			;
		if (end == size)
			return limit - size == LINE_SIZE ? SIZE_MAX : size;
		size = end;
	}
	return size;
}

/* Hand out what the buffer has in whole lines, and keep the rest. */
static bool
take_lines(struct link *l)
{
	size_t done = 0, size;
	char *s, *lf;

	while (done < l->len) {
		s = l->buf + done;
		if (*s == CTL_MARK) {
			lf = memchr(s, '\n', l->len - done);
			if (lf == NULL && l->len - done < LINE_SIZE)
				break;
			if (lf == NULL || lf - s >= LINE_SIZE)
				return fail(l, "not a chat room: it sent an "
				    "endless control line");
			size = (size_t)(lf - s) + 1;
			if (!take_notice(l, s + 1, size - 2))
				return false;
		} else {
			size = messages_size(s, l->len - done);
			if (size == 0)
				break;
			if (size == SIZE_MAX)
				return fail(l, "not a chat room: it sent a "
				    "line of more than %d bytes", LINE_SIZE);
			/* What came before the answer isn't for our role. */
			if (l->answered && (l->hello.role & ROLE_RECV) != 0)
				l->reader->lines(l->arg, s, size);
		}
		done += size;
	}
	l->len -= done;
	memmove(l->buf, l->buf + done, l->len);
	return true;
}

/* The room has closed its half: was it the end that we asked for? */
static bool
take_end(struct link *l)
{
	l->ended = true;
	if (!l->answered)
		return fail(l, "not a chat room: it closed the connection "
		    "without an answer");
	if (!l->shut || l->queue.settled < l->queue.lines)
		return fail(l, "the room closed the connection");
	return false;
}

static bool
read_some(struct link *l)
{
	ssize_t n = conn_read(&l->conn, l->buf + l->len, LINK_READ);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n == -1)
		return fail(l, "%s", strerror(errno));
	if (n == 0)
		return take_end(l);
	l->len += (size_t)n;
	return take_lines(l);
}

/* If it fails for good, reading tells why, after all that the room said. */
static void
write_some(struct link *l)
{
	struct iovec iov[3];
	size_t greeted;
	ssize_t n;
	int i = 0;

	if (l->greetlen > 0) {
		iov[0].iov_base = l->greeting;
		iov[0].iov_len = l->greetlen;
		i = 1;
	}
	i += sendq_iov(&l->queue, iov + i);
	n = conn_writev(&l->conn, iov, i);
	if (n == -1) {
		l->broken = errno != EAGAIN && errno != EINTR;
		return;
	}
	greeted = (size_t)n < l->greetlen ? (size_t)n : l->greetlen;
	l->greetlen -= greeted;
	memmove(l->greeting, l->greeting + greeted, l->greetlen);
	sendq_wrote(&l->queue, (size_t)n - greeted);
}

bool
link_ready(struct link *l, short revents)
{
	if (l->ended)
		return false;
	/*
	 * Data may still be there after a hangup: let read say. But poll tells
	 * of hangups unasked, also when there's no space for the data.
	 */
	if (l->reading && (revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
	    !read_some(l))
		return false;
	if (wants_write(l))
		write_some(l);
	if (wants_shutdown(l)) {
		l->shut = conn_shutdown(&l->conn) == 0;
		l->broken = !l->shut;
	}
	return true;
}

bool
link_say(struct link *l, const char *prefix, size_t prefixlen,
    const char *text, size_t len, uint64_t input)
{
	return sendq_put(&l->queue, prefix, prefixlen, text, len, input);
}

bool
link_say_lines(struct link *l, const char *lines, size_t len, size_t n,
    uint64_t input)
{
	return sendq_put_lines(&l->queue, lines, len, n, input);
}

void
link_finish(struct link *l)
{
	l->finishing = true;
}
