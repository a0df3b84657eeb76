/*
 * chatd/flush.h: what goes out to a client, in which order
 */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/client.h"
#include "flush.h"
#include "line.h"
#include "room/ring.h"
#include "unit.h"

#define FIRST		1000	/* number of the room's first line */
#define SOCKET_SIZE	4096	/* bytes that a socket holds, more or less */

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
add(struct ring *r, uint64_t id, int64_t time, const char *lines)
{
	CHECK(ring_append(r, id, time, lines, strlen(lines),
	    line_count(lines, strlen(lines))));
}

static void
order(void)
{
	struct ring *r = ring_new(RING_SIZE_MIN, FIRST);
	struct client *c;
	int fd;

	c = new_client(1, &fd);
	c->plain = false;
	c->times = true;
	client_jump(c, r, r->head);
	CHECK(!flush_pending(c, r));
	c->needs_at = true;
	add(r, 2, 77, "a\nb\n");
	add(r, 1, 77, "mine\n");
	add(r, 3, 77, "c\n");
	add(r, 2, 78, "d\n");
	c->authored = r->head;
	c->lines = 1;
	client_tell(c, "error 1 %s", "no");
	CHECK(flush_pending(c, r));
	flush_client(c, r, NULL);
	CHECK_STR(received(fd), "\001error 1 no\n\001ok 1\n\001time 77\n"
	    "\001at 1000\na\nb\n\001at 1003\nc\n\001time 78\nd\n");
	CHECK(!flush_pending(c, r) && !c->blocked);
	/* Nothing of one's own is ever heard, and the number after it is told
	 * when all before it has been. */
	add(r, 2, 78, "e\n");
	add(r, 1, 78, "mine\n");
	c->authored = r->head;
	flush_client(c, r, NULL);
	CHECK_STR(received(fd), "e\n\001at 1007\n");
	CHECK(!flush_pending(c, r) && !c->blocked);
	add(r, 2, 78, "f\n");
	flush_client(c, r, NULL);
	CHECK_STR(received(fd), "f\n");
	client_free(c);
	ring_free(r);
	close(fd);
}

static void
plain(void)
{
	struct ring *r = ring_new(RING_SIZE_MIN, FIRST);
	struct client *c;
	int fd;

	c = new_client(1, &fd);
	client_jump(c, r, r->head);
	c->state = CLIENT_FRESH;
	add(r, 2, 1, "a\n");
	/* It may still say that it wants something else. */
	CHECK(!flush_pending(c, r));
	client_tell(c, "error 0 x");
	flush_client(c, r, NULL);
	CHECK_STR(received(fd), "\001error 0 x\n");
	c->state = CLIENT_TALKING;
	c->lines = 3;
	c->lost = 5;
	flush_client(c, r, NULL);
	CHECK_STR(received(fd), "\001lost 5\na\n");
	c->lost = LOST_UNKNOWN;
	flush_client(c, r, NULL);
	CHECK_STR(received(fd), "\001lost ?\n");
	CHECK(!flush_pending(c, r));
	client_free(c);
	ring_free(r);
	close(fd);
}

/*
 * Everything that a client gets who is in a line at the start of the room, and
 * is owed control lines of all kinds, through a socket of that size.
 */
static void
hear_all(const struct ring *r, int size, char *heard, size_t heardsize)
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
		flush_client(c, r, NULL);
		strlcat(heard, received(fd), heardsize);
	}
	client_free(c);
	close(fd);
}

/* A line of size bytes with its LF, and many changes of author after it. */
static struct ring *
busy_room(size_t size)
{
	static char line[RING_SIZE_MIN / 2 + 1];
	struct ring *r = ring_new(RING_SIZE_MIN, FIRST);
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
	struct ring *r = busy_room(RING_SIZE_MIN / 2);
	struct client *c;
	size_t n;
	int fd;

	c = new_client(1, &fd);
	client_jump(c, r, r->base);
	flush_client(c, r, NULL);
	n = strlen(received(fd));
	client_free(c);
	ring_free(r);
	close(fd);
	return n;
}

static void
cut(void)
{
	static char want[65536], got[65536];
	size_t before, limit = write_limit();
	struct ring *r;

	CHECK_IN(limit > 512 && limit < RING_SIZE_MIN / 2, "%zu", limit);
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
		ring_free(r);
	}
}

static void
moved_in_a_line(void)
{
	struct ring *r = ring_new(RING_SIZE_MIN, FIRST);
	struct client *c;
	int fd;

	c = new_client(1, &fd);
	c->plain = false;
	client_jump(c, r, r->head);
	add(r, 2, 1, "a line that was begun\nb\nc\n");
	c->cursor += 7;
	client_tell(c, "error 1 x");
	client_jump(c, r, ring_position(r, FIRST + 2));
	c->needs_at = true;
	c->lost = 1;
	flush_client(c, r, NULL);
	CHECK_STR(received(fd), "that was begun\n\001error 1 x\n\001lost 1\n"
	    "\001at 1002\nc\n");
	client_free(c);
	ring_free(r);
	close(fd);
}

/* Whoever reads "bye" stops there: it comes last of all. */
static void
bye(void)
{
	struct ring *r = ring_new(RING_SIZE_MIN, FIRST);
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
	client_bye(c, r, r->head, 0, BYE_FULL);
	add(r, 2, 1, "too late\n");
	CHECK(c->state == CLIENT_LEAVING && flush_pending(c, r));
	for (i = 0; i < 3 && flush_pending(c, r); i++) {
		flush_client(c, r, NULL);
		strlcat(got, received(fd), sizeof(got));
	}
	CHECK_STR(got, "\001error 2 no\n\001ok 2\n\001lost 3\na\nb\n"
	    "\001bye full\n");
	CHECK(!flush_pending(c, r));
	client_free(c);
	ring_free(r);
	close(fd);
}

static void
gone(void)
{
	struct ring *r = ring_new(RING_SIZE_MIN, FIRST);
	struct client *c;
	int fd;

	c = new_client(1, &fd);
	client_jump(c, r, r->head);
	close(fd);
	add(r, 2, 1, "a\n");
	flush_client(c, r, NULL);
	/* What it has said can still be read. */
	CHECK(c->state == CLIENT_TALKING && c->cursor == CURSOR_NONE);
	CHECK(!flush_pending(c, r) && !c->blocked && !c->broken);
	c->eof = true;
	client_mute(c, ECONNRESET);
	CHECK(c->broken);
	CHECK(c->state == CLIENT_GONE);
	client_free(c);
	ring_free(r);
}

/* What is lost waits with the messages: a role begins somewhere else. */
static void
fresh(void)
{
	struct ring *r = ring_new(RING_SIZE_MIN, FIRST);
	struct client *c;
	int fd;

	c = new_client(1, &fd);
	c->state = CLIENT_FRESH;
	client_jump(c, r, r->head);
	c->lost = 5;
	add(r, 2, 1, "a\n");
	CHECK(!flush_pending(c, r));
	client_tell(c, "error 0 because");
	flush_client(c, r, NULL);
	CHECK_STR(received(fd), "\001error 0 because\n");
	c->state = CLIENT_TALKING;
	flush_client(c, r, NULL);
	CHECK_STR(received(fd), "\001lost 5\na\n");
	client_free(c);
	ring_free(r);
	close(fd);
}

static void
long_control_line(void)
{
	struct ring *r = ring_new(RING_SIZE_MIN, FIRST);
	char reason[2 * CTL_SIZE] = "";
	struct client *c;
	const char *got;
	int fd;

	memset(reason, 'x', sizeof(reason) - 1);
	c = new_client(1, &fd);
	client_refuse(c, 0, reason);
	client_tell(c, "ok");
	flush_client(c, r, NULL);
	got = received(fd);
	CHECK(strncmp(got, "\001error 0 xxxx", 13) == 0);
	CHECK(strchr(got, '\n') < got + CTL_SIZE);
	CHECK_STR(strchr(got, '\n'), "\n\001ok\n");
	client_free(c);
	ring_free(r);
	close(fd);
}

const struct test flush_tests[] = {
	{ "what goes out, in which order", order },
	{ "what plain and fresh clients get", plain },
	{ "a fresh client isn't told what it has lost", fresh },
	{ "writes that are cut short, at every byte", cut },
	{ "a reader moved in mid-line gets its rest first", moved_in_a_line },
	{ "a long control line is cut, with its LF", long_control_line },
	{ "bye comes last of all", bye },
	{ "a reader that is gone", gone },
	{ NULL, NULL }
};
