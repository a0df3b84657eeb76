/*
 * The clients' part of the state
 */
#include <netinet/in.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/client.h"
#include "core/server.h"
#include "door/guard.h"
#include "serialise.h"
#include "stateclient.h"

#define CLIENTS_MAX	(1 << 21)	/* more are not to be believed */
#define OUT_MAX		(1024 * 1024)

static void
find_peer(struct serialiser *t, struct server *s, struct client *c)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };

	sin6.sin6_addr = c->addr;
	if (peer_find(&s->guard->peers, (struct sockaddr *)&sin6, &c->peer) == -1)
		serialise_refuse(t, strerror(errno));
	else if (c->turned)
		c->peer->turned++;
	else
		c->peer->clients++;
}

static void
pass_person(struct serialiser *t, struct server *s, struct client *c)
{
	char name[PERSON_MAX + 1] = "";

	if (c->person != NULL)
		(void)strlcpy(name, c->person->name, sizeof(name));
	serialise_string(t, name, sizeof(name));
	if (t->writing || t->why != NULL || name[0] == '\0')
		return;
	if (person_enter(&s->persons, c, name) == -1)
		serialise_refuse(t, strerror(errno));
}

static void
pass_identity(struct serialiser *t, struct server *s, struct client *c)
{
	bool has_address = c->peer != NULL;

	serialise_descriptor(t, &c->conn.fd);
	c->state = (enum client_state)serialise_value(t, c->state, CLIENT_GONE);
	serialise_number(t, &c->id, s->last_id);
	serialise_bool(t, &has_address);
	serialise_bytes(t, &c->addr, sizeof(c->addr));
	c->port = (in_port_t)serialise_value(t, c->port, UINT16_MAX);
	serialise_time(t, &c->deadline);
	c->uid = (uid_t)serialise_value(t, c->uid, UINT32_MAX);
	pass_person(t, s, c);
	c->access = (enum role)serialise_value(t, c->access, ROLE_CHAT);
	c->role = (enum role)serialise_value(t, c->role, ROLE_CHAT);
	serialise_bool(t, &c->plain);
	serialise_bool(t, &c->times);
	serialise_bool(t, &c->turned);
	c->entered = !c->turned;
	if (t->writing || t->why != NULL)
		return;
	s->nturned += c->turned;
	if (has_address)
		find_peer(t, s, c);
	if (has_address && c->state == CLIENT_AUTHENTICATING)
		guard_restore(s->guard, c);
}

/* It was read before, and knows what the client does. */
static void
pass_session(struct serialiser *t, struct server *s, struct client *c)
{
	char name[SESSION_NAME_MAX + 1] = "";
	struct session *session;

	if (c->session != NULL)
		(void)strlcpy(name, c->session->name, sizeof(name));
	serialise_string(t, name, sizeof(name));
	if (t->writing || t->why != NULL || name[0] == '\0')
		return;
	session = session_known(&s->sessions, name);
	if (session == NULL || !session->here || session->client != NULL ||
	    session->author != c->id)
		serialise_refuse(t, "a session in the state can't be the client's");
	else
		client_resume(c, &s->sessions, session);
}

static void
pass_text(struct serialiser *t, char **buf, uint32_t *len, size_t max)
{
	size_t n = *len;

	serialise_blob(t, buf, &n, max);
	*len = (uint32_t)n;
}

static void
pass_input(struct serialiser *t, struct server *s, struct client *c)
{
	serialise_bool(t, &c->spoke);
	serialise_bool(t, &c->eof);
	serialise_bool(t, &c->cut);
	c->excess = (enum excess)serialise_value(t, c->excess, EXCESS_CONTROL);
	serialise_bool(t, &c->stuck);
	pass_text(t, &c->in, &c->inlen, LINE_KEEP + SERVER_READ);
	c->unfinished = (uint32_t)serialise_value(t, c->unfinished, LINE_KEEP);
	serialise_number(t, &c->lines, UINT64_MAX);
	serialise_time(t, &c->lines_due);
	serialise_time(t, &c->words_due);
	if (!t->writing)
		s->unfinished += c->unfinished;
}

static void
pass_output(struct serialiser *t, const struct ring *r, struct client *c)
{
	serialise_bool(t, &c->blocked);
	serialise_bool(t, &c->unsure);
	serialise_bool(t, &c->needs_at);
	serialise_bool(t, &c->moved);
	pass_text(t, &c->out, &c->outlen, OUT_MAX);
	serialise_number(t, &c->cursor, CURSOR_NONE);
	serialise_number(t, &c->until, CURSOR_NONE);
	serialise_number(t, &c->until_line, CURSOR_NONE);
	serialise_number(t, &c->authored, UINT64_MAX);
	serialise_number(t, &c->told, UINT64_MAX);
	serialise_number(t, &c->lost, LOST_UNKNOWN);
	serialise_time(t, &c->time);
	c->bye = (enum bye)serialise_value(t, c->bye, BYE_PROTOCOL);
	if (c->cursor != CURSOR_NONE &&
	    (c->cursor < r->base || c->cursor > r->head))
		serialise_refuse(t, "a client in the state reads where nothing is");
}

/* What it has asked about others. */
static void
pass_presence(struct serialiser *t, struct server *s, struct client *c)
{
	struct presence p = { .owed = false };
	bool asked = c->presence != NULL;

	if (asked)
		p = *c->presence;
	serialise_bool(t, &asked);
	serialise_bool(t, &p.watches);
	serialise_bool(t, &p.telling);
	serialise_bool(t, &p.owed);
	serialise_string(t, p.told, sizeof(p.told));
	if (t->writing || t->why != NULL || !asked)
		return;
	presence_who(c);
	if (p.watches && c->presence != NULL)
		presence_watch(s, c);
	if (c->presence == NULL) {
		serialise_refuse(t, strerror(errno));
		return;
	}
	c->presence->telling = p.telling;
	c->presence->owed = p.owed;
	memcpy(c->presence->told, p.told, sizeof(p.told));
}

/* Where a reader behind the ring is, whichever segment that will be in. */
static void
pass_past(struct serialiser *t, const struct server *s, struct client *c)
{
	struct catchup_place place = { .number = 0 };
	bool behind = c->catchup != NULL;

	if (behind)
		place = c->catchup->place;
	serialise_bool(t, &behind);
	serialise_number(t, &place.number, UINT64_MAX);
	serialise_bool(t, &place.needs_at);
	serialise_time(t, &place.told);
	if (t->writing || t->why != NULL || !behind)
		return;
	if (s->journal == NULL) {
		serialise_refuse(t, "a client in the state reads where nothing is");
		return;
	}
	c->needs_at = place.needs_at;
	c->time = place.told;
	catchup_enter(c, place.number);
	if (c->catchup == NULL)
		serialise_refuse(t, strerror(errno));
}

/* One that is read belongs to the server from the start, to be freed. */
static struct client *
add_client(struct serialiser *t, struct server *s)
{
	struct client *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		serialise_refuse(t, strerror(errno));
		return NULL;
	}
	c->conn.fd = -1;
	s->clients[s->nclients++] = c;
	return c;
}

static void
pass_client(struct serialiser *t, struct server *s, struct client *c)
{
	pass_identity(t, s, c);
	pass_session(t, s, c);
	pass_input(t, s, c);
	pass_output(t, s->ring, c);
	pass_past(t, s, c);
	pass_presence(t, s, c);
}

static void
write_clients(struct serialiser *t, struct server *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->nclients; i++)
		n += conn_can_move(&s->clients[i]->conn);
	serialise_size(t, &n, CLIENTS_MAX);
	for (i = 0; i < s->nclients && t->why == NULL; i++) {
		if (conn_can_move(&s->clients[i]->conn))
			pass_client(t, s, s->clients[i]);
	}
}

static void
read_clients(struct serialiser *t, struct server *s)
{
	struct client *c;
	size_t n;

	serialise_size(t, &n, CLIENTS_MAX);
	/* Also if there are none: this is for the listeners, too. */
	if (!server_reserve(s, n))
		serialise_refuse(t, strerror(errno));
	for (; n > 0 && t->why == NULL; n--) {
		c = add_client(t, s);
		if (c != NULL)
			pass_client(t, s, c);
	}
}

void
state_clients(struct serialiser *t, struct server *s)
{
	if (t->writing)
		write_clients(t, s);
	else
		read_clients(t, s);
}
