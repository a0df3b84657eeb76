/*
 * chatd/patience.h and flush.h: readers of any speed, for a long time
 */
#include <sys/socket.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "core/client.h"
#include "core/server.h"
#include "flush.h"
#include "intake.h"
#include "line.h"
#include "patience.h"
#include "room/ring.h"
#include "unit.h"

#define FIRST		1000	/* number of the room's first line */
#define READERS		7
#define LINES		60000	/* that are said */
#define SECOND		500	/* lines in each */
#define SOCKET_SIZE	4096	/* bytes that a socket holds, more or less */

/* The other end of a client's connection, and what it has heard. */
struct ear {
	struct client	*c;
	int		 fd;
	uint32_t	 greed;		/* most it reads in a round */
	char		 buf[65536];	/* a part of a line at its start */
	size_t		 len;
	uint64_t	 next;		/* said by "at"; 0 if it must be said */
	uint64_t	 last;		/* line it has heard */
	uint64_t	 heard;		/* lines */
	uint64_t	 lost;		/* lines, as it was told */
	uint64_t	 ok;
	int64_t		 time;
	uint64_t	 end;		/* number after its last line */
	bool		 bye;
};

static struct server server;
static uint8_t author_of[LINES];	/* 0 is nobody who is here */
static struct ear ears[READERS];

static uint64_t
author(uint64_t number)
{
	CHECK(number >= FIRST && number < server.ring->next);
	return author_of[number - FIRST];
}

static int64_t
second(uint64_t number)
{
	return (int64_t)(number / SECOND);
}

/* A client with the other end in *fd, whose socket holds little. */
static struct client *
new_client(uint64_t id, int *fd)
{
	struct sockaddr sa = { .sa_family = AF_UNIX };
	int pair[2], size = SOCKET_SIZE;
	struct client *c;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	CHECK(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size,
	    sizeof(size)) == 0);
	c = client_new(pair[0], &sa, NULL, id);
	CHECK(c != NULL);
	CHECK(fcntl(pair[1], F_SETFL, O_NONBLOCK) == 0);
	*fd = pair[1];
	c->state = CLIENT_TALKING;
	return c;
}

/* Patience says on standard error whom it moves: not here. */
static void
turn(struct server *s)
{
	int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);

	CHECK(saved != -1 && dup2(null, STDERR_FILENO) != -1);
	patience_enforce(s);
	CHECK(dup2(saved, STDERR_FILENO) != -1);
	close(saved);
	close(null);
}

/* The number that a message begins with. */
static void
hear_message(struct ear *e, const char *s)
{
	uint64_t n = strtoull(s, NULL, 10);

	CHECK(author(n) != e->c->id && n < e->end && !e->bye);
	CHECK_IN(n > e->last, "%llu after %llu", (unsigned long long)n,
	    (unsigned long long)e->last);
	if (!e->c->plain)
		CHECK_IN(n == e->next, "%llu, not %llu", (unsigned long long)n,
		    (unsigned long long)e->next);
	if (e->c->times)
		CHECK(e->time == second(n));
	e->last = n;
	e->next = n + 1;
	e->heard++;
}

static void
hear_control(struct ear *e, const char *s, size_t len)
{
	struct notice n;

	CHECK(notice_parse(&n, s, len));
	CHECK(!e->bye);
	switch (n.kind) {
	case NOTICE_AT:
		CHECK(!e->c->plain && n.n > e->last);
		e->next = n.n;
		break;
	case NOTICE_OK:
		CHECK(!e->c->plain && n.n > e->ok);
		e->ok = n.n;
		break;
	case NOTICE_LOST:
		CHECK(n.counted && n.n > 0);
		e->lost += n.n;
		e->next = 0;
		break;
	case NOTICE_TIME:
		CHECK(e->c->times && (int64_t)n.n != e->time);
		e->time = (int64_t)n.n;
		break;
	case NOTICE_ERROR:
		CHECK(!e->c->plain || n.n > 0);
		break;
	case NOTICE_BYE:
		e->bye = true;
		break;
	case NOTICE_UNKNOWN:
	case NOTICE_YOU:
	case NOTICE_HERE:
	case NOTICE_JOIN:
	case NOTICE_PART:
		CHECK_IN(false, "%.*s", (int)len, s);
	}
}

/* Read once, some; returns false if there was nothing. */
static bool
listen_some(struct ear *e)
{
	char *s = e->buf, *lf;
	ssize_t n = read(e->fd, e->buf + e->len, 1 + unit_random(e->greed));

	if (n <= 0)
		return false;
	e->len += (size_t)n;
	while ((lf = memchr(s, '\n', e->len)) != NULL) {
		CHECK(lf - s < LINE_SIZE);
		if (*s == CTL_MARK)
			hear_control(e, s + 1, (size_t)(lf - s) - 1);
		else
			hear_message(e, s);
		e->len -= (size_t)(lf + 1 - s);
		s = lf + 1;
	}
	memmove(e->buf, s, e->len);
	return true;
}

/* A few lines of one author, as intake would take them. */
static void
say(struct server *s)
{
	char buf[INTAKE_MIN], *p = buf;
	uint64_t id = unit_random(READERS + 3), n = s->ring->next;
	uint32_t i, lines = 1 + unit_random(20);
	size_t pad;

	if (id > READERS)
		id = 0;
	if (id > 0 && ((ears[id - 1].c->role & ROLE_SEND) == 0 ||
	    ears[id - 1].c->state == CLIENT_LEAVING))
		id = 0;
	for (i = 0; i < lines && n - FIRST < LINES; i++, n++) {
		if (i > 0 && second(n) != second(n - 1))
			break;
		pad = unit_random(50) == 0 ? unit_random(4000) :
		    unit_random(40);
		if ((size_t)(p - buf) + pad + 40 > sizeof(buf))
			break;
		p += sprintf(p, "%llu ", (unsigned long long)n);
		memset(p, 'x', pad);
		p += pad;
		*p++ = '\n';
		author_of[n - FIRST] = (uint8_t)id;
	}
	CHECK(ring_append(s->ring, id, second(s->ring->next), buf,
	    (size_t)(p - buf), i));
	if (id == 0)
		return;
	ears[id - 1].c->lines += i;
	ears[id - 1].c->authored = s->ring->head;
	if (unit_random(20) == 0)
		client_refuse(ears[id - 1].c, ++ears[id - 1].c->lines, "no");
}

static void
set_up(size_t size, bool lossless)
{
	static const enum role roles[] = { ROLE_RECV, ROLE_CHAT, ROLE_CHAT };
	struct ear *e;
	size_t i;

	server.ring = ring_new(size, FIRST);
	server.clients = calloc(READERS, sizeof(*server.clients));
	CHECK(server.ring != NULL && server.clients != NULL);
	server.nclients = READERS;
	server.full_since = CLOCK_NEVER;
	server.config.patience = 100;
	for (i = 0; i < READERS; i++) {
		e = &ears[i];
		e->c = new_client(i + 1, &e->fd);
		e->c->role = roles[i % 3];
		e->c->plain = i % 3 == 2;
		e->c->times = i == 0 || i == 4;
		e->c->needs_at = true;
		e->time = -1;
		e->end = FIRST + LINES;
		/* From a fast one to one that reads some bytes at a time. */
		e->greed = 65000u >> (lossless ? i : 2 * i);
		client_jump(e->c, server.ring, server.ring->head);
		server.clients[i] = e->c;
	}
}

static void
tear_down(void)
{
	size_t i;

	for (i = 0; i < READERS; i++) {
		close(ears[i].fd);
		client_free(ears[i].c);
	}
	ring_free(server.ring);
	free(server.clients);
}

static void
flush_all(struct server *s)
{
	struct client *c;
	size_t i;

	for (i = 0; i < s->nclients; i++) {
		c = s->clients[i];
		if (flush_pending(c, s->ring))
			flush_client(c, s->ring, NULL);
		if (c->state == CLIENT_LEAVING && !flush_pending(c, s->ring))
			c->cursor = CURSOR_NONE;	/* as the server */
	}
}

/* It gets what was said until now, and the end. */
static void
send_away(const struct server *s, struct ear *e)
{
	if (e->c->state == CLIENT_LEAVING)
		return;
	e->end = s->ring->next;
	client_bye(e->c, s->ring, s->ring->head, 0, BYE_CLOSING);
}

/* Until everybody has got everything, and the end. */
static void
finish(struct server *s)
{
	bool more = true;
	size_t i;

	for (i = 0; i < READERS; i++) {
		send_away(s, &ears[i]);
		ears[i].greed = 65000;
	}
	while (more) {
		flush_all(s);
		more = false;
		for (i = 0; i < READERS; i++)
			more = listen_some(&ears[i]) || more;
	}
}

/* Lines got and lines told lost are what the others have said. */
static void
check_ear(const struct ear *e, bool lossless)
{
	uint64_t n, others = 0;

	for (n = FIRST; n < e->end; n++)
		others += author(n) != e->c->id;
	CHECK_IN(e->heard + e->lost == others, "%llu: heard %llu, lost %llu",
	    (unsigned long long)e->c->id, (unsigned long long)e->heard,
	    (unsigned long long)e->lost);
	CHECK(!lossless || e->lost == 0);
	CHECK(e->bye && e->len == 0);
	if (!e->c->plain && (e->c->role & ROLE_SEND) != 0)
		CHECK(e->ok == e->c->lines);
}

static void
run(size_t size, bool lossless)
{
	struct server *s = &server;
	size_t i, lossy = 0;

	set_up(size, lossless);
	while (s->ring->next - FIRST < LINES) {
		s->now += unit_random(10);
		if (ring_space(s->ring) >= INTAKE_MIN)
			say(s);
		/* A slow reader, and a slower one that has lost lines. */
		if (s->ring->next - FIRST > LINES / 2)
			send_away(s, &ears[3]);
		if (s->ring->next - FIRST > LINES / 2 && ears[6].lost > 0)
			send_away(s, &ears[6]);
		/* A lossless room never loses its patience. */
		turn(s);
		if (lossless)
			s->full_since = CLOCK_NEVER;
		flush_all(s);
		for (i = 0; i < READERS; i++) {
			if (lossless || i == 0 || unit_random(3) == 0)
				(void)listen_some(&ears[i]);
		}
	}
	finish(s);
	for (i = 0; i < READERS; i++) {
		check_ear(&ears[i], lossless);
		lossy += ears[i].lost > 0;
	}
	CHECK(lossless || (lossy > 1 && ears[0].lost == 0));
	tear_down();
}

static void
slow_readers(void)
{
	run(RING_SIZE_MIN, false);
}

static void
slow_readers_large_room(void)
{
	run(4 * RING_SIZE_MIN, false);
}

static void
waiting(void)
{
	run(RING_SIZE_MIN, true);
}

const struct test patience_tests[] = {
	{ "nobody loses a line while the room waits", waiting },
	{ "heard and lost is exactly what others said", slow_readers },
	{ "the same in a larger room", slow_readers_large_room },
	{ NULL, NULL }
};
