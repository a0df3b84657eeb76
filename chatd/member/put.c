/*
 * Putting: what we say to the log, one entry at a time
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "begin.h"
#include "clock.h"
#include "core/server.h"
#include "log.h"
#include "member.h"
#include "put.h"
#include "reach.h"
#include "talk.h"
#include "voice.h"

void
put_again(struct server *s)
{
	struct member *m = s->member;
	struct logline put = { .kind = LOGLINE_PUT, .id = m->seq };
	const char *body = m->seq == 1 ? m->begin : m->box.bytes;

	m->put_at = s->now;
	put.len = m->headlen + (m->seq == 1 ? m->beginlen : m->box.out);
	talk_say(s, &put, m->head, m->headlen, body);
}

/* Put an entry of the epoch's next number. */
static void
put_entry(struct server *s)
{
	struct member *m = s->member;
	struct entry e = { .epoch = m->epoch, .seq = ++m->seq,
	    .time = s->date };

	(void)strlcpy(e.node, m->self->name, sizeof(e.node));
	if (e.seq > 1)
		e.hash = m->self->hash;
	m->headlen = entry_format(m->head, &e);
	m->outstanding = true;
	put_again(s);
}

/* Put the entry that begins our next epoch. */
static void
begin_epoch(struct server *s)
{
	struct member *m = s->member;

	free(m->begin);
	m->begin = begin_items(s, &m->beginlen);
	if (m->begin == NULL) {
		server_fail(s, "-L: %s", strerror(errno));
		return;
	}
	m->phase = MEMBER_BEGINNING;
	m->epoch = m->self->epoch + 1;
	m->seq = 0;
	m->box.out = 0;
	put_entry(s);
}

/* Whether an entry has to go out, if only to show that we are here. */
static bool
has_to_put(struct server *s)
{
	struct member *m = s->member;

	if (reach_nodes(s) || m->box.len > 0)
		return true;
	if (s->now < m->spoke + MEMBER_BEAT_MS) {
		server_wake(s, m->spoke + MEMBER_BEAT_MS);
		return false;
	}
	return true;
}

/* The room closes: our sessions and people are free at once. */
static void
leave(struct server *s)
{
	struct member *m = s->member;
	struct item down = { .kind = ITEM_DOWN, .n = m->epoch };

	(void)strlcpy(down.name, m->self->name, sizeof(down.name));
	m->said_down = true;
	if (outbox_add(&m->box, &down) == -1)
		server_fail(s, "-L: %s", strerror(errno));
}

void
put_next(struct server *s)
{
	struct member *m = s->member;

	if (!m->connected || m->outstanding)
		return;
	if ((m->phase == MEMBER_READING && m->replica.pos >= m->newest) ||
	    m->phase == MEMBER_BEGINNING)
		begin_epoch(s);
	if (m->phase != MEMBER_JOINED)
		return;
	if (m->self->down && !m->said_down) {
		log_event("the others took this node for dead, "
		    "beginning anew");
		begin_epoch(s);
		return;
	}
	if (s->closing != CLOCK_NEVER && s->nclients == 0 && !m->said_down)
		leave(s);
	if (m->self->down || !has_to_put(s))
		return;
	(void)outbox_put(&m->box);
	put_entry(s);
}

void
put_question(struct server *s)
{
	struct member *m = s->member;
	const struct logline end = { .kind = LOGLINE_END };

	if (!m->connected || m->asking || !voice_asks(s))
		return;
	m->asking = true;
	m->asked++;
	talk_say(s, &end, NULL, 0, NULL);
}

void
put_kept(struct server *s)
{
	struct member *m = s->member;
	struct journal *j = s->journal;
	struct logline keep = { .kind = LOGLINE_KEEP, .pos = j->kept };

	if (j->unsynced >= MEMBER_KEEP && journal_sync(j) == -1) {
		log_event("%s: %s", s->config.store.path, strerror(errno));
		j->unsynced = 0;	/* not at once again */
	}
	keep.pos = j->kept;
	if (keep.pos <= m->kept || !m->connected)
		return;
	(void)strlcpy(keep.token, j->kept_token, sizeof(keep.token));
	m->kept = keep.pos;
	talk_say(s, &keep, NULL, 0, NULL);
}
