/*
 * The state: all that a server knows, in a file, for a program to go on with
 *
 * Each function writes its part or reads it, whatever the tape is for, so that
 * the two can't differ. What is read is checked as far as memory depends on it,
 * and a little more; it's no stranger's.
 */
#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "client.h"
#include "listener.h"
#include "server.h"
#include "state.h"
#include "tape.h"

#define END		"end of state\n"
#define LISTENERS_MAX	(1 << 20)	/* more are not to be believed */
#define CLIENTS_MAX	(1 << 21)
#define SESSIONS_MAX	(1 << 21)
#define OUT_MAX		(1024 * 1024)

static void
pass_span(struct tape *t, struct room_span *span)
{
	tape_number(t, &span->start, UINT64_MAX);
	tape_number(t, &span->line, UINT64_MAX);
	tape_number(t, &span->author, UINT64_MAX);
	tape_time(t, &span->time);
}

/* Whether spans cover all that is there, in order, and it ends with a line. */
static bool
is_sound(const struct room *r)
{
	uint64_t i, start = r->base, line = r->first;
	const struct room_span *s;

	if (r->head == r->base)
		return r->span_end == r->span_first && r->first <= r->next;
	if (r->span_end == r->span_first ||
	    room_span(r, r->span_first)->start != start ||
	    r->bytes[(r->head - 1) % r->size] != '\n')
		return false;
	for (i = r->span_first; i < r->span_end; i++) {
		s = room_span(r, i);
		if (s->start < start || s->line < line)
			return false;
		start = s->start + 1;
		line = s->line + 1;
	}
	return start <= r->head && line <= r->next;
}

static void
pass_lines(struct tape *t, struct room *r)
{
	uint64_t i, n = r->span_end - r->span_first;
	struct iovec iov[2];
	int k, pieces;

	tape_number(t, &r->next, UINT64_MAX);
	tape_number(t, &r->base, UINT64_MAX);
	tape_number(t, &r->head, UINT64_MAX);
	if (r->head < r->base || r->head - r->base > r->size) {
		tape_refuse(t, "the room in the state is larger than its ring");
		r->head = r->base;
	}
	pieces = room_iov(r, r->base, r->head, iov);
	for (k = 0; k < pieces; k++)
		tape_bytes(t, iov[k].iov_base, iov[k].iov_len);
	tape_number(t, &n, r->nspans);
	r->span_end = r->span_first + n;
	for (i = r->span_first; i < r->span_end; i++)
		pass_span(t, &r->spans[i % r->nspans]);
	r->shown = r->head;
	if (!is_sound(r))
		tape_refuse(t, "the room in the state is not in order");
}

static void
pass_room(struct tape *t, struct room **room)
{
	size_t size = t->writing ? (*room)->size : 0;
	uint64_t first = t->writing ? (*room)->first : 0;

	tape_size(t, &size, SIZE_MAX / 2);
	tape_number(t, &first, UINT64_MAX);
	if (size < ROOM_SIZE_MIN)
		tape_refuse(t, "the ring in the state is too small");
	if (t->why != NULL)
		return;
	if (!t->writing)
		*room = room_new(size, first);
	if (*room == NULL)
		tape_refuse(t, strerror(errno));
	else
		pass_lines(t, *room);
}

static void
pass_listeners(struct tape *t, struct listeners *all)
{
	size_t i, n = all->n;

	tape_size(t, &n, LISTENERS_MAX);
	for (i = 0; i < n && t->why == NULL; i++) {
		if (!t->writing && listeners_add(all, -1, NULL) == NULL)
			tape_refuse(t, strerror(errno));
		else
			tape_descriptor(t, &all->list[i].fd);
	}
}

static void
pass_idle(struct tape *t, struct sessions *all, const struct session *from)
{
	struct session passed = { .name = "" }, *s;
	bool begun = true;

	if (from != NULL)
		passed = *from;
	if (from != NULL && from->client != NULL) {
		passed.lines = from->client->lines;
		passed.authored = from->client->authored;
	}
	tape_string(t, passed.name, sizeof(passed.name));
	tape_number(t, &passed.author, UINT64_MAX);
	tape_number(t, &passed.lines, UINT64_MAX);
	tape_number(t, &passed.stored, UINT64_MAX);
	tape_number(t, &passed.authored, UINT64_MAX);
	if (t->writing || t->why != NULL)
		return;
	s = session_find(all, passed.name, passed.author, &begun);
	if (s == NULL || !begun) {
		tape_refuse(t, s == NULL ? strerror(errno) :
		    "a session is twice in the state");
		return;
	}
	s->lines = passed.lines;
	s->stored = passed.stored;
	s->authored = passed.authored;
}

/* Whether a client stays behind, and its session goes on without it. */
static bool
leaves_session(const struct client *c)
{
	return c->session != NULL && !conn_can_move(&c->conn);
}

/* Of those that nobody is connected with, the least recently used one first,
 * and then those that nobody will be. */
static void
pass_sessions(struct tape *t, struct server *s)
{
	struct session *idle = TAILQ_FIRST(&s->sessions.idle);
	size_t i, n = s->sessions.nidle;

	for (i = 0; t->writing && i < s->nclients; i++)
		n += leaves_session(s->clients[i]);
	tape_size(t, &n, SESSIONS_MAX);
	if (!t->writing) {
		for (; n > 0 && t->why == NULL; n--)
			pass_idle(t, &s->sessions, NULL);
		return;
	}
	for (; idle != NULL; idle = TAILQ_NEXT(idle, idle))
		pass_idle(t, &s->sessions, idle);
	for (i = 0; i < s->nclients; i++) {
		if (leaves_session(s->clients[i]))
			pass_idle(t, &s->sessions, s->clients[i]->session);
	}
}

static void
find_peer(struct tape *t, struct server *s, struct client *c)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };

	sin6.sin6_addr = c->addr;
	if (peer_find(&s->peers, (struct sockaddr *)&sin6, &c->peer) == -1)
		tape_refuse(t, strerror(errno));
	else if (c->turned)
		c->peer->turned++;
	else
		c->peer->clients++;
}

static void
pass_person(struct tape *t, struct server *s, struct client *c)
{
	char name[PERSON_MAX + 1] = "";

	if (c->person != NULL)
		(void)strlcpy(name, c->person->name, sizeof(name));
	tape_string(t, name, sizeof(name));
	if (t->writing || t->why != NULL || name[0] == '\0')
		return;
	if (person_enter(&s->persons, c, name) == -1)
		tape_refuse(t, strerror(errno));
}

static void
pass_identity(struct tape *t, struct server *s, struct client *c)
{
	bool has_address = c->peer != NULL;

	tape_descriptor(t, &c->conn.fd);
	c->state = (enum client_state)tape_value(t, c->state, CLIENT_GONE);
	tape_number(t, &c->id, s->last_id);
	tape_bool(t, &has_address);
	tape_bytes(t, &c->addr, sizeof(c->addr));
	c->port = (in_port_t)tape_value(t, c->port, UINT16_MAX);
	tape_time(t, &c->deadline);
	c->uid = (uid_t)tape_value(t, c->uid, UINT32_MAX);
	pass_person(t, s, c);
	c->access = (enum role)tape_value(t, c->access, ROLE_CHAT);
	c->role = (enum role)tape_value(t, c->role, ROLE_CHAT);
	tape_bool(t, &c->plain);
	tape_bool(t, &c->times);
	tape_bool(t, &c->turned);
	c->entered = !c->turned;
	if (t->writing || t->why != NULL)
		return;
	s->nturned += c->turned;
	if (has_address)
		find_peer(t, s, c);
}

/* The session knows again what the client does, once that is read. */
static void
pass_session(struct tape *t, struct server *s, struct client *c)
{
	char name[SESSION_NAME_MAX + 1] = "";
	uint64_t stored = 0;
	struct session *session;
	bool begun;

	if (c->session != NULL) {
		(void)strlcpy(name, c->session->name, sizeof(name));
		stored = c->session->stored;
	}
	tape_string(t, name, sizeof(name));
	tape_number(t, &stored, UINT64_MAX);
	if (t->writing || t->why != NULL || name[0] == '\0')
		return;
	session = session_find(&s->sessions, name, c->id, &begun);
	if (session == NULL)
		tape_refuse(t, strerror(errno));
	else if (!begun)
		tape_refuse(t, "a session is twice in the state");
	else {
		session->stored = stored;
		session_join(&s->sessions, session, c);
	}
}

static void
pass_text(struct tape *t, char **buf, uint32_t *len, size_t max)
{
	size_t n = *len;

	tape_blob(t, buf, &n, max);
	*len = (uint32_t)n;
}

static void
pass_input(struct tape *t, struct server *s, struct client *c)
{
	tape_bool(t, &c->spoke);
	tape_bool(t, &c->eof);
	tape_bool(t, &c->skip);
	tape_bool(t, &c->stuck);
	pass_text(t, &c->in, &c->inlen, LINE_KEEP + SERVER_READ);
	c->unfinished = (uint32_t)tape_value(t, c->unfinished, LINE_KEEP);
	tape_number(t, &c->lines, UINT64_MAX);
	tape_time(t, &c->lines_due);
	tape_time(t, &c->words_due);
	if (!t->writing)
		s->unfinished += c->unfinished;
}

static void
pass_output(struct tape *t, const struct room *r, struct client *c)
{
	tape_bool(t, &c->blocked);
	tape_bool(t, &c->unsure);
	tape_bool(t, &c->needs_at);
	tape_bool(t, &c->moved);
	pass_text(t, &c->out, &c->outlen, OUT_MAX);
	tape_number(t, &c->cursor, CURSOR_NONE);
	tape_number(t, &c->until, CURSOR_NONE);
	tape_number(t, &c->until_line, CURSOR_NONE);
	tape_number(t, &c->authored, UINT64_MAX);
	tape_number(t, &c->told, UINT64_MAX);
	tape_number(t, &c->lost, LOST_UNKNOWN);
	tape_time(t, &c->time);
	c->bye = (enum bye)tape_value(t, c->bye, BYE_UNFINISHED);
	if (c->cursor != CURSOR_NONE &&
	    (c->cursor < r->base || c->cursor > r->head))
		tape_refuse(t, "a client in the state reads where nothing is");
}

/* What it has asked about others. */
static void
pass_presence(struct tape *t, struct server *s, struct client *c)
{
	struct presence p = { .owed = false };
	bool asked = c->presence != NULL;

	if (asked)
		p = *c->presence;
	tape_bool(t, &asked);
	tape_bool(t, &p.watches);
	tape_bool(t, &p.telling);
	tape_bool(t, &p.owed);
	tape_string(t, p.told, sizeof(p.told));
	if (t->writing || t->why != NULL || !asked)
		return;
	presence_who(c);
	if (p.watches && c->presence != NULL)
		presence_watch(s, c);
	if (c->presence == NULL) {
		tape_refuse(t, strerror(errno));
		return;
	}
	c->presence->telling = p.telling;
	c->presence->owed = p.owed;
	memcpy(c->presence->told, p.told, sizeof(p.told));
}

/* Where a reader behind the ring is, whichever segment that will be in. */
static void
pass_past(struct tape *t, const struct server *s, struct client *c)
{
	struct past_place place = { .number = 0 };
	bool behind = c->past != NULL;

	if (behind)
		place = c->past->place;
	tape_bool(t, &behind);
	tape_number(t, &place.number, UINT64_MAX);
	tape_bool(t, &place.needs_at);
	tape_time(t, &place.told);
	if (t->writing || t->why != NULL || !behind)
		return;
	if (s->journal == NULL) {
		tape_refuse(t, "a client in the state reads where nothing is");
		return;
	}
	c->needs_at = place.needs_at;
	c->time = place.told;
	past_enter(c, place.number);
	if (c->past == NULL)
		tape_refuse(t, strerror(errno));
}

/* One that is read belongs to the server from the start, to be freed. */
static struct client *
add_client(struct tape *t, struct server *s)
{
	struct client *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		tape_refuse(t, strerror(errno));
		return NULL;
	}
	c->conn.fd = -1;
	s->clients[s->nclients++] = c;
	return c;
}

static void
pass_client(struct tape *t, struct server *s, struct client *c)
{
	pass_identity(t, s, c);
	pass_session(t, s, c);
	pass_input(t, s, c);
	pass_output(t, s->room, c);
	pass_past(t, s, c);
	pass_presence(t, s, c);
}

static void
write_clients(struct tape *t, struct server *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->nclients; i++)
		n += conn_can_move(&s->clients[i]->conn);
	tape_size(t, &n, CLIENTS_MAX);
	for (i = 0; i < s->nclients && t->why == NULL; i++) {
		if (conn_can_move(&s->clients[i]->conn))
			pass_client(t, s, s->clients[i]);
	}
}

static void
read_clients(struct tape *t, struct server *s)
{
	struct client *c;
	size_t n;

	tape_size(t, &n, CLIENTS_MAX);
	/* Also if there are none: this is for the listeners, too. */
	if (!server_reserve(s, n))
		tape_refuse(t, strerror(errno));
	for (; n > 0 && t->why == NULL; n--) {
		c = add_client(t, s);
		if (c != NULL)
			pass_client(t, s, c);
	}
}

/* The folder stays locked all the time. */
static void
pass_journal(struct tape *t, struct server *s)
{
	struct journal *j = s->journal;
	bool kept = j != NULL;
	const char *why;
	int dir;

	tape_bool(t, &kept);
	if (kept != (j != NULL))
		tape_refuse(t, "one room has a store, and the other has none");
	if (t->why != NULL || j == NULL)
		return;
	dir = j->store.dir;
	tape_descriptor(t, &dir);
	tape_number(t, &j->began, UINT64_MAX);
	tape_number(t, &j->head, UINT64_MAX);
	if (t->writing || t->why != NULL)
		return;
	if (store_reopen(&j->store, &s->config.store, dir, &why) == -1)
		tape_refuse(t, why);
	journal_begin(j, s->room);
}

static void
pass_counters(struct tape *t, struct counters *count)
{
	tape_number(t, &count->lines, UINT64_MAX);
	tape_number(t, &count->bytes, UINT64_MAX);
	tape_number(t, &count->lost, UINT64_MAX);
	tape_number(t, &count->refused, UINT64_MAX);
	tape_number(t, &count->turned, UINT64_MAX);
}

static const char *
pass_server(struct tape *t, struct server *s)
{
	tape_text(t, STATE_VERSION "\n", "the state has another version");
	pass_room(t, &s->room);
	if (t->why == NULL)
		pass_journal(t, s);
	pass_listeners(t, s->listeners);
	pass_counters(t, &s->count);
	tape_number(t, &s->last_id, UINT64_MAX);
	tape_time(t, &s->full_since);
	tape_time(t, &s->accept_at);
	tape_bool(t, &s->choked);
	pass_sessions(t, s);
	if (t->writing)
		write_clients(t, s);
	else
		read_clients(t, s);
	tape_text(t, END, "the state has no end");
	return t->why;
}

size_t
state_fds(const struct server *s, int *fds)
{
	size_t i, n = 0;

	if (s->journal != NULL)
		fds[n++] = s->journal->store.dir;
	for (i = 0; i < s->listeners->n; i++)
		fds[n++] = s->listeners->list[i].fd;
	for (i = 0; i < s->nclients; i++) {
		if (conn_can_move(&s->clients[i]->conn))
			fds[n++] = s->clients[i]->conn.fd;
	}
	return n;
}

const char *
state_write(struct server *s, FILE *f)
{
	struct tape t = { .file = f, .writing = true };

	if (pass_server(&t, s) == NULL && fflush(f) == EOF)
		t.why = strerror(errno);
	return t.why;
}

const char *
state_read(struct server *s, FILE *f, const int *fds, size_t n, bool trial)
{
	struct tape t = { .file = f, .fds = fds, .nfds = n, .trial = trial };

	return pass_server(&t, s);
}
