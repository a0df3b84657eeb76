/*
 * chatd/flush.h and patience.h: what readers get, and what they lose
 */
#include <sys/socket.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"
#include "flush.h"
#include "intake.h"
#include "line.h"
#include "patience.h"
#include "room.h"
#include "server.h"
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
	CHECK(number >= FIRST && number < server.room->next);
	return author_of[number - FIRST];
}

static int64_t
second(uint64_t number)
{
	return (int64_t)(number / SECOND);
}

/* A client with the other end in *fd, whose socket holds little of size. */
static struct client *
new_client_of(uint64_t id, int *fd, int size)
{
	struct sockaddr sa = { .sa_family = AF_UNIX };
	struct client *c;
	int pair[2];

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

static struct client *
new_client(uint64_t id, int *fd)
{
	return new_client_of(id, fd, SOCKET_SIZE);
}

/* Patience says on standard error whom it moves: not here. */
static void
turn(struct server *s)
{
	int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);

	CHECK(saved != -1 && dup2(null, STDERR_FILENO) != -1);
	patience_turn(s);
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
	uint64_t id = unit_random(READERS + 3), n = s->room->next;
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
	CHECK(room_append(s->room, id, second(s->room->next), buf,
	    (size_t)(p - buf), i));
	if (id == 0)
		return;
	ears[id - 1].c->lines += i;
	ears[id - 1].c->authored = s->room->head;
	if (unit_random(20) == 0)
		client_refuse(ears[id - 1].c, ++ears[id - 1].c->lines, "no");
}

static void
set_up(size_t size, bool lossless)
{
	static const enum role roles[] = { ROLE_RECV, ROLE_CHAT, ROLE_CHAT };
	struct ear *e;
	size_t i;

	server.room = room_new(size, FIRST);
	server.clients = calloc(READERS, sizeof(*server.clients));
	CHECK(server.room != NULL && server.clients != NULL);
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
		client_jump(e->c, server.room, server.room->head);
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
	room_free(server.room);
	free(server.clients);
}

static void
flush_all(struct server *s)
{
	struct client *c;
	size_t i;

	for (i = 0; i < s->nclients; i++) {
		c = s->clients[i];
		if (flush_pending(c, s->room))
			flush_client(c, s->room);
		if (c->state == CLIENT_LEAVING && !flush_pending(c, s->room))
			c->cursor = CURSOR_NONE;	/* as the server */
	}
}

/* It gets what was said until now, and the end. */
static void
send_away(const struct server *s, struct ear *e)
{
	if (e->c->state == CLIENT_LEAVING)
		return;
	e->end = s->room->next;
	client_bye(e->c, s->room->head, 0, "see you");
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
	while (s->room->next - FIRST < LINES) {
		s->now += unit_random(10);
		if (room_space(s->room) >= INTAKE_MIN)
			say(s);
		/* A slow reader, and a slower one that has lost lines. */
		if (s->room->next - FIRST > LINES / 2)
			send_away(s, &ears[3]);
		if (s->room->next - FIRST > LINES / 2 && ears[6].lost > 0)
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
	run(ROOM_SIZE_MIN, false);
}

static void
slow_readers_large_room(void)
{
	run(4 * ROOM_SIZE_MIN, false);
}

static void
waiting(void)
{
	run(ROOM_SIZE_MIN, true);
}

/* What a client's other end has now. */
static const char *
received(int fd)
{
	static char buf[65536];
	ssize_t n = read(fd, buf, sizeof(buf) - 1);

	buf[n < 0 ? 0 : n] = '\0';
	return buf;
}

static void
add(struct room *r, uint64_t id, int64_t time, const char *lines)
{
	CHECK(room_append(r, id, time, lines, strlen(lines),
	    line_count(lines, strlen(lines))));
}

static void
order(void)
{
	struct room *r = room_new(ROOM_SIZE_MIN, FIRST);
	struct client *c;
	int fd;

	c = new_client(1, &fd);
	c->plain = false;
	c->times = true;
	c->needs_at = true;
	client_jump(c, r, r->head);
	CHECK(!flush_pending(c, r));
	add(r, 2, 77, "a\nb\n");
	add(r, 1, 77, "mine\n");
	add(r, 3, 77, "c\n");
	add(r, 2, 78, "d\n");
	c->authored = r->head;
	c->lines = 1;
	client_tell(c, "error 1 %s", "no");
	CHECK(flush_pending(c, r));
	flush_client(c, r);
	CHECK_STR(received(fd), "\001error 1 no\n\001ok 1\n\001time 77\n"
	    "\001at 1000\na\nb\n\001at 1003\nc\n\001time 78\nd\n");
	CHECK(!flush_pending(c, r) && !c->blocked);
	/* Nothing of one's own is ever heard, and then the number is told. */
	add(r, 1, 78, "mine\n");
	c->authored = r->head;
	flush_client(c, r);
	CHECK_STR(received(fd), "");
	add(r, 2, 78, "e\n");
	flush_client(c, r);
	CHECK_STR(received(fd), "\001at 1006\ne\n");
	add(r, 2, 78, "f\n");
	flush_client(c, r);
	CHECK_STR(received(fd), "f\n");
	client_free(c);
	room_free(r);
	close(fd);
}

static void
plain(void)
{
	struct room *r = room_new(ROOM_SIZE_MIN, FIRST);
	struct client *c;
	int fd;

	c = new_client(1, &fd);
	client_jump(c, r, r->head);
	c->state = CLIENT_FRESH;
	add(r, 2, 1, "a\n");
	/* It may still say that it wants something else. */
	CHECK(!flush_pending(c, r));
	client_tell(c, "error 0 x");
	flush_client(c, r);
	CHECK_STR(received(fd), "\001error 0 x\n");
	c->state = CLIENT_TALKING;
	c->lines = 3;
	c->lost = 5;
	flush_client(c, r);
	CHECK_STR(received(fd), "\001lost 5\na\n");
	c->lost = LOST_UNKNOWN;
	flush_client(c, r);
	CHECK_STR(received(fd), "\001lost ?\n");
	CHECK(!flush_pending(c, r));
	client_free(c);
	room_free(r);
	close(fd);
}

/*
 * Everything that a client gets who is in a line at the start of the room, and
 * is owed control lines of all kinds, through a socket of that size.
 */
static void
hear_all(const struct room *r, int size, char *heard, size_t heardsize)
{
	struct client *c;
	int fd, i;

	c = new_client_of(1, &fd, size);
	c->plain = false;
	c->times = true;
	c->needs_at = true;
	c->lines = 7;
	c->lost = 5;
	c->authored = r->head;
	c->cursor = r->base + 1;
	for (i = 0; i < 5; i++)
		client_tell(c, "error %d because", i + 1);
	heard[0] = '\0';
	for (i = 0; flush_pending(c, r); i++) {
		CHECK_IN(i < 1000, "no end");
		flush_client(c, r);
		strlcat(heard, received(fd), heardsize);
	}
	client_free(c);
	close(fd);
}

/* A line of size bytes with its LF, and many changes of author after it. */
static struct room *
busy_room(size_t size)
{
	static char line[ROOM_SIZE_MIN / 2 + 1];
	struct room *r = room_new(ROOM_SIZE_MIN, FIRST);
	int64_t i;

	memset(line, 'x', size - 1);
	line[size - 1] = '\n';
	line[size] = '\0';
	add(r, 2, 1, line);
	for (i = 0; i < 50; i++) {
		add(r, 1, i / 3, "mine\n");
		add(r, 2, i / 3, "b\n");
	}
	return r;
}

/* How many bytes go out at once. */
static size_t
write_limit(void)
{
	struct room *r = busy_room(ROOM_SIZE_MIN / 2);
	struct client *c;
	size_t n;
	int fd;

	c = new_client(1, &fd);
	client_jump(c, r, r->base);
	flush_client(c, r);
	n = strlen(received(fd));
	client_free(c);
	room_free(r);
	close(fd);
	return n;
}

static void
cut(void)
{
	static char want[65536], got[65536];
	size_t before, limit = write_limit();
	struct room *r;

	CHECK_IN(limit > 512 && limit < ROOM_SIZE_MIN / 2, "%zu", limit);
	for (before = limit - 300; before < limit; before++) {
		r = busy_room(before);
		hear_all(r, 1000000, want, sizeof(want));
		hear_all(r, SOCKET_SIZE, got, sizeof(got));
		CHECK_STR(got, want);
		CHECK(strspn(want, "x") == before - 2);
		CHECK(strstr(want, "x\n\001error 1 because\n") != NULL);
		CHECK(strstr(want, "\001error 5 because\n\001ok 7\n"
		    "\001lost 5\n\001time 0\n\001at 1002\nb\n"
		    "\001at 1004\nb\n\001at 1006\nb\n"
		    "\001time 1\n\001at 1008\nb\n") != NULL);
		room_free(r);
	}
}

static void
moved_in_a_line(void)
{
	struct room *r = room_new(ROOM_SIZE_MIN, FIRST);
	struct client *c;
	int fd;

	c = new_client(1, &fd);
	c->plain = false;
	client_jump(c, r, r->head);
	add(r, 2, 1, "a line that was begun\nb\nc\n");
	c->cursor += 7;
	client_tell(c, "error 1 x");
	client_jump(c, r, room_position(r, FIRST + 2));
	c->needs_at = true;
	c->lost = 1;
	flush_client(c, r);
	CHECK_STR(received(fd), "that was begun\n\001error 1 x\n\001lost 1\n"
	    "\001at 1002\nc\n");
	client_free(c);
	room_free(r);
	close(fd);
}

/* Whoever reads "bye" stops there: it comes last of all. */
static void
bye(void)
{
	struct room *r = room_new(ROOM_SIZE_MIN, FIRST);
	char got[1024] = "";
	struct client *c;
	int fd, i;

	c = new_client(1, &fd);
	c->plain = false;
	client_jump(c, r, r->head);
	add(r, 2, 1, "a\nb\n");
	c->lines = 2;
	c->lost = 3;
	client_tell(c, "error 2 no");
	client_bye(c, r->head, 0, "see you");
	add(r, 2, 1, "too late\n");
	CHECK(c->state == CLIENT_LEAVING && flush_pending(c, r));
	for (i = 0; i < 3 && flush_pending(c, r); i++) {
		flush_client(c, r);
		strlcat(got, received(fd), sizeof(got));
	}
	CHECK_STR(got, "\001error 2 no\n\001ok 2\n\001lost 3\na\nb\n"
	    "\001bye see you\n");
	CHECK(!flush_pending(c, r));
	client_free(c);
	room_free(r);
	close(fd);
}

static void
gone(void)
{
	struct room *r = room_new(ROOM_SIZE_MIN, FIRST);
	struct client *c;
	int fd;

	c = new_client(1, &fd);
	client_jump(c, r, r->head);
	close(fd);
	add(r, 2, 1, "a\n");
	flush_client(c, r);
	/* What it has said can still be read. */
	CHECK(c->state == CLIENT_TALKING && c->cursor == CURSOR_NONE);
	CHECK(!flush_pending(c, r) && !c->blocked);
	c->eof = true;
	client_mute(c);
	CHECK(c->state == CLIENT_GONE);
	client_free(c);
	room_free(r);
}

static void
long_control_line(void)
{
	struct room *r = room_new(ROOM_SIZE_MIN, FIRST);
	char reason[2 * CTL_SIZE] = "";
	struct client *c;
	const char *got;
	int fd;

	memset(reason, 'x', sizeof(reason) - 1);
	c = new_client(1, &fd);
	client_refuse(c, 0, reason);
	client_tell(c, "ok");
	flush_client(c, r);
	got = received(fd);
	CHECK(strncmp(got, "\001error 0 xxxx", 13) == 0);
	CHECK(strchr(got, '\n') < got + CTL_SIZE);
	CHECK_STR(strchr(got, '\n'), "\n\001ok\n");
	client_free(c);
	room_free(r);
	close(fd);
}

const struct test flush_tests[] = {
	{ "what goes out, in which order", order },
	{ "what plain and fresh clients get", plain },
	{ "writes that are cut short, at every byte", cut },
	{ "a reader moved in mid-line gets its rest first", moved_in_a_line },
	{ "a long control line is cut, with its LF", long_control_line },
	{ "bye comes last of all", bye },
	{ "a reader that is gone", gone },
	{ "nobody loses a line while the room waits", waiting },
	{ "heard and lost is exactly what others said", slow_readers },
	{ "the same in a larger room", slow_readers_large_room },
	{ NULL, NULL }
};
