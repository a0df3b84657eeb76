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

void
crowd_init(struct crowd *c, size_t size)
{
	*c = (struct crowd){ .size = 0 };
	if ((c->pfd = calloc(size, sizeof(*c->pfd))) == NULL ||
	    (c->buf = malloc(HEAR_MAX)) == NULL)
		err(2, "malloc");
}

/* Wait until those from first on were greeted back: they are readers now. */
static void
wait_ready(struct crowd *c, size_t first)
{
	char at[64];
	ssize_t n;

	for (; first < c->size; first++) {
		n = recv(c->pfd[first].fd, at, sizeof(at), 0);
		if (n <= 0 || at[0] != GREETING[0] || at[n - 1] != '\n')
			errx(2, "a reader was not let in");
	}
}

static int
add(struct crowd *c, uint16_t port)
{
	int fd = room_connect(port);

	c->pfd[c->size++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return fd;
}

/* All readers come before the first sender. */
void
crowd_listen(struct crowd *c, uint16_t port, size_t readers)
{
	size_t first = c->size;

	c->readers += readers;
	while (c->size < c->readers) {
		if (send(add(c, port), GREETING, strlen(GREETING), 0) == -1)
			err(2, "send");
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

/* What one client hears, in one read. */
size_t
crowd_hear(struct crowd *c, size_t i)
{
	ssize_t n;

	n = recv(c->pfd[i].fd, c->buf, HEAR_MAX, MSG_DONTWAIT);
	if (n == -1 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		errx(2, "the room closed a connection");
	c->heard += (uint64_t)n;
	c->reads++;
	return (size_t)n;
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
	/* Far less than a socket's buffer: this does not wait. */
	if (send(c->pfd[i].fd, lines, n * LINE_BYTES, 0) !=
	    (ssize_t)(n * LINE_BYTES))
		err(2, "send");
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
		close(c->pfd[--c->size].fd);
	free(c->pfd);
	free(c->buf);
}
