/*
 * daemon - a room keeps its promises, whatever its clients do
 *
 * The room goes around as chatd's does, with connections that come from
 * socketpairs, and a clock that the harness moves. The first byte chooses how
 * the room is; the rest is a program. Each of its steps is a byte: the upper
 * half says what to do, the lower half with which client.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "core/client.h"
#include "core/server.h"
#include "door/door.h"
#include "door/guard.h"
#include "listen/listener.h"
#include "fake.h"
#include "fuzz.h"
#include "intake.h"
#include "keeper/channel.h"
#include "loop.h"
#include "model.h"
#include "room/ring.h"

#define EARS		6
#define PATIENCE	20
#define SOCKET_SIZE	4096		/* of some sockets' buffers */
#define OUT_MAX		(CLIENT_OUT_MAX + 9 * CTL_SIZE + MESSAGE_SIZE)
#define QUIET		5		/* rounds without a change are enough */
#define ROUNDS_MAX	200000

/* What is left of the input. */
struct program {
	const uint8_t	*data;
	size_t		 size;
};

static struct ear ears[EARS];
static struct server server;
static int channel[2];			/* the room's end, and the keeper's */
static unsigned counter;		/* of lines that are made up */

/* The linker puts this in the place of ring_append(). */
bool	 __real_ring_append(struct ring *r, uint64_t author, int64_t time,
	    const char *lines, size_t len, size_t nlines);
bool	 __wrap_ring_append(struct ring *r, uint64_t author, int64_t time,
	    const char *lines, size_t len, size_t nlines);

bool
__wrap_ring_append(struct ring *r, uint64_t author, int64_t time,
    const char *lines, size_t len, size_t nlines)
{
	char prefix[PERSON_MAX + 3] = "";
	struct ear *e = ears;

	MUST(__real_ring_append(r, author, time, lines, len, nlines));
	while (e->c == NULL || e->c->id != author ||
	    e->c->state >= CLIENT_LEAVING)
		MUST(++e < ears + EARS);
	MUST((e->c->role & ROLE_SEND) != 0);
	if (server.config.named)
		(void)snprintf(prefix, sizeof(prefix), "%s: ",
		    e->c->person->name);
	model_take(e, time, lines, len, nlines, prefix);
	return true;
}

static uint8_t
next(struct program *p)
{
	if (p->size == 0)
		return 0;
	p->size--;
	return *p->data++;
}

/* Which of them are still there, and what they are. */
static void
look_around(void)
{
	struct ear *e;
	size_t i;

	for (e = ears; e < ears + EARS; e++) {
		for (i = 0; i < server.nclients; i++) {
			if (server.clients[i] == e->c)
				break;
		}
		if (i == server.nclients)
			e->c = NULL;
		if (e->c != NULL)
			model_look(e, server.ring);
	}
}

static void
check_client(const struct client *c, const struct ring *r)
{
	MUST(c->cursor == CURSOR_NONE ||
	    (c->cursor >= r->base && c->cursor <= r->head));
	MUST(c->outlen <= OUT_MAX && (c->out == NULL) == (c->outlen == 0));
	MUST(c->inlen <= LINE_KEEP + (c->stalled ? SERVER_READ : 0));
	MUST((c->in == NULL) == (c->inlen == 0));
	MUST(c->acked <= c->lines && c->authored <= r->head);
	MUST(c->session == NULL || c->session->client == c);
	MUST(c->state >= CLIENT_LEAVING ||
	    c->unfinished == (c->stalled ? 0 : c->inlen));
}

static void
check_server(const struct server *s)
{
	const struct ring *r = s->ring;
	size_t i, turned = 0, unfinished = 0, sessions = 0;

	MUST(r->base <= r->visible && r->visible <= r->head);
	MUST(r->head - r->base <= r->size);
	MUST(s->nclients <= s->allocated);
	for (i = 0; i < s->nclients; i++) {
		check_client(s->clients[i], r);
		turned += s->clients[i]->turned_away;
		unfinished += s->clients[i]->unfinished;
		sessions += s->clients[i]->session != NULL;
	}
	MUST(turned == s->nturned && unfinished == s->unfinished);
	MUST(s->nclients - turned <= s->config.clients_max);
	MUST(s->sessions.n == s->sessions.nidle +
	    s->sessions.nheld + sessions);
	MUST(s->sessions.nidle <= s->config.sessions || sessions == 0);
}

/* The keeper tells the room who somebody is. */
static void
answer(void)
{
	struct message m;

	while (recv(channel[1], &m, 1, MSG_PEEK | MSG_DONTWAIT) == 1) {
		MUST(channel_receive(channel[1], &m) && m.nfds == 0);
		MUST(m.kind == MESSAGE_LOOKUP);
		MUST(channel_send_text(channel[1], MESSAGE_NAME, m.number,
		    "somebody") == 0);
	}
}

static void
go_round(void)
{
	answer();
	MUST(loop_round(&server, 0) == 0);
	look_around();
	check_server(&server);
}

/* From a Unix socket, from the network, and from this machine. */
static void
set_address(struct sockaddr_storage *ss, size_t i)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = i < 2 || server.config.named ? AF_UNIX : AF_INET;
	if (ss->ss_family == AF_INET)
		sin->sin_addr.s_addr = htonl(i < 4 ? 0xc0000201 : 0x7f000001);
}

static void
come(struct ear *e)
{
	struct sockaddr_storage ss;
	int pair[2], size = SOCKET_SIZE;
	size_t before = server.nclients;

	if (e->fd != -1 || e->c != NULL || !door_is_open(&server))
		return;
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	if ((e - ears) % 2 == 1)
		MUST(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size,
		    sizeof(size)) == 0);
	set_address(&ss, (size_t)(e - ears));
	door_enter(&server, pair[0], (struct sockaddr *)&ss);
	MUST(server.nclients == before + 1);
	model_enter(e, pair[1], server.clients[before], server.ring);
}

static void
leave(struct ear *e)
{
	if (e->fd != -1)
		close(e->fd);
	e->fd = -1;
	e->shut = true;
}

static void
end(struct ear *e)
{
	if (e->fd != -1 && !e->shut)
		shutdown(e->fd, SHUT_WR);
	e->shut = true;
}

static void
say_bytes(struct ear *e, struct program *p)
{
	static char stream[STREAM_MAX];
	size_t size = next(p);

	size = size < p->size ? size : p->size;
	model_say(e, stream, fuzz_stream(stream, p->data, size));
	p->data += size;
	p->size -= size;
}

/* Lines that differ, n of them, of any length. */
static void
say_lines(struct ear *e, size_t n, size_t longest)
{
	char line[LINE_SIZE];
	size_t len, pad;

	while (n-- > 0) {
		len = (size_t)snprintf(line, sizeof(line), "%u ", counter);
		pad = counter++ * 31 % longest;
		memset(line + len, 'x', pad);
		line[len + pad] = '\n';
		model_say(e, line, len + pad + 1);
	}
}

static void
say_role(struct ear *e, uint8_t which)
{
	static const char *const words[] = { "send", "recv", "chat",
	    "send session=a", "chat session=a last=3", "chat session=b",
	    "recv last=90 times", "chat last=5000 times session=c",
	    "chat session=c from=%u", "recv from=%u times", "recv from=%u",
	    "chat presence", "recv presence last=9", "who",
	    "recv since=1 times", "chat since=%u" };
	char line[CTL_SIZE], text[CTL_SIZE / 2];

	snprintf(text, sizeof(text), words[which %
	    (sizeof(words) / sizeof(*words))], MODEL_FIRST + 3U * which);
	model_say(e, line, (size_t)snprintf(line, sizeof(line), "%c%s\n",
	    CTL_MARK, text));
}

static void
step(struct program *p, uint8_t what)
{
	struct ear *e = &ears[(what & 15) % EARS];
	size_t n;

	switch (what >> 4) {
	case 0:
	case 1:
		say_bytes(e, p);
		break;
	case 2:
		say_lines(e, next(p), 100);
		break;
	case 3:
		say_lines(e, next(p) % 32U, LINE_SIZE - 16);
		break;
	case 4:
	case 5:
		say_role(e, next(p));
		break;
	case 6:
		n = next(p);
		(void)model_hear(e, n * n + 1);
		break;
	case 7:
		while (model_hear(e, SIZE_MAX) > 0)
			;
		break;
	case 8:
		end(e);
		break;
	case 9:
		leave(e);
		break;
	case 10:
	case 11:
		come(e);
		break;
	case 12:
		for (n = what & 15; n > 0; n--)
			go_round();
		break;
	case 13:
		fake_pass((int64_t)(what & 15) * (what & 15));
		break;
	case 14:
		fake_pass(next(p) * 20);
		break;
	default:
		if ((what & 15) == 15)
			MUST(channel_send_text(channel[1], next(p) == 0 ?
			    MESSAGE_STOP : MESSAGE_COUNTERS, 0, "") == 0);
	}
	go_round();
}

/* All that changes as long as something happens. */
static uint64_t
progress(void)
{
	const struct server *s = &server;
	uint64_t sum = s->count.lines + s->count.refused + s->count.lost;
	size_t i;

	for (i = 0; i < s->nclients; i++)
		sum += s->clients[i]->inlen + s->clients[i]->outlen;
	return sum + s->nclients;
}

/* Everybody reads until nothing more comes, however long that takes. */
static void
settle(void)
{
	uint64_t before, heard;
	size_t i, quiet = 0, rounds = 0;

	while (quiet < QUIET) {
		before = progress();
		go_round();
		heard = 0;
		for (i = 0; i < EARS; i++)
			heard += model_hear(&ears[i], SIZE_MAX);
		quiet = heard > 0 || progress() != before ? 0 : quiet + 1;
		/* Nothing else can happen, but what time brings. */
		if (quiet > 0 && server.deadline != CLOCK_NEVER &&
		    server.deadline > clock_now()) {
			fake_set(server.deadline);
			quiet = 0;
		}
		MUST(++rounds < ROUNDS_MAX);
	}
	for (i = 0; i < EARS; i++)
		model_settled(&ears[i]);
}

static void
start(uint8_t how)
{
	static struct listeners none;
	struct config config = { .clients_max = 5, .per_address = 2,
	    .patience = PATIENCE, .sessions = how & 4 ? 0 : 2 };
	struct ring *r = ring_new(RING_SIZE_MIN, MODEL_FIRST);
	size_t i;

	MUST(r != NULL);
	if (how & 1)
		config.limit = (struct ratelimit){ .rate = 1000, .burst = 50 };
	config.limit_everywhere = (how & 2) != 0;
	config.verbose = (how & 8) != 0;
	config.named = (how & 16) != 0;
	fake_set(1000000);
	counter = 0;
	model_start();
	for (i = 0; i < EARS; i++) {
		ears[i].fd = -1;
		ears[i].c = NULL;
	}
	MUST(loop_init(&server, &config, r, &none) == 0);
	MUST(channel_open(channel) == 0);
	server.keeper = channel[0];
}

static void
finish(void)
{
	size_t i;

	for (i = 0; i < EARS; i++)
		leave(&ears[i]);
	while (server.nclients > 0)
		door_leave(&server, server.clients[--server.nclients]);
	MUST(RB_EMPTY(&server.guard->peers) && RB_EMPTY(&server.persons));
	loop_free(&server);
	close(channel[0]);
	close(channel[1]);
	MUST(server.sessions.n == 0 && LIST_EMPTY(&server.watchers));
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
	come(&ears[0]);
	come(&ears[1]);
	while (p.size > 0)
		step(&p, next(&p));
	settle();
	finish();
	return 0;
}
