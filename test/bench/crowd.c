/*
 * A crowd of clients in one process, and what they hear
 */
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <err.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crowd.h"
#include "proc.h"

#define GREETING	"\001recv\n"

enum {
	HEAR_MAX	= 256 * 1024,	/* more than a room writes at once */
	JOIN_AT_ONCE	= 50	/* a room may limit unfinished handshakes */
};

#define ANSWER_MS	10000
#define GIVE_UP		10000000000	/* ns without a byte: lines are lost */

/* The same log line again and again: nobody looks at it. */
void
lines_fill(char *buf, size_t lines)
{
	static const char line[] = "Jan 01 00:00:00 host httpd[123]: "
	    "192.0.2.17 GET /index.html 200 5120 byte 12 ms\n";
	size_t i;

	_Static_assert(sizeof(line) == LINE_BYTES + 1, "length of a line");
	for (i = 0; i < lines; i++)
		memcpy(buf + i * LINE_BYTES, line, LINE_BYTES);
}

/* Never anywhere but here: a load generator is no toy for other hosts. */
int
room_connect(uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd, on = 1;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons(port);
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == -1)
		err(2, "127.0.0.1:%u", (unsigned)port);
	return fd;
}

/* It is known to be a room with keys: no other answer is looked for. */
void
room_secure(struct conn *c, struct tls_context *tls)
{
	if (conn_secure(c, tls) == -1 || conn_start_reading(c) == -1)
		err(2, "TLS");
}

void
crowd_init(struct crowd *c, size_t size, struct tls_context *tls)
{
	*c = (struct crowd){ .tls = tls };
	if ((c->pfd = calloc(size, sizeof(*c->pfd))) == NULL ||
	    (c->conn = calloc(size, sizeof(*c->conn))) == NULL ||
	    (c->buf = malloc(HEAR_MAX)) == NULL)
		err(2, "malloc");
}

static void
wait_for(const struct conn *c, short events)
{
	struct pollfd pfd = { .fd = c->fd, .events = events };

	if (poll(&pfd, 1, ANSWER_MS) != 1)
		errx(2, "the room does not answer");
}

static size_t
hear_first(struct conn *c, char *buf, size_t size)
{
	ssize_t n;

	while ((n = conn_read(c, buf, size)) == -1 && errno == EAGAIN)
		wait_for(c, POLLIN);
	if (n <= 0)
		errx(2, "a reader was not let in");
	return (size_t)n;
}

/* Wait until those from first on were greeted back: they are readers now. */
static void
wait_ready(struct crowd *c, size_t first)
{
	char at[64];
	size_t n;

	for (; first < c->size; first++) {
		n = hear_first(&c->conn[first], at, sizeof(at));
		if (at[0] != GREETING[0] || at[n - 1] != '\n')
			errx(2, "a reader was not let in");
	}
}

static void
do_handshake(struct conn *c, struct tls_context *tls)
{
	enum tls_step step;

	room_secure(c, tls);
	while ((step = conn_handshake(c)) == TLS_GOES_ON)
		wait_for(c, conn_events(c, true, false));
	if (step != TLS_DONE)
		errx(2, "%s", conn_why(c));
}

static struct conn *
add(struct crowd *c, uint16_t port)
{
	struct conn *new = &c->conn[c->size];
	int fd = room_connect(port);

	if (conn_init(new, fd) == -1)
		err(2, "127.0.0.1:%u", (unsigned)port);
	if (c->tls != NULL)
		do_handshake(new, c->tls);
	c->pfd[c->size++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return new;
}

/* Far less than a socket's buffer: this does not wait. */
static void
say(struct conn *c, const void *buf, size_t len)
{
	struct iovec iov = { (void *)(uintptr_t)buf, len };

	if (conn_writev(c, &iov, 1) != (ssize_t)len || conn_unsent(c))
		errx(2, "send: %s", conn_why(c));
}

/* All readers come before the first sender. */
void
crowd_listen(struct crowd *c, uint16_t port, size_t readers)
{
	size_t first = c->size;

	c->readers += readers;
	while (c->size < c->readers) {
		say(add(c, port), GREETING, strlen(GREETING));
		if (c->size - first < JOIN_AT_ONCE && c->size < c->readers)
			continue;
		wait_ready(c, first);
		first = c->size;
	}
}

/*
 * Returns whether somebody has something to hear. A crowd never sleeps: what
 * a room pays to wake its readers varies wildly, and is the same whoever
 * writes. Where there is but one core, the room gets it.
 */
bool
crowd_poll(struct crowd *c)
{
	int n;

	if ((n = poll(c->pfd, (nfds_t)c->size, 0)) == -1)
		err(2, "poll");
	if (n == 0)
		sched_yield();
	return n > 0;
}

/* What one client hears, in one read, if it needs no more for all of it. */
size_t
crowd_hear(struct crowd *c, size_t i)
{
	size_t heard = 0;
	ssize_t n;

	do {
		n = conn_read(&c->conn[i], c->buf, HEAR_MAX);
		if (n == -1 && errno == EAGAIN)
			break;
		if (n <= 0)
			errx(2, "the room closed a connection");
		heard += (size_t)n;
	} while (conn_more(&c->conn[i]));
	c->heard += heard;
	c->reads += heard > 0;
	return heard;
}

/* Hear until the crowd has heard that many bytes. */
void
crowd_hear_until(struct crowd *c, uint64_t heard)
{
	uint64_t last = clock_ns();
	size_t i;

	while (c->heard < heard) {
		if (crowd_poll(c))
			last = clock_ns();
		else if (clock_ns() - last > GIVE_UP)
			errx(2, "lines did not arrive");
		for (i = 0; i < c->size; i++)
			if (c->pfd[i].revents != 0)
				crowd_hear(c, i);
	}
}

/* Nothing that was said may be missing, nor anything else be there. */
void
crowd_hear_all(struct crowd *c, uint64_t heard)
{
	crowd_hear_until(c, heard);
	if (c->heard != heard)
		errx(2, "more arrived than was said");
}

void
crowd_say(struct crowd *c, size_t i, const char *lines, size_t n)
{
	say(&c->conn[i], lines, n * LINE_BYTES);
}

/*
 * Senders know nothing of protocols: they are plain once they have said a
 * line. One after the other, so that each is in before the next one talks.
 */
void
crowd_join(struct crowd *c, uint16_t port, size_t senders)
{
	char line[LINE_BYTES];

	lines_fill(line, 1);
	for (; senders > 0; senders--) {
		add(c, port);
		crowd_say(c, c->size - 1, line, 1);
		crowd_hear_all(c, c->heard + (c->size - 1) * LINE_BYTES);
	}
}

void
crowd_free(struct crowd *c)
{
	while (c->size > 0)
		conn_close(&c->conn[--c->size]);
	free(c->conn);
	free(c->pfd);
	free(c->buf);
}
