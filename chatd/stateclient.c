/*
 * The clients' part of the state
 */
#include <netinet/in.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "server.h"
#include "stateclient.h"
#include "tape.h"

#define CLIENTS_MAX	(1 << 21)	/* more are not to be believed */
#define OUT_MAX		(1024 * 1024)

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
	if (has_address && c->state == CLIENT_KNOCKING)
		guard_remember(&s->guard, c);
}

/* It was read before, and knows what the client does. */
static void
pass_session(struct tape *t, struct server *s, struct client *c)
{
	char name[SESSION_NAME_MAX + 1] = "";
	struct session *session;

	if (c->session != NULL)
		(void)strlcpy(name, c->session->name, sizeof(name));
	tape_string(t, name, sizeof(name));
	if (t->writing || t->why != NULL || name[0] == '\0')
		return;
	session = session_known(&s->sessions, name);
	if (session == NULL || !session->here || session->client != NULL ||
	    session->author != c->id)
		tape_refuse(t, "a session in the state can't be the client's");
	else
		session_resume(&s->sessions, session, c);
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
	tape_bool(t, &c->cut);
	c->excess = (enum excess)tape_value(t, c->excess, EXCESS_CONTROL);
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
	c->bye = (enum bye)tape_value(t, c->bye, BYE_STRANGER);
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

void
state_clients(struct tape *t, struct server *s)
{
	if (t->writing)
		write_clients(t, s);
	else
		read_clients(t, s);
}
