/*
 * Taking: what the log brings
 */
#include <inttypes.h>
#include <string.h>

#include "apply.h"
#include "core/server.h"
#include "keeper/channel.h"
#include "listen/listener.h"
#include "log.h"
#include "member.h"
#include "put.h"
#include "take.h"
#include "talk.h"
#include "text.h"
#include "voice.h"

/* Our epoch has begun: clients can come. After "down", they are here. */
static void
join(struct server *s, uint64_t pos)
{
	struct member *m = s->member;
	size_t i;

	m->phase = MEMBER_JOINED;
	log_event("joined the log as %s at position %" PRIu64, m->self->name,
	    pos);
	voice_repeat(s);
	if (m->served)
		return;
	m->served = true;
	for (i = 0; i < s->listeners->n; i++)
		log_event("listening on %s", s->listeners->list[i].place);
	(void)channel_send_text(s->keeper, MESSAGE_READY, 1, "");
}

static void
take_log(struct server *s, const struct logline *l)
{
	struct member *m = s->member;
	struct replica *r = &m->replica;

	if (r->ident[0] == '\0')
		(void)strlcpy(r->ident, l->token, sizeof(r->ident));
	if (strcmp(r->ident, l->token) != 0)
		server_fail(s, "%s: this store belongs to another log: it "
		    "has %s, and this is %s", s->config.store.path, r->ident,
		    l->token);
	else if (r->pos > l->newest)
		server_fail(s, "%s: this store is at position %" PRIu64 " of "
		    "the log, which ends at %" PRIu64, s->config.store.path,
		    r->pos, l->newest);
	else if (r->pos > 0)
		apply_check_named(s);
	m->newest = l->newest;
	m->place[0] = '\0';
	if (!m->connected && m->outstanding && !s->failed)
		put_again(s);
	m->connected = true;
}

static void
take_gone(struct server *s, const struct logline *l)
{
	server_fail(s, "%s: the log begins at position %" PRIu64 " by now, and "
	    "this store is at %" PRIu64 "; copy another node's store",
	    s->config.store.path, l->oldest, s->member->replica.pos);
}

/* Whether it is the entry that we have put, and its nonce, if it has one, is
 * ours. */
static bool
is_own(const struct member *m, const struct entry *e)
{
	return m->outstanding && e->epoch == m->epoch && e->seq == m->seq &&
	    (e->seq > 1 || (e->len == m->beginlen &&
	    memcmp(e->body, m->begin, e->len) == 0));
}

/*
 * An entry that counts, of our name and of the epoch that we are in, or after
 * it, that we haven't put. Before we have an epoch, it may be one that was put
 * when we ran the last time, and has come late.
 */
static bool
is_usurped(const struct member *m, const struct entry *e)
{
	return m->phase == MEMBER_JOINED && e->epoch >= m->epoch &&
	    !is_own(m, e);
}

/* Our entry has come back, at that position. */
static void
finish_put(struct server *s, bool counts, uint64_t pos)
{
	struct member *m = s->member;

	m->outstanding = false;
	m->spoke = s->now;
	if (!counts) {
		m->box.out = 0;
		if (m->self->epoch == 0 && replica_is_full(&m->replica))
			server_fail(s, "-n %s: %d nodes have had other names, "
			    "and no further one counts; use one of theirs",
			    m->self->name, REPLICA_NODES);
		return;
	}
	if (m->seq == 1)
		join(s, pos);
	else
		outbox_settle(&m->box);
}

static void
take_good_entry(struct server *s, const struct entry *e, uint64_t pos)
{
	struct member *m = s->member;
	struct node *node = replica_node(&m->replica, e->node);
	bool counts = replica_counts(&m->replica, node, e->epoch, e->seq);
	bool mine = node == m->self, own = mine && is_own(m, e);

	if (mine && counts && is_usurped(m, e)) {
		server_fail(s, "-n %s: another node has begun under this "
		    "name; give each a name of its own",
		    e->node);
		return;
	}
	if (counts)
		apply_entry(s, e, pos);
	if (s->failed)
		return;
	if (counts && e->len > 0)
		m->replica.news = pos;
	if (own)
		finish_put(s, counts, pos);
	else if (counts && !mine && e->seq == 1 && m->phase == MEMBER_JOINED)
		voice_repeat(s);
}

/* Whether it can be the first one of a log: from that all nodes know alike what
 * kind of room it is. */
static bool
begins_room(const struct entry *e)
{
	struct item item;
	size_t done = 0;

	entry_next(e, &done, &item);
	return item.kind == ITEM_ROOM && e->epoch == 1 && e->seq == 1;
}

static void
take_bad_entry(struct server *s, uint64_t pos)
{
	if (pos == 1)
		server_fail(s, "-L: the log does not begin with a room");
	else
		log_event("log: what is at position %" PRIu64 " is no entry",
		    pos);
}

static void
take_got(struct server *s, const struct logline *l)
{
	struct member *m = s->member;
	struct entry e;
	enum entry_kind kind = entry_parse(&e, l->data, l->len);

	if (kind == ENTRY_GOOD && l->pos == 1 && !begins_room(&e))
		kind = ENTRY_BAD;
	switch (kind) {
	case ENTRY_GOOD:
		take_good_entry(s, &e, l->pos);
		break;
	case ENTRY_BAD:
		take_bad_entry(s, l->pos);
		break;
	case ENTRY_NEWER:
		server_fail(s, "-L: the log has entries of a later version at "
		    "position %" PRIu64 "; upgrade this node", l->pos);
		break;
	}
	if (s->failed)
		return;
	m->replica.pos = l->pos;
	/* Whoever reads a long log gets on, and isn't cut off. */
	if (m->phase == MEMBER_READING)
		m->out_since = s->now;
	(void)strlcpy(m->replica.token, l->token, sizeof(m->replica.token));
	if (m->newest < l->pos)
		m->newest = l->pos;
}

static void
take_stuck(struct server *s, const struct logline *l)
{
	struct member *m = s->member;

	if (!m->stuck)
		log_event("log: stuck: %.*s", (int)l->len, l->data);
	m->stuck = true;
}

static void
take_going(struct server *s)
{
	if (s->member->stuck)
		log_event("log: going on");
	s->member->stuck = false;
}

/* What doesn't fit is of no use to a person either. */
static void
take_place(struct member *m, const struct logline *l)
{
	size_t used, n;

	n = text_repair(m->place, sizeof(m->place) - 1, l->data, l->len, &used);
	m->place[n] = '\0';
}

/* Whether the helper may say that now. */
static bool
is_expected(const struct member *m, const struct logline *l)
{
	if (l->kind == LOGLINE_PLACE)
		return m->connected;
	if (l->kind == LOGLINE_GOT)
		return m->connected && l->pos == m->replica.pos + 1;
	return l->kind != LOGLINE_END || m->asking;
}

static void
take_line(struct server *s, const struct logline *l)
{
	switch (l->kind) {
	case LOGLINE_LOG:
		take_log(s, l);
		break;
	case LOGLINE_GOT:
		take_got(s, l);
		break;
	case LOGLINE_END:
		s->member->asking = false;
		voice_answer(s, l->pos);
		break;
	case LOGLINE_STUCK:
		take_stuck(s, l);
		break;
	case LOGLINE_GOING:
		take_going(s);
		break;
	case LOGLINE_PLACE:
		take_place(s->member, l);
		break;
	case LOGLINE_GONE:
		take_gone(s, l);
		break;
	case LOGLINE_FROM:
	case LOGLINE_PUT:
	case LOGLINE_KEEP:
		break;
	}
}

bool
take_next(struct server *s)
{
	struct member *m = s->member;
	struct logline l;
	ssize_t size = wire_peek(&m->wire, &l);

	if (size > 0 && !is_expected(m, &l))
		size = -1;
	if (size == -1)
		talk_end(s, "it says what no helper says at this point");
	else if (size == 0 && m->wire.hung_up)
		talk_end(s, NULL);
	if (size <= 0 || (l.kind == LOGLINE_GOT && !apply_has_space(s)))
		return false;
	take_line(s, &l);
	wire_take(&m->wire, (size_t)size);
	return !s->failed;
}
