/*
 * Applying: entries of the log take effect in the room
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "apply.h"
#include "core/client.h"
#include "core/server.h"
#include "member.h"
#include "room/owner.h"

/* What an item is about. */
struct place {
	struct server	*s;
	struct node	*node;		/* whose entry it is in */
	struct item	 item;
};

static void
fail(struct server *s)
{
	server_fail(s, "-L: %s", strerror(errno));
}

bool
apply_has_space(const struct server *s)
{
	return ring_has(s->ring, ENTRY_BODY, ENTRY_RUNS);
}

static bool
is_ours(const struct place *at)
{
	return at->node == at->s->member->self;
}

/* The client that has said it, if it is one of ours that is still here. */
static struct speaker *
find_speaker(const struct place *at)
{
	return is_ours(at) ? speaker_find(&at->s->member->speakers,
	    at->item.conn) : NULL;
}

/* Whoever has the session now loses it, if it is a client of ours. */
static void
dismiss_holder(struct server *s, struct session *session, enum bye bye)
{
	struct client *c = session->client;

	if (c == NULL)
		return;
	/* What hasn't come back by now is void, and is never settled. */
	c->lines = client_settled(c);
	client_hold_session(c, &s->sessions);
	/* One that is leaving gets what it is owed, and ends by itself. */
	if (c->state >= CLIENT_LEAVING)
		return;
	client_stop(c, s->ring);
	server_dismiss(s, c, CURSOR_NONE, s->now + BYE_MS, bye);
}

/* Nobody has the session any more. */
static void
release(struct server *s, struct session *session)
{
	if (journal_part(s->journal, s->ring, session) == -1)
		fail(s);
	owner_clear(&s->sessions.owners, session);
	session_part(&s->sessions, session);
}

/* All connections of a node have ended. */
static void
end_connections(struct server *s, const struct node *node)
{
	struct session *session;

	while ((session = owner_any(&s->sessions.owners, node)) != NULL) {
		dismiss_holder(s, session, BYE_CUT_OFF);
		release(s, session);
	}
	people_clear(s, &s->member->people, node);
}

/* Whether nobody has ever said anything here. */
static bool
is_fresh(const struct server *s)
{
	return s->ring->next == s->journal->first_line;
}

void
apply_check_named(struct server *s)
{
	if (s->config.named != s->member->replica.named)
		server_fail(s, s->config.named ?
		    "-i: this room was begun without it" :
		    "-L: this room was begun with -i, which is missing");
}

/* One that our store knows, too, keeps its author: its lines are its own. */
static void
take_session(struct server *s, const struct item *item)
{
	struct session *session = session_lookup(&s->sessions, item->name);
	uint64_t author = session != NULL ? session->author : ++s->last_id;

	if (session_restore(&s->sessions, item->name, author, item->n,
	    false) == NULL)
		fail(s);
}

/* All nodes have the sessions that the log begins with, and no others. */
static void
take_sessions(struct server *s, const struct entry *e)
{
	size_t done = 0, n = 0;
	struct item item;

	sessions_set_max(&s->sessions, SIZE_MAX);
	do {
		entry_next(e, &done, &item);
		if (item.kind == ITEM_SESSION) {
			take_session(s, &item);
			n++;
		}
	} while (item.kind != ITEM_END && !s->failed);
	sessions_keep(&s->sessions, n, 0);
	sessions_set_max(&s->sessions, (size_t)s->member->replica.sessions);
}

/* Take over what holds for all nodes. */
static void
apply_room(struct server *s, const struct item *item, const struct entry *e)
{
	struct replica *r = &s->member->replica;
	bool fresh = is_fresh(s);

	if (!fresh && item->next != s->ring->next) {
		server_fail(s, "%s: its next line is %" PRIu64 ", and the log "
		    "begins at line %" PRIu64 "; copy another node's store",
		    s->config.store.path, s->ring->next, item->next);
		return;
	}
	r->sessions = item->sessions;
	r->named = item->named != 0;
	apply_check_named(s);
	if (fresh)
		ring_restart(s->ring, item->next);
	s->ring->first = s->journal->first_line = item->first;
	take_sessions(s, e);
	if (!s->failed && journal_begin_anew(s->journal, s->ring,
	    &s->sessions, s->last_id, fresh) == -1)
		fail(s);
}

/* The client hears of it once that is on disk. */
static void
answer_claim(struct server *s, struct speaker *sp, struct session *session,
    bool begun)
{
	client_join(sp->client, &s->sessions, session);
	sp->said = sp->settled = session->lines;
	sp->begun = begun;
	speaker_wait(&s->member->speakers, sp, SPEAKER_READY);
}

/* Nodes that count a session's lines differently are not the same, either. */
static void
hash_claim(struct replica *r, const struct session *session)
{
	char text[SESSION_NAME_MAX + 24];
	int n = snprintf(text, sizeof(text), "%s %" PRIu64, session->name,
	    session->lines);

	replica_hash(r, text, (size_t)n);
}

/* A connection has one session: another one that it has is idle from now on. */
static void
release_former(const struct place *at)
{
	struct session *former = owner_session(&at->s->sessions.owners,
	    at->node, at->item.conn);

	if (former == NULL || strcmp(former->name, at->item.name) == 0)
		return;
	dismiss_holder(at->s, former, BYE_TAKEN_OVER);
	release(at->s, former);
}

static void
apply_claim(const struct place *at)
{
	struct server *s = at->s;
	struct speaker *sp = find_speaker(at);
	struct session *session;
	bool begun;

	release_former(at);
	session = session_get(&s->sessions, at->item.name, sp != NULL ?
	    sp->client->id : s->last_id + 1, &begun);
	if (session == NULL) {
		fail(s);
		return;
	}
	s->last_id += begun && sp == NULL;
	hash_claim(&s->member->replica, session);
	dismiss_holder(s, session, BYE_TAKEN_OVER);
	session_hold(&s->sessions, session);
	if (owner_set(&s->sessions.owners, session, at->node,
	    at->item.conn) == -1 || journal_here(s->journal, s->ring, session,
	    session->lines) == -1)
		fail(s);
	else if (sp != NULL && sp->wait == SPEAKER_CLAIMS)
		answer_claim(s, sp, session, begun);
	else if (is_ours(at) && sp == NULL)
		s->sessions.held_until = s->now + SESSION_HELD_MS;
}

/* That many lines of a session are settled, refused ones among them. */
static bool
settle(struct server *s, struct session *session, uint64_t n)
{
	if (n > session->stored && journal_refused(s->journal, s->ring,
	    session, n - session->stored) == -1) {
		fail(s);
		return false;
	}
	session->lines = session->stored;
	session_use(&s->sessions, session);
	return true;
}

static void
append(const struct place *at, uint64_t author)
{
	struct replica *r = &at->s->member->replica;
	const struct item *item = &at->item;
	struct server *s = at->s;

	replica_hash(r, item->lines, item->len);
	(void)ring_append(s->ring, author, r->time, item->lines, item->len,
	    item->nlines);
	s->count.lines += item->nlines;
	s->count.bytes += item->len;
}

/* Lines of ours have come back. */
static void
settle_speaker(struct server *s, struct speaker *sp, const struct item *item)
{
	sp->settled = item->n + item->nlines;
	sp->client->authored = s->ring->head;
}

static void
apply_by(const struct place *at)
{
	struct server *s = at->s;
	struct session *session = owner_session(&s->sessions.owners, at->node,
	    at->item.conn);
	struct speaker *sp = find_speaker(at);

	if (session == NULL || !settle(s, session, at->item.n))
		return;
	append(at, session->author);
	session->stored += at->item.nlines;
	session->lines = session->stored;
	session->authored = s->ring->head;
	if (sp != NULL)
		settle_speaker(s, sp, &at->item);
}

static void
apply_bare(const struct place *at)
{
	struct speaker *sp = find_speaker(at);

	append(at, sp != NULL ? sp->client->id : at->s->member->stranger);
	if (sp != NULL)
		settle_speaker(at->s, sp, &at->item);
}

static void
apply_count(const struct place *at)
{
	struct session *session = owner_session(&at->s->sessions.owners,
	    at->node, at->item.conn);

	struct speaker *sp = find_speaker(at);

	if (session == NULL || !settle(at->s, session, at->item.n))
		return;
	if (sp != NULL)
		sp->settled = at->item.n;
}

static void
apply_part(const struct place *at)
{
	struct session *session = owner_session(&at->s->sessions.owners,
	    at->node, at->item.conn);

	if (session == NULL)
		return;
	if (session->client != NULL)
		client_hold_session(session->client, &at->s->sessions);
	release(at->s, session);
}

static void
apply_down(const struct place *at)
{
	struct node *node = replica_node(&at->s->member->replica,
	    at->item.name);

	if (node == NULL || node->epoch != at->item.n || node->down)
		return;
	node->down = node->unwritten = true;
	end_connections(at->s, node);
}

static void
apply_item(const struct place *at)
{
	struct server *s = at->s;
	struct people *people = &s->member->people;

	switch (at->item.kind) {
	case ITEM_CLAIM:
		apply_claim(at);
		break;
	case ITEM_BY:
		apply_by(at);
		break;
	case ITEM_BARE:
		apply_bare(at);
		break;
	case ITEM_COUNT:
		apply_count(at);
		break;
	case ITEM_PART:
		apply_part(at);
		break;
	case ITEM_HERE:
		if (!is_ours(at) && people_here(s, people, at->node,
		    at->item.name) == -1)
			fail(s);
		break;
	case ITEM_GONE:
		if (!is_ours(at))
			people_gone(s, people, at->node, at->item.name);
		break;
	case ITEM_DOWN:
		apply_down(at);
		break;
	case ITEM_ROOM:
	case ITEM_SESSION:
	case ITEM_NODE:
	case ITEM_BAD:
	case ITEM_END:
		break;
	}
}

/*
 * The log's first entry says first what holds for all nodes. That begins the
 * store anew, and is done before the entry has any other effect: if no more
 * than this gets to the disk, the entry has to count once more.
 */
static void
begin_log(struct server *s, const struct entry *e)
{
	struct item item;
	size_t done = 0;

	entry_next(e, &done, &item);
	if (item.kind == ITEM_ROOM)
		apply_room(s, &item, e);
}

static void
apply_items(struct place *at, const struct entry *e)
{
	size_t done = 0;

	do {
		entry_next(e, &done, &at->item);
		apply_item(at);
	} while (at->item.kind != ITEM_END && !at->s->failed);
}

void
apply_entry(struct server *s, const struct entry *e, uint64_t pos)
{
	struct replica *r = &s->member->replica;
	struct place at = { .s = s };

	at.node = replica_add(r, e->node);
	if (at.node == NULL) {
		fail(s);
		return;
	}
	if (e->seq > 1 && e->hash != at.node->hash) {
		server_fail(s, "-L: this node and node %s differ at position %"
		    PRIu64 " of the log; copy the store of one that is right",
		    e->node, pos);
		return;
	}
	if (pos == 1)
		begin_log(s, e);
	if (s->failed)
		return;
	if (e->seq == 1)
		end_connections(s, at.node);
	if (e->time > r->time)
		r->time = e->time;
	at.node->heard = s->now;
	/* Before the items: "down" of the node itself is about this epoch. */
	replica_note(r, at.node, e->epoch, e->seq);
	apply_items(&at, e);
	at.node->hash = r->hash;
}
