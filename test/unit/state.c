/*
 * chatd/upgrade/state.h and manifest.h: what an upgrade hands over
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "core/client.h"
#include "core/server.h"
#include "door/guard.h"
#include "listen/listener.h"
#include "loop.h"
#include "unit.h"
#include "upgrade/manifest.h"
#include "upgrade/state.h"

#define FIRST		1000		/* number of the room's first line */
#define STATE_MAX	(1 << 20)	/* bytes of a state in these tests */
#define SIZE_AT		sizeof(STATE_VERSION)	/* of the ring, 8 bytes */

/* The descriptors of the state that was written last. */
static int fds[16];
static size_t nfds;

struct whole {
	struct server	 s;
	struct listeners l;
};

static void
init_whole(struct whole *w)
{
	memset(w, 0, sizeof(*w));
	w->s.listeners = &w->l;
	w->s.full_since = w->s.closing = CLOCK_NEVER;
	w->s.keeper = w->s.reserve = -1;
	w->s.leaving = CLOCK_NEVER;
	w->s.guard = guard_new();
	CHECK(w->s.guard != NULL);
	sessions_init(&w->s.sessions, 100);
}

/* Closes no descriptor, since another server may have it, too. */
static void
free_whole(struct whole *w)
{
	size_t i;

	for (i = 0; i < w->s.nclients; i++)
		w->s.clients[i]->conn.fd = -1;
	for (i = 0; i < w->l.n; i++)
		w->l.list[i].fd = -1;
	listeners_close(&w->l);
	loop_free(&w->s);
}

static void
add_lines(struct server *s, uint64_t author, int64_t time, const char *lines)
{
	size_t i, n = 0;

	for (i = 0; lines[i] != '\0'; i++)
		n += lines[i] == '\n';
	CHECK(ring_append(s->ring, author, time, lines, i, n));
}

/* Enough for the ring to wrap around and to cut its oldest span. */
static void
add_room(struct server *s)
{
	static const char line[] = "Half of what they say never gets here.\n";
	uint64_t i;

	s->ring = ring_new(RING_SIZE_MIN, FIRST);
	CHECK(s->ring != NULL);
	for (i = 0; i < RING_SIZE_MIN / sizeof(line); i++)
		add_lines(s, 1, (int64_t)i / 1000, line);
	ring_release(s->ring, s->ring->head - sizeof(line) + 1);
	add_lines(s, 2, 77, "two\nlines\n");
	add_lines(s, 3, 78, "three\n");
	add_lines(s, 3, 79, "not four\n");
	for (i = 0; s->ring->head / s->ring->size == 0; i++)
		add_lines(s, 4 + i % 2, 80, line);
	s->last_id = 9;
}

static struct client *
add_new_client(struct server *s, const char *ip, uint64_t id)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr *sa = (struct sockaddr *)&sin;
	struct peer *peer = NULL;
	struct client *c;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (ip == NULL)
		sa->sa_family = AF_UNIX;
	else
		CHECK(inet_pton(AF_INET, ip, &sin.sin_addr) == 1);
	sin.sin_port = htons(1234);
	CHECK(fd != -1 && peer_get(&s->guard->peers, sa, &peer) == 0);
	CHECK(server_reserve(s, s->nclients + 1));
	c = client_new(fd, sa, peer, id);
	CHECK(c != NULL);
	c->cursor = s->ring->head;
	if (peer != NULL)
		peer->clients++;
	s->clients[s->nclients++] = c;
	return c;
}

static void
join(struct server *s, struct client *c, const char *token)
{
	struct session *session;
	bool begun;

	session = session_get(&s->sessions, token, c->id, &begun);
	CHECK(session != NULL && begun);
	client_join(c, &s->sessions, session);
}

static void
add_clients(struct server *s)
{
	struct client *c;

	/* One in the middle of everything. */
	c = add_new_client(s, "192.0.2.1", 7);
	join(s, c, "here");
	c->state = CLIENT_TALKING;
	c->role = ROLE_CHAT;
	c->plain = false;
	c->times = c->spoke = c->stalled = c->blocked = c->lagging = true;
	c->needs_at = true;
	client_keep(c, "half a li", 9);
	client_tell(c, "error 4 because");
	s->unfinished = c->unfinished = 9;
	c->lines_due = 81;
	c->words_due = 82;
	c->lines = 12;
	c->acked = 11;
	c->cursor = s->ring->base + 3;
	c->authored = s->ring->head - 2;
	c->lost = 5;
	c->time = 79;
	/* One that was turned away, and is counted as such. */
	c = add_new_client(s, "192.0.2.1", 8);
	c->turned_away = true;
	c->peer->clients--;
	c->peer->turned_away++;
	s->nturned++;
	c->role = ROLE_RECV;
	client_bye(c, s->ring, s->ring->head, 123456, BYE_CROWD);
	c->eof = true;
	c->excess = EXCESS_CONTROL;
	/* One that has just connected. */
	c = add_new_client(s, NULL, 9);
	CHECK(person_enter(&s->persons, c, "bob") == 0);
	presence_watch(s, c);
	presence_who(c);
	c->presence->telling = true;
	(void)strlcpy(c->presence->last_sent, "al",
	    sizeof(c->presence->last_sent));
	c->deadline = 4711;
	c->lost = LOST_UNKNOWN;
}

static void
add_session(struct server *s, const char *token, uint64_t lines)
{
	struct client c;

	memset(&c, 0, sizeof(c));
	c.id = 3 + lines;
	join(s, &c, token);
	c.lines = lines;
	c.authored = s->ring->head - lines;
	client_leave_session(&c, &s->sessions);
}

static void
fill_whole(struct whole *w)
{
	init_whole(w);
	add_room(&w->s);
	CHECK(listeners_add(&w->l, 100, NULL) != NULL);
	CHECK(listeners_add(&w->l, 101, NULL) != NULL);
	w->s.count = (struct counters){ 1, 2, 3, 4, 5 };
	w->s.full_since = 99;
	w->s.accept_at = 98;
	w->s.choked = true;
	add_session(&w->s, "b", 2);
	add_session(&w->s, "a", 1);
	add_session(&w->s, "c", 3);
	add_clients(&w->s);
}

/* The state of a server in buf, which has STATE_MAX bytes. */
static size_t
to_buffer(struct server *s, char *buf)
{
	FILE *f = tmpfile();
	size_t len;

	CHECK(f != NULL);
	CHECK_STR(state_write(s, f), NULL);
	nfds = state_fds(s, fds);
	rewind(f);
	len = fread(buf, 1, STATE_MAX, f);
	CHECK(len > 0 && len < STATE_MAX && fclose(f) == 0);
	return len;
}

static const char *
from_buffer(struct server *s, char *buf, size_t len)
{
	FILE *f = fmemopen(buf, len, "r");
	const char *why;

	CHECK(f != NULL);
	why = state_read(s, f, fds, nfds, false);
	(void)fclose(f);
	return why;
}

/* Compares everything but pointers. */
static void
same_client(const struct client *one, const struct client *other)
{
	struct client a = *one, b = *other;

	CHECK(a.inlen == b.inlen && memcmp(a.in == NULL ? "" : a.in,
	    b.in == NULL ? "" : b.in, a.inlen) == 0);
	CHECK(a.outlen == b.outlen && memcmp(a.out == NULL ? "" : a.out,
	    b.out == NULL ? "" : b.out, a.outlen) == 0);
	CHECK((a.peer == NULL) == (b.peer == NULL));
	if (a.peer != NULL) {
		CHECK(a.peer->clients == b.peer->clients);
		CHECK(a.peer->turned_away == b.peer->turned_away);
		CHECK(a.peer->loopback == b.peer->loopback);
	}
	CHECK((a.session == NULL) == (b.session == NULL));
	if (a.session != NULL) {
		CHECK_STR(a.session->name, b.session->name);
		CHECK(a.session->author == b.session->author);
		CHECK(b.session->client == other);
	}
	CHECK_STR(a.person == NULL ? NULL : a.person->name,
	    b.person == NULL ? NULL : b.person->name);
	CHECK((a.presence == NULL) == (b.presence == NULL));
	if (a.presence != NULL) {
		CHECK(a.presence->watches == b.presence->watches);
		CHECK(a.presence->telling == b.presence->telling);
		CHECK(a.presence->owed == b.presence->owed);
		CHECK_STR(a.presence->last_sent, b.presence->last_sent);
		CHECK(b.presence->client == other);
	}
	a.in = b.in = a.out = b.out = NULL;
	a.person = b.person = NULL;
	a.presence = b.presence = NULL;
	a.peer = b.peer = NULL;
	a.session = b.session = NULL;
	CHECK(memcmp(&a, &b, sizeof(a)) == 0);
}

static void
same_room(const struct ring *a, const struct ring *b)
{
	uint64_t pos, i, j = b->span_first;

	CHECK(a->size == b->size && a->nspans == b->nspans);
	CHECK(a->base == b->base && a->head == b->head);
	CHECK(a->first == b->first && a->next == b->next);
	for (pos = a->base; pos < a->head; pos++)
		CHECK(a->bytes[pos % a->size] == b->bytes[pos % b->size]);
	CHECK(a->span_end - a->span_first == b->span_end - b->span_first);
	for (i = a->span_first; i < a->span_end; i++, j++)
		CHECK(memcmp(ring_span(a, i), ring_span(b, j),
		    sizeof(struct ring_span)) == 0);
}

static void
same_sessions(const struct sessions *a, const struct sessions *b)
{
	const struct session *s = TAILQ_FIRST(&a->idle);
	const struct session *t = TAILQ_FIRST(&b->idle);

	CHECK(a->nidle == 3 && b->nidle == 3);
	for (; s != NULL; s = TAILQ_NEXT(s, use), t = TAILQ_NEXT(t, use)) {
		CHECK_STR(s->name, t->name);
		CHECK(s->author == t->author && s->lines == t->lines &&
		    s->authored == t->authored && t->client == NULL);
	}
	CHECK(t == NULL);
}

static void
identical(void)
{
	static char one[STATE_MAX], other[STATE_MAX];
	struct whole a, b;
	size_t i, len;

	fill_whole(&a);
	init_whole(&b);
	len = to_buffer(&a.s, one);
	CHECK_STR(from_buffer(&b.s, one, len), NULL);
	same_room(a.s.ring, b.s.ring);
	same_sessions(&a.s.sessions, &b.s.sessions);
	CHECK(b.s.nclients == 3 && b.s.nturned == 1 && b.s.last_id == 9);
	for (i = 0; i < 3; i++)
		same_client(a.s.clients[i], b.s.clients[i]);
	CHECK(memcmp(&a.s.count, &b.s.count, sizeof(a.s.count)) == 0);
	CHECK(b.s.unfinished == 9);
	CHECK(b.s.full_since == 99 && b.s.accept_at == 98 && b.s.choked);
	CHECK(b.l.n == 2 && b.l.list[0].fd == 100 && b.l.list[1].fd == 101);
	CHECK(b.l.list[0].path == NULL && b.l.list[1].path == NULL);
	/* Written again, it is the same: reading has left nothing out. */
	CHECK(to_buffer(&b.s, other) == len && memcmp(one, other, len) == 0);
	free_whole(&a);
	free_whole(&b);
}

/* On trial all sockets may be missing; otherwise none may be. */
static void
descriptors_missing(void)
{
	static char buf[STATE_MAX];
	struct whole a, b;
	size_t len;
	FILE *f;

	fill_whole(&a);
	len = to_buffer(&a.s, buf);
	CHECK(nfds == 5);
	init_whole(&b);
	nfds = 4;
	CHECK_STR(from_buffer(&b.s, buf, len),
	    "invalid file descriptor in the state");
	free_whole(&b);
	init_whole(&b);
	f = fmemopen(buf, len, "r");
	CHECK(f != NULL);
	CHECK_STR(state_read(&b.s, f, fds, 0, true), NULL);
	CHECK(b.l.list[0].fd == -1 && b.s.clients[2]->conn.fd == -1);
	CHECK(fclose(f) == 0);
	free_whole(&b);
	free_whole(&a);
}

static void
empty(void)
{
	static char buf[STATE_MAX];
	struct whole a, b;
	size_t len;

	init_whole(&a);
	init_whole(&b);
	a.s.ring = ring_new(RING_SIZE_MIN, FIRST);
	len = to_buffer(&a.s, buf);
	CHECK_STR(from_buffer(&b.s, buf, len), NULL);
	CHECK(b.s.nclients == 0 && b.s.pfd != NULL && b.l.n == 0);
	same_room(a.s.ring, b.s.ring);
	free_whole(&a);
	free_whole(&b);
}

static void
cut_short(void)
{
	static char buf[STATE_MAX];
	struct whole a, b;
	size_t i, len;

	fill_whole(&a);
	len = to_buffer(&a.s, buf);
	CHECK_IN(len < 10000, "%zu: too many to try", len);
	for (i = 1; i < len; i++) {
		init_whole(&b);
		CHECK_IN(from_buffer(&b.s, buf, i) != NULL, "%zu", i);
		free_whole(&b);
	}
	free_whole(&a);
}

static void
another_version(void)
{
	static char buf[STATE_MAX];
	struct whole a, b;
	size_t len;

	fill_whole(&a);
	len = to_buffer(&a.s, buf);
	buf[strlen(STATE_VERSION) - 1]++;
	init_whole(&b);
	CHECK_STR(from_buffer(&b.s, buf, len), "the state has another version");
	free_whole(&b);
	free_whole(&a);
}

/* Reading survives whatever is wrong. The ring's size is left out: a sanitizer
 * ends the program if somebody allocates too much. */
static void
wrong_bytes(void)
{
	static char buf[STATE_MAX];
	struct whole a, b;
	size_t i, len, refused = 0;

	fill_whole(&a);
	len = to_buffer(&a.s, buf);
	for (i = SIZE_AT + 8; i < len; i++) {
		buf[i] ^= (char)0xff;
		init_whole(&b);
		refused += from_buffer(&b.s, buf, len) != NULL;
		free_whole(&b);
		buf[i] ^= (char)0xff;
	}
	CHECK_IN(refused > 100, "%zu of %zu", refused, len);
	free_whole(&a);
}

/* States that no server can be in. */
static void
disorder(void)
{
	struct whole a, b;
	struct ring *r;
	FILE *f;
	int i;

	for (i = 0; i < 6; i++) {
		fill_whole(&a);
		init_whole(&b);
		r = a.s.ring;
		if (i == 0)
			r->bytes[(r->head - 1) % r->size] = 'x';
		else if (i == 1)
			r->spans[(r->span_first + 2) % r->nspans].start = 0;
		else if (i == 2)
			r->spans[(r->span_end - 1) % r->nspans].line = r->next;
		else if (i == 3)
			a.s.clients[0]->cursor = r->head + 1;
		else if (i == 4)
			a.s.clients[0]->cursor = r->base - 1;
		else
			(void)strlcpy(a.s.clients[0]->session->name, "b",
			    sizeof("b"));
		f = tmpfile();
		CHECK(f != NULL);
		if (state_write(&a.s, f) == NULL) {
			rewind(f);
			nfds = state_fds(&a.s, fds);
			CHECK_IN(state_read(&b.s, f, fds, nfds, false) !=
			    NULL, "%d", i);
		}
		(void)fclose(f);
		free_whole(&b);
		free_whole(&a);
	}
}

/* The next keeper kills a process and removes files by it. */
static void
manifest(void)
{
	struct listeners from = { .n = 0 }, to = { .n = 0 };
	struct manifest given = { .child = 2 }, got;
	FILE *f;
	pid_t pid;

	given.fds = fds;
	fds[0] = 5;
	given.nfds = 1;
	CHECK(listeners_add(&from, -1, NULL) != NULL);
	from.list[0].path = strdup("/tmp/room");
	for (pid = 0; pid <= 2; pid++) {
		f = tmpfile();
		CHECK(f != NULL);
		given.child = pid;
		(void)manifest_write(f, &given, &from);
		rewind(f);
		CHECK_IN((manifest_read(f, &got, &to) == NULL) == (pid > 1),
		    "%d", (int)pid);
		if (pid > 1)
			CHECK(got.child == 2 && got.nfds == 1 &&
			    got.fds[0] == 5);
		free(got.fds);
		(void)fclose(f);
	}
	CHECK_STR(to.list[to.n - 1].path, "/tmp/room");
	while (to.n > 0)
		free(to.list[--to.n].path);
	free(to.list);
	free(from.list[0].path);
	free(from.list);
}

/* The log's helper is a process to kill, too; its command comes anew. */
static void
manifest_helper(void)
{
	static const struct helper helper = {
		.command = "x", .node = "y", .pid = 7, .dismissed = true,
		.reported = true, .started = 1, .start_at = 2, .pause = 3,
		.end_at = CLOCK_NEVER
	};
	struct listeners none = { .n = 0 };
	struct manifest given = { .child = 2 }, got;
	struct helper *h = &got.helper;
	FILE *f;
	pid_t pid;

	given.fds = fds;
	for (pid = 0; pid <= 2; pid++) {
		f = tmpfile();
		CHECK(f != NULL);
		given.helper = helper;
		given.helper.pid = pid;
		(void)manifest_write(f, &given, &none);
		rewind(f);
		CHECK_IN((manifest_read(f, &got, &none) == NULL) == (pid != 1),
		    "%d", (int)pid);
		if (pid != 1)
			CHECK(h->pid == pid && h->dismissed && h->reported &&
			    h->started == 1 && h->start_at == 2 &&
			    h->pause == 3 && h->end_at == CLOCK_NEVER &&
			    h->command == NULL && h->node == NULL);
		free(got.fds);
		(void)fclose(f);
	}
}

const struct test state_tests[] = {
	{ "what is written is read identical", identical },
	{ "descriptors that are missing", descriptors_missing },
	{ "a room that nobody has ever been in", empty },
	{ "what is cut short is refused, wherever", cut_short },
	{ "another version is refused", another_version },
	{ "wrong bytes do no harm", wrong_bytes },
	{ "what can't be is refused", disorder },
	{ "what one keeper leaves to the next", manifest },
	{ "the helper that goes on with it", manifest_helper },
	{ NULL, NULL }
};
