/*
 * Voices: what our clients say to the log, and ask of it
 */
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "core/client.h"
#include "core/server.h"
#include "member.h"
#include "room/owner.h"
#include "voice.h"

size_t
voice_space(const struct server *s)
{
	return outbox_space(&s->member->box);
}

/* The client's speaker; NULL if memory is short. */
static struct speaker *
get_speaker(struct server *s, struct client *c)
{
	struct member *m = s->member;

	return c->speaker != NULL ? c->speaker : speaker_new(&m->speakers, c,
	    ++m->last_conn, &m->box.base);
}

/* Add an item. A node that can't say what it has to is of no use. */
static void
add(struct server *s, const struct item *item)
{
	if (outbox_add(&s->member->box, item) == -1)
		server_fail(s, "-L: %s", strerror(errno));
	server_wake(s, s->now);
}

static void
add_conn(struct server *s, enum item_kind kind, uint64_t conn)
{
	struct item item = { .kind = kind, .conn = conn };

	add(s, &item);
}

static void
add_name(struct server *s, enum item_kind kind, uint64_t conn,
    const char *name)
{
	struct item item = { .kind = kind, .conn = conn };

	(void)strlcpy(item.name, name, sizeof(item.name));
	add(s, &item);
}

bool
voice_say(struct server *s, struct client *c, uint64_t n, const char *lines,
    size_t len, size_t nlines)
{
	struct item item = { .kind = c->session != NULL ? ITEM_BY : ITEM_BARE,
	    .n = n, .lines = lines, .len = len, .nlines = nlines };
	struct speaker *sp = get_speaker(s, c);

	if (sp == NULL)
		return false;
	/* In a session, refused ones before it count together with it. */
	if (sp->end <= *sp->back)
		sp->settled = c->session != NULL ? sp->said : n;
	item.conn = sp->conn;
	outbox_add_lines(&s->member->box, &item);
	sp->said = n + nlines;
	sp->end = outbox_end(&s->member->box);
	return true;
}

bool
voice_count(struct server *s, struct client *c, uint64_t n)
{
	struct item item = { .kind = ITEM_COUNT, .n = n };
	struct speaker *sp = c->speaker;

	/* Whoever has no session, can't ask for it later. */
	if (c->session == NULL || sp == NULL || n == sp->said)
		return true;
	if (sp->end <= *sp->back)
		sp->settled = sp->said;
	item.conn = sp->conn;
	add(s, &item);
	sp->said = n;
	sp->end = outbox_end(&s->member->box);
	return true;
}

/* Claim the session of its token. */
static void
claim(struct server *s, struct client *c, struct speaker *sp)
{
	char name[SESSION_NAME_MAX + 1];

	session_name(name, c->person == NULL ? NULL : c->person->name,
	    sp->hello.session);
	add_name(s, ITEM_CLAIM, sp->conn, name);
	sp->end = outbox_end(&s->member->box);
	sp->claimed = true;
	speaker_wait(&s->member->speakers, sp, SPEAKER_CLAIMS);
}

/* Whether a client asks for lines from one on that we don't have yet. Another
 * node may have told it that number. */
static bool
is_ahead(const struct server *s, const struct hello *h)
{
	return (h->role & ROLE_RECV) != 0 && h->history == HISTORY_FROM &&
	    h->n > ring_number(s->ring, s->ring->visible);
}

static void
dismiss(struct server *s, struct client *c, enum bye bye)
{
	if (c->speaker != NULL)
		speaker_wait(&s->member->speakers, c->speaker, SPEAKER_FREE);
	client_stop(c, s->ring);
	server_dismiss(s, c, CURSOR_NONE, s->now + BYE_MS, bye);
}

void
voice_claim(struct server *s)
{
	struct speaker *sp = NULL, *next;

	TAILQ_FOREACH_SAFE(sp, &s->member->speakers.waiting, turn, next) {
		if (voice_space(s) == 0)
			return;
		if (sp->wait == SPEAKER_QUEUED)
			claim(s, sp->client, sp);
	}
}

bool
voice_greet(struct server *s, struct client *c, const struct hello *h)
{
	bool claims = h->session[0] != '\0' && s->sessions.max > 0;
	struct member *m = s->member;
	struct speaker *sp;

	if (m->cut_off) {
		dismiss(s, c, BYE_CUT_OFF);
		return true;
	}
	if (!claims && !is_ahead(s, h))
		return false;
	sp = get_speaker(s, c);
	if (sp == NULL) {
		dismiss(s, c, BYE_MEMORY);
		return true;
	}
	sp->hello = *h;
	client_jump(c, s->ring, CURSOR_NONE);
	if (claims) {
		speaker_wait(&m->speakers, sp, SPEAKER_QUEUED);
		voice_claim(s);
		return true;
	}
	speaker_wait(&m->speakers, sp, SPEAKER_ASKS);
	sp->until = m->asked + 1;
	server_wake(s, s->now);
	return true;
}

bool
voice_asks(const struct server *s)
{
	const struct member *m = s->member;
	const struct speaker *sp = NULL;

	TAILQ_FOREACH(sp, &m->speakers.waiting, turn) {
		if (sp->wait == SPEAKER_ASKS && sp->until > m->asked)
			return true;
	}
	return false;
}

void
voice_answer(struct server *s, uint64_t end)
{
	struct member *m = s->member;
	struct speaker *sp = NULL;

	TAILQ_FOREACH(sp, &m->speakers.waiting, turn) {
		if (sp->wait != SPEAKER_ASKS || sp->until > m->asked)
			continue;
		speaker_wait(&m->speakers, sp, SPEAKER_BEHIND);
		sp->until = end;
	}
}

struct client *
voice_ready(struct server *s)
{
	struct member *m = s->member;
	struct speaker *sp = NULL;

	if (s->ring->held)
		return NULL;
	TAILQ_FOREACH(sp, &m->speakers.waiting, turn) {
		if (sp->wait == SPEAKER_READY || (sp->wait == SPEAKER_BEHIND &&
		    sp->until <= m->replica.pos))
			break;
	}
	if (sp == NULL)
		return NULL;
	speaker_wait(&m->speakers, sp, SPEAKER_FREE);
	return sp->client;
}

void
voice_cut_off(struct server *s)
{
	struct client *c;
	size_t i;

	for (i = 0; i < s->nclients; i++) {
		c = s->clients[i];
		if (c->plain || c->state >= CLIENT_LINGERING)
			continue;
		/* It waits no longer for what may never come back. */
		if (c->speaker != NULL)
			speaker_abandon(c->speaker);
		if (c->state < CLIENT_LEAVING)
			dismiss(s, c, BYE_CUT_OFF);
		else if (c->bye == BYE_NONE)
			c->bye = BYE_CUT_OFF;
	}
}

void
voice_leave(struct server *s, struct client *c)
{
	struct speaker *sp = c->speaker;
	bool ends = s->closing == CLOCK_NEVER && s->leaving == CLOCK_NEVER;

	if (sp == NULL)
		return;
	/* Its claim may be yet to come back, though it doesn't wait any more.
	 * If another connection has the session by now, this has no effect. */
	if (ends && sp->claimed)
		add_conn(s, ITEM_PART, sp->conn);
	client_hold_session(c, &s->sessions);
	speaker_free(&s->member->speakers, sp);
}

/* Whether some client of a person is handed over. */
static bool
moves(const struct server *s, const struct person *p)
{
	size_t i;

	for (i = 0; i < s->nclients; i++) {
		if (s->clients[i]->person == p &&
		    conn_can_move(&s->clients[i]->conn))
			return true;
	}
	return false;
}

void
voice_hand_over(struct server *s)
{
	const struct person *p = person_after(&s->persons, "");

	for (; p != NULL; p = person_after(&s->persons, p->name)) {
		if (p->clients > 0 && !moves(s, p))
			voice_gone(s, p->name);
	}
}

void
voice_release(struct server *s)
{
	struct session *session = NULL;

	TAILQ_FOREACH(session, &s->sessions.here, use) {
		if (session->client == NULL && session->owner != NULL &&
		    session->owner->node == s->member->self)
			add_conn(s, ITEM_PART, session->owner->conn);
	}
}

void
voice_here(struct server *s, const char *name)
{
	add_name(s, ITEM_HERE, 0, name);
}

void
voice_gone(struct server *s, const char *name)
{
	add_name(s, ITEM_GONE, 0, name);
}

void
voice_repeat(struct server *s)
{
	const struct person *p = person_after(&s->persons, "");

	for (; p != NULL; p = person_after(&s->persons, p->name)) {
		if (p->clients > 0)
			voice_here(s, p->name);
	}
}
