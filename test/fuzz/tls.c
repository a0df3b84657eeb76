/*
 * tls - whatever somebody in the middle does, nothing else is heard on either
 * side than what was said on the other, in order, up to where it ends
 *
 * A client with a key talks to a keyed room through the harness. The first byte
 * chooses who that client is; the rest is a program, which passes bytes on,
 * changes them, drops them, and makes some up. Each step is a byte: the upper
 * half is what to do.
 */
#include <sys/socket.h>

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/client.h"
#include "core/server.h"
#include "door/door.h"
#include "door/guard.h"
#include "listen/listener.h"
#include "loop.h"
#include "fake.h"
#include "fuzz.h"
#include "key.h"
#include "room/ring.h"
#include "tls.h"

#define FIRST		1000
#define ECHO_MAX	(24 * 1024)	/* bytes by each side */
#define QUIET		3		/* rounds without a change are enough */
#define KEY		"0123456789abcdef0123456789abcdef"
#define KEY_HEX		"30313233343536373839616263646566" \
			"30313233343536373839616263646566"

/* What one side has said, and what came of it on the other. */
struct talk {
	char		 said[ECHO_MAX];
	size_t		 len;
	size_t		 heard;
	unsigned	 lines;
};

/* What is left of the input. */
struct program {
	const uint8_t	*data;
	size_t		 size;
};

static struct server server;
static struct conn client;		/* whoever has the key */
static struct tls_context *context;	/* its own */
static enum tls_step step;
static int to_client, to_room;		/* the middle's ends; -1: cut */
static struct client *visitor;		/* the room's end, or NULL */
static uint64_t visitor_id;
static struct talk up, down;		/* to the room, and to the client */
static bool stranger;			/* it has no key of this room */
static bool touched;			/* the bytes aren't those that were */
static char part[LINE_SIZE];		/* of what the client hears */
static size_t partlen;

static void
check_talk(struct talk *t, const char *s, size_t len)
{
	MUST(!stranger && len <= t->len - t->heard);
	MUST(memcmp(t->said + t->heard, s, len) == 0);
	t->heard += len;
}

/* The linker puts this in the place of ring_append(). */
bool	 __real_ring_append(struct ring *r, uint64_t author, int64_t time,
	    const char *lines, size_t len, size_t nlines);
bool	 __wrap_ring_append(struct ring *r, uint64_t author, int64_t time,
	    const char *lines, size_t len, size_t nlines);

bool
__wrap_ring_append(struct ring *r, uint64_t author, int64_t time,
    const char *lines, size_t len, size_t nlines)
{
	if (author == visitor_id)
		check_talk(&up, lines, len);
	return __real_ring_append(r, author, time, lines, len, nlines);
}

static uint8_t
next(struct program *p)
{
	if (p->size == 0)
		return 0;
	p->size--;
	return *p->data++;
}

/* Make up the next line of a side; its length. 0: it has said enough. */
static size_t
make_line(struct talk *t, char *line, size_t size)
{
	size_t n = (size_t)snprintf(line, size, "line %u%0*d\n", t->lines,
	    (int)(t->lines % 100) + 1, 0);

	if (n > sizeof(t->said) - t->len)
		return 0;
	t->lines++;
	return n;
}

static void
did_say(struct talk *t, const char *line, size_t n)
{
	memcpy(t->said + t->len, line, n);
	t->len += n;
}

/* All of it is taken, or nothing. */
static bool
client_puts(const char *s, size_t len)
{
	struct iovec iov = { (void *)(uintptr_t)s, len };
	ssize_t n = conn_writev(&client, &iov, 1);

	MUST(n == -1 || n == (ssize_t)len);
	return n != -1;
}

static void
client_says(size_t n)
{
	char line[CTL_SIZE];
	size_t len;

	while (step == TLS_DONE && n-- > 0 &&
	    (len = make_line(&up, line, sizeof(line))) > 0 &&
	    client_puts(line, len))
		did_say(&up, line, len);
}

/* Somebody on this machine; the visitor hears it once it is in the room. */
static void
other_says(size_t n)
{
	char line[CTL_SIZE];
	size_t len;

	while (visitor != NULL && visitor->role == ROLE_CHAT &&
	    !visitor->plain && n-- > 0 &&
	    ring_space(server.ring) >= sizeof(line) &&
	    (len = make_line(&down, line, sizeof(line))) > 0) {
		did_say(&down, line, len);
		MUST(ring_append(server.ring, 0, 1, line, len, 1));
	}
}

static void
client_hears(void)
{
	char buf[1024];
	ssize_t n;
	ssize_t i;

	n = conn_read(&client, buf, sizeof(buf));
	for (i = 0; i < n; i++) {
		MUST(partlen < sizeof(part));
		part[partlen++] = buf[i];
		if (buf[i] != '\n')
			continue;
		if (part[0] != CTL_MARK)
			check_talk(&down, part, partlen);
		partlen = 0;
	}
	if (n == 0 || (n == -1 && errno != EAGAIN))
		step = TLS_CUT;
}

static void
client_goes_on(void)
{
	static const char role[] = "\001chat\n";

	if (step == TLS_DONE) {
		(void)conn_flush(&client);
		client_hears();
		return;
	}
	if (step != TLS_GOES_ON)
		return;
	step = conn_handshake(&client);
	MUST(step != TLS_DONE || !stranger);
	if (step == TLS_DONE)
		MUST(client_puts(role, sizeof(role) - 1));
}

static void
go_round(void)
{
	size_t i;

	MUST(loop_round(&server, 0) == 0);
	for (i = 0; i < server.nclients; i++) {
		if (server.clients[i] == visitor)
			break;
	}
	if (i == server.nclients)
		visitor = NULL;
	MUST(server.guard->n <= 1 && server.nclients <= 1);
	MUST(visitor == NULL || visitor->state == CLIENT_AUTHENTICATING ||
	    visitor->turned_away || visitor->state == CLIENT_GONE ||
	    (!stranger && strcmp(visitor->person->name, "alice") == 0));
	client_goes_on();
}

/* Pass on n bytes at the most, with some bits of each turned around. */
static size_t
pass(int from, int to, size_t n, uint8_t bits)
{
	char buf[16 * 1024];
	ssize_t len, i;

	if (from == -1)
		return 0;
	len = recv(from, buf, n < sizeof(buf) ? n : sizeof(buf),
	    MSG_DONTWAIT);
	if (len <= 0)
		return 0;
	for (i = 0; i < len; i++)
		buf[i] = (char)(buf[i] ^ bits);
	if (bits != 0 || to == -1 ||
	    send(to, buf, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL) != len)
		touched = true;
	return (size_t)len;
}

static void
make_up(int to, struct program *p)
{
	size_t n = next(p);

	n = n < p->size ? n : p->size;
	if (n > 0 && to != -1) {
		touched = true;
		(void)!send(to, p->data, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	p->data += n;
	p->size -= n;
}

static void
cut(int *end)
{
	touched = true;
	if (*end != -1)
		close(*end);
	*end = -1;
}

static void
take_step(struct program *p, uint8_t what)
{
	size_t n = next(p);

	switch (what >> 4) {
	case 0:
	case 1:
		(void)pass(to_client, to_room, n * n / 8 + 1, 0);
		break;
	case 2:
	case 3:
		(void)pass(to_room, to_client, n * n / 8 + 1, 0);
		break;
	case 4:
	case 5:
		(void)pass(to_client, to_room, SIZE_MAX, 0);
		go_round();
		(void)pass(to_room, to_client, SIZE_MAX, 0);
		break;
	case 6:
		(void)pass(to_client, to_room, what & 15, (uint8_t)n);
		break;
	case 7:
		(void)pass(to_room, to_client, what & 15, (uint8_t)n);
		break;
	case 8:
		make_up(to_room, p);
		break;
	case 9:
		make_up(to_client, p);
		break;
	case 10:
		if (pass(to_client, -1, n, 0) > 0)
			touched = true;
		break;
	case 11:
		client_says(n);
		break;
	case 12:
		other_says(n);
		break;
	case 13:
		cut(what & 1 ? &to_room : &to_client);
		break;
	default:
		touched = touched || n > 0;
		fake_pass((int64_t)n * 50);
	}
	go_round();
}

/* Everything is passed on; who was left alone has lost nothing. */
static void
settle(void)
{
	size_t quiet = 0, before;

	while (quiet < QUIET) {
		before = up.heard + down.heard;
		quiet++;
		if (pass(to_client, to_room, SIZE_MAX, 0) > 0)
			quiet = 0;
		go_round();
		if (pass(to_room, to_client, SIZE_MAX, 0) > 0 ||
		    up.heard + down.heard != before)
			quiet = 0;
	}
	if (touched)
		return;
	MUST((step == TLS_DONE) == !stranger);
	MUST(up.heard == up.len && down.heard == down.len);
}

static void
open_guard(void)
{
	char why[KEYS_WHY_SIZE];
	FILE *f = tmpfile();

	MUST(f != NULL && fprintf(f, "alice:%s\nbob:%s00\n", KEY_HEX,
	    KEY_HEX) > 0 && fflush(f) == 0);
	MUST(guard_open(&server, fileno(f), why) == 0);
	(void)fclose(f);
}

static void
come(uint8_t who)
{
	static const char *const names[] = { "alice", "alice", "bob", "eve" };
	struct key key = { .access = ROLE_CHAT, .len = KEY_BYTES_MIN };
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int outer[2], inner[2];
	const char *why;

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, outer) == 0);
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, inner) == 0);
	memcpy(key.bytes, KEY, KEY_BYTES_MIN);
	(void)strlcpy(key.name, names[who % 4], sizeof(key.name));
	key.bytes[0] ^= who % 4 == 1;
	stranger = who % 4 != 0;
	context = tls_for_client(&key, &why);
	MUST(context != NULL && conn_init(&client, outer[0]) == 0);
	MUST(conn_secure(&client, context) == 0);
	MUST(conn_start_reading(&client) == 0);
	to_client = outer[1];
	to_room = inner[1];
	sin.sin_addr.s_addr = htonl(0xc0000201);
	door_enter(&server, inner[0], (struct sockaddr *)&sin);
	MUST(server.nclients == 1);
	visitor = server.clients[0];
	visitor_id = visitor->id;
}

static void
start(uint8_t who)
{
	static struct listeners none;
	struct config config = { .clients_max = 5, .per_address = 2,
	    .patience = 20, .keys = "keys", .named = false };
	struct ring *r = ring_new(RING_SIZE_MIN, FIRST);

	fake_set(1000000);
	MUST(r != NULL && loop_init(&server, &config, r, &none) == 0);
	open_guard();
	up.len = up.heard = up.lines = 0;
	down.len = down.heard = down.lines = 0;
	touched = false;
	partlen = 0;
	step = TLS_GOES_ON;
	come(who);
}

static void
finish(void)
{
	cut(&to_client);
	cut(&to_room);
	conn_close(&client);
	tls_context_free(context);
	while (server.nclients > 0)
		door_leave(&server, server.clients[--server.nclients]);
	MUST(RB_EMPTY(&server.guard->peers) && RB_EMPTY(&server.persons));
	loop_free(&server);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return signal(SIGPIPE, SIG_IGN) == SIG_ERR;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct program p = { data, size };

	start(next(&p));
	while (p.size > 0)
		take_step(&p, next(&p));
	settle();
	finish();
	return 0;
}
