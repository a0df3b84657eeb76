/*
 * The membership: the part of the state that a room has which shares a log
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/client.h"
#include "core/server.h"
#include "member/member.h"
#include "membership.h"
#include "room/owner.h"
#include "serialise.h"

#define OUTBOX_LIMIT	(64 * 1024 * 1024) /* larger sizes are corrupt */
#define PEOPLE_LIMIT	(1 << 24)

static void
transfer_node(struct serialiser *z, struct replica *r, struct node *from)
{
	struct node copy = { .name = "" }, *node = from;

	if (from != NULL)
		copy = *from;
	serialise_string(z, copy.name, sizeof(copy.name));
	if (!z->writing)
		node = z->why != NULL ? NULL : replica_add(r, copy.name);
	if (node == NULL) {
		serialise_refuse(z, strerror(errno));
		node = &copy;
	}
	serialise_number(z, &node->epoch, UINT64_MAX);
	serialise_number(z, &node->seq, UINT64_MAX);
	serialise_number(z, &node->hash, UINT64_MAX);
	serialise_bool(z, &node->down);
	serialise_bool(z, &node->unwritten);
	serialise_time(z, &node->heard);
}

static void
transfer_nodes(struct serialiser *z, struct replica *r)
{
	struct node *node = NULL;
	size_t n = r->n;

	serialise_size(z, &n, REPLICA_NODES);
	if (z->writing) {
		TAILQ_FOREACH(node, &r->nodes, entry) {
			transfer_node(z, r, node);
		}
		return;
	}
	for (; n > 0 && z->why == NULL; n--)
		transfer_node(z, r, NULL);
}

static void
transfer_replica(struct serialiser *z, struct replica *r)
{
	serialise_string(z, r->ident, sizeof(r->ident));
	serialise_number(z, &r->sessions, REPLICA_UNTOLD);
	serialise_bool(z, &r->named);
	serialise_number(z, &r->pos, INT64_MAX);
	serialise_string(z, r->token, sizeof(r->token));
	serialise_number(z, &r->news, INT64_MAX);
	serialise_number(z, &r->hash, UINT64_MAX);
	serialise_time(z, &r->time);
	transfer_nodes(z, r);
}

/* The node with that number; NULL if there is none. */
static struct node *
node_at(struct replica *r, uint64_t number)
{
	struct node *node = NULL;

	TAILQ_FOREACH(node, &r->nodes, entry) {
		if (node->number == number)
			break;
	}
	return node;
}

static struct node *
transfer_node_number(struct serialiser *z, struct server *s,
    const struct node *from)
{
	uint64_t number = from == NULL ? 0 : from->number;
	struct node *node;

	serialise_number(z, &number, REPLICA_NODES);
	node = node_at(&s->member->replica, number);
	if (node == NULL)
		serialise_refuse(z, "invalid node in the state");
	return node;
}

static void
transfer_guest(struct serialiser *z, struct server *s, const struct guest *from)
{
	struct guest copy = { .node = NULL };

	if (from != NULL)
		copy = *from;
	copy.node = transfer_node_number(z, s, copy.node);
	serialise_string(z, copy.name, sizeof(copy.name));
	if (z->writing || z->why != NULL)
		return;
	if (people_here(s, &s->member->people, copy.node, copy.name) == -1)
		serialise_refuse(z, strerror(errno));
}

static void
transfer_people(struct serialiser *z, struct server *s)
{
	struct guest *g = NULL;
	size_t n = 0;

	RB_FOREACH(g, people, &s->member->people) {
		n++;
	}
	serialise_size(z, &n, PEOPLE_LIMIT);
	if (z->writing) {
		RB_FOREACH(g, people, &s->member->people) {
			transfer_guest(z, s, g);
		}
		return;
	}
	for (; n > 0 && z->why == NULL; n--)
		transfer_guest(z, s, NULL);
}

static void
transfer_outbox(struct serialiser *z, struct outbox *box)
{
	size_t len = box->len;

	serialise_size(z, &len, OUTBOX_LIMIT);
	if (!z->writing && z->why == NULL && outbox_reserve(box, len) == -1)
		serialise_refuse(z, strerror(errno));
	if (z->why != NULL)
		return;
	serialise_bytes(z, box->bytes, len);
	box->len = len;
	if (!z->writing && z->why == NULL && !outbox_is_valid(box))
		serialise_refuse(z, "invalid words for the log in the state");
	serialise_size(z, &box->out, len);
	serialise_number(z, &box->base, UINT64_MAX);
	serialise_size(z, &box->tail, len);
	serialise_number(z, &box->conn, UINT64_MAX);
	serialise_number(z, &box->next, UINT64_MAX);
}

/* What was read and not taken, and what is yet to be written. */
static void
transfer_wire(struct serialiser *z, struct wire *w)
{
	bool open = w->fd != -1;
	size_t in = w->inlen - w->done, out = w->outlen - w->written;

	serialise_bool(z, &open);
	if (open)
		serialise_descriptor(z, &w->fd);
	serialise_size(z, &in, WIRE_READ);
	serialise_size(z, &out, OUTBOX_LIMIT);
	if (!z->writing && z->why == NULL && wire_reserve(w, out) == -1)
		serialise_refuse(z, strerror(errno));
	if (z->why != NULL)
		return;
	serialise_bytes(z, w->in + w->done, in);
	serialise_bytes(z, w->out + w->written, out);
	w->inlen = w->done + in;
	w->outlen = w->written + out;
	serialise_bool(z, &w->hung_up);
}

/* The entry that was put last, to be put again if the helper ends. */
static void
transfer_put(struct serialiser *z, struct member *m)
{
	serialise_bool(z, &m->outstanding);
	serialise_time(z, &m->put_at);
	serialise_number(z, &m->epoch, UINT64_MAX);
	serialise_number(z, &m->seq, UINT64_MAX);
	serialise_size(z, &m->headlen, sizeof(m->head));
	serialise_bytes(z, m->head, m->headlen);
	serialise_blob(z, &m->begin, &m->beginlen, ENTRY_FIRST);
	serialise_bool(z, &m->said_down);
}

static void
transfer_reach(struct serialiser *z, struct member *m)
{
	m->phase = (enum member_phase)serialise_value(z, m->phase,
	    MEMBER_JOINED);
	serialise_number(z, &m->helper, UINT64_MAX);
	serialise_bool(z, &m->connected);
	serialise_bool(z, &m->stuck);
	serialise_bool(z, &m->asking);
	serialise_bool(z, &m->served);
	serialise_bool(z, &m->cut_off);
	serialise_number(z, &m->newest, INT64_MAX);
	serialise_string(z, m->place, sizeof(m->place));
	serialise_number(z, &m->last_conn, UINT64_MAX);
	serialise_number(z, &m->stranger, UINT64_MAX);
	serialise_number(z, &m->asked, UINT64_MAX);
	serialise_number(z, &m->kept, INT64_MAX);
	serialise_time(z, &m->out_since);
	serialise_time(z, &m->spoke);
}

static void
transfer_member(struct serialiser *z, struct server *s)
{
	struct member *m = s->member;
	char node[PERSON_MAX + 1];

	(void)strlcpy(node, s->config.node, sizeof(node));
	serialise_string(z, node, sizeof(node));
	if (strcmp(node, s->config.node) != 0)
		serialise_refuse(z, "the room's node has another name");
	transfer_replica(z, &m->replica);
	transfer_people(z, s);
	transfer_outbox(z, &m->box);
	transfer_wire(z, &m->wire);
	transfer_put(z, m);
	transfer_reach(z, m);
	if (z->writing || z->why != NULL)
		return;
	m->self = replica_add(&m->replica, node);
	if (m->self == NULL)
		serialise_refuse(z, strerror(errno));
	sessions_set_max(&s->sessions, (size_t)m->replica.sessions);
}

void
membership_transfer(struct serialiser *z, struct server *s)
{
	bool shared = s->member != NULL;

	serialise_bool(z, &shared);
	if (shared != (s->member != NULL))
		serialise_refuse(z,
		    "one room shares a log, and the other does not");
	if (s->member != NULL && z->why == NULL)
		transfer_member(z, s);
}

void
membership_transfer_owner(struct serialiser *z, struct server *s,
    struct session *session)
{
	const struct owner *owner = session != NULL ? session->owner : NULL;
	uint64_t conn = owner != NULL ? owner->conn : 0;
	bool owned = owner != NULL;
	struct node *node;

	if (s->member == NULL)
		return;
	serialise_bool(z, &owned);
	if (!owned)
		return;
	node = transfer_node_number(z, s, owner != NULL ? owner->node : NULL);
	serialise_number(z, &conn, UINT64_MAX);
	if (z->writing || z->why != NULL)
		return;
	if (owner_session(&s->sessions.owners, node, conn) != NULL)
		serialise_refuse(z, "two sessions of one connection");
	else if (owner_set(&s->sessions.owners, session, node, conn) == -1)
		serialise_refuse(z, strerror(errno));
}

static void
transfer_hello(struct serialiser *z, struct hello *h)
{
	h->role = (enum role)serialise_value(z, h->role, ROLE_CHAT);
	h->history = (enum history)serialise_value(z, h->history,
	    HISTORY_SINCE);
	serialise_number(z, &h->n, UINT64_MAX);
	serialise_bool(z, &h->times);
	serialise_bool(z, &h->presence);
	serialise_string(z, h->session, sizeof(h->session));
}

static void
transfer_words(struct serialiser *z, struct member *m, struct speaker *sp)
{
	enum speaker_wait wait;

	serialise_number(z, &sp->said, UINT64_MAX);
	serialise_number(z, &sp->settled, UINT64_MAX);
	serialise_number(z, &sp->end, UINT64_MAX);
	serialise_bool(z, &sp->abandoned);
	serialise_bool(z, &sp->claimed);
	serialise_bool(z, &sp->begun);
	serialise_number(z, &sp->until, UINT64_MAX);
	transfer_hello(z, &sp->hello);
	wait = (enum speaker_wait)serialise_value(z, sp->wait, SPEAKER_READY);
	if (!z->writing)
		speaker_wait(&m->speakers, sp, wait);
}

void
membership_transfer_speaker(struct serialiser *z, struct server *s,
    struct client *c)
{
	struct speaker *sp = c->speaker;
	uint64_t conn = sp == NULL ? 0 : sp->conn;
	struct member *m = s->member;

	if (m == NULL)
		return;
	/* No connection has number 0. */
	serialise_number(z, &conn, m->last_conn);
	if (conn == 0 || z->why != NULL)
		return;
	if (!z->writing)
		sp = speaker_find(&m->speakers, conn) != NULL ? NULL :
		    speaker_new(&m->speakers, c, conn, &m->box.base);
	if (sp == NULL)
		serialise_refuse(z, "invalid connection in the state");
	else
		transfer_words(z, m, sp);
}
