/*
 * Greetings: the role that a client gives with its first line, and what it may
 * ask for later
 */
#include <inttypes.h>

#include "admission.h"
#include "core/catchup.h"
#include "core/client.h"
#include "core/presence.h"
#include "core/server.h"
#include "core/speaker.h"
#include "greeting.h"
#include "member/voice.h"

#define NAMELESS	"this room does not name its speakers: "

/* The number of the oldest line that a client can ask for. */
static uint64_t
oldest_line(const struct server *s)
{
	uint64_t oldest = ring_oldest(s->ring), stored;

	if (s->journal == NULL)
		return oldest;
	stored = s->journal->store.segments[0].first;
	return stored < oldest ? stored : oldest;
}

/*
 * Find where a reader begins that asks for what was said since a time. If that
 * is in the store, it has to be searched. Returns whether *number is known.
 */
static bool
begin_since(struct server *s, struct client *c, uint64_t seconds,
    uint64_t *number)
{
	int64_t time = seconds == 0 ? 1 :
	    seconds > INT64_MAX ? INT64_MAX : (int64_t)seconds;
	uint64_t pos = ring_since(s->ring, time);
	const struct segment *segment = NULL;

	if (time <= s->ring->forgotten && s->journal != NULL)
		segment = store_since(&s->journal->store, time);
	if (segment != NULL && segment->first < ring_oldest(s->ring)) {
		client_jump(c, s->ring, s->ring->base);
		catchup_search(c, segment->first, time);
		return false;
	}
	if (pos < s->ring->visible)
		*number = ring_number(s->ring, pos);
	return true;
}

/* Find where a reader begins that asks for earlier lines. Lines that aren't on
 * disk yet come after all these. */
static void
begin_reading(struct server *s, struct client *c, const struct hello *h)
{
	uint64_t number = ring_number(s->ring, s->ring->visible);
	uint64_t oldest = oldest_line(s);

	if (h->history == HISTORY_SINCE && !begin_since(s, c, h->n, &number))
		return;
	if (h->history == HISTORY_LAST)
		number -= h->n < number - oldest ? h->n : number - oldest;
	if (h->history == HISTORY_FROM && h->n >= s->ring->first &&
	    h->n <= number) {
		if (h->n < oldest)
			client_tell(c, "lost %" PRIu64, oldest - h->n);
		number = h->n < oldest ? oldest : h->n;
	} else if (h->history == HISTORY_FROM)
		client_tell(c, "lost ?");	/* numbered by another room */
	client_jump(c, s->ring, ring_position(s->ring, number));
	client_tell(c, "at %" PRIu64, number);
	c->needs_at = false;
	if (number < ring_oldest(s->ring))
		catchup_enter(c, number);
}

/*
 * Connect a client with the session of its token. Returns whether that begins.
 * A client that still has it is dismissed: whoever comes back knows better than
 * the room does that its old connection is dead.
 */
static bool
enter_session(struct server *s, struct client *c, const char *token)
{
	struct session *session;
	struct client *old;
	char name[SESSION_NAME_MAX + 1];
	bool begun;

	/* Without sessions, every one begins, and is forgotten at once. */
	if (s->sessions.max == 0)
		return true;
	/* The log has brought it back before this. */
	if (s->member != NULL)
		return c->speaker->begun;
	session_name(name, c->person == NULL ? NULL : c->person->name, token);
	session = session_get(&s->sessions, name, c->id, &begun);
	if (session == NULL || (s->journal != NULL && journal_here(s->journal,
	    s->ring, session, session_lines(session)) == -1)) {
		client_stop(c, s->ring);
		server_dismiss(s, c, CURSOR_NONE, s->now + BYE_MS, BYE_MEMORY);
		return false;
	}
	old = session->client;
	client_join(c, &s->sessions, session);
	/* One that is leaving gets what it is owed, and ends by itself. */
	if (old != NULL && old->state < CLIENT_LEAVING) {
		client_stop(old, s->ring);
		server_dismiss(s, old, CURSOR_NONE, s->now + BYE_MS,
		    BYE_TAKEN_OVER);
	}
	c->unstored_ok = true;
	return begun;
}

void
greeting_who(struct server *s, struct client *c, ctl_complain *complain,
    void *arg)
{
	if (!s->config.named)
		complain(arg, NAMELESS "who");
	else if ((c->role & ROLE_RECV) == 0)
		complain(arg, "only for clients that listen: who");
	else
		presence_who(c);
}

/* Answer the role of a client, which nothing is in the way of. */
static void
answer(struct server *s, struct client *c, const struct hello *h)
{
	bool begun = false;

	if (c->person != NULL && s->config.named)
		client_tell(c, "you %s", c->person->name);
	if (h->session[0] != '\0')
		begun = enter_session(s, c, h->session);
	if (c->state >= CLIENT_LEAVING)
		return;
	if (h->presence && s->config.named)
		presence_watch(s, c);
	if ((c->role & ROLE_SEND) != 0)
		client_tell(c, "ok %" PRIu64 "%s", c->lines,
		    begun ? " new" : "");
	if ((c->role & ROLE_RECV) != 0)
		begin_reading(s, c, h);
	else
		client_jump(c, s->ring, CURSOR_NONE);
}

void
greeting_answer(struct server *s, struct client *c)
{
	/* It may have been dismissed meanwhile. */
	if (c->state < CLIENT_LEAVING)
		answer(s, c, &c->speaker->hello);
}

void
greeting_apply(struct server *s, struct client *c, const struct hello *h,
    ctl_complain *complain, void *arg)
{
	if ((h->role & ~c->access) != 0) {
		client_stop(c, s->ring);
		server_expel(s, c, CURSOR_NONE,
		    c->access == ROLE_SEND ? BYE_SENDS : BYE_LISTENS);
		return;
	}
	if (h->session[0] != '\0' && s->sessions.max == 0)
		complain(arg, "this room keeps no sessions");
	if (h->presence && !s->config.named)
		complain(arg, NAMELESS "presence");
	c->role = h->role;
	c->times = h->times;
	c->plain = false;
	c->lost = 0;
	c->lagging = false;
	if (s->member == NULL || !voice_greet(s, c, h))
		answer(s, c, h);
}
