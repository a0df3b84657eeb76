/*
 * The member: this node of a room that several nodes keep
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "clock.h"
#include "core/server.h"
#include "log.h"
#include "member.h"
#include "put.h"
#include "reach.h"
#include "take.h"
#include "talk.h"
#include "voice.h"

int
member_init(struct server *s)
{
	struct member *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return -1;
	s->member = m;
	m->wire.fd = -1;
	replica_init(&m->replica);
	RB_INIT(&m->people);
	speakers_init(&m->speakers);
	s->journal->replica = &m->replica;
	m->out_since = s->now;
	m->spoke = s->now;
	return wire_init(&m->wire) == -1 || outbox_init(&m->box) == -1 ? -1 : 0;
}

void
member_free(struct server *s)
{
	struct member *m = s->member;

	if (m == NULL)
		return;
	wire_free(&m->wire);
	outbox_free(&m->box);
	free(m->begin);
	people_free(s, &m->people);
	replica_free(&m->replica);
	free(m);
	s->member = NULL;
}

int
member_begin(struct server *s)
{
	struct member *m = s->member;
	struct node *node = NULL;

	m->stranger = ++s->last_id;
	sessions_set_max(&s->sessions, (size_t)m->replica.sessions);
	s->sessions.held_until = CLOCK_NEVER;
	TAILQ_FOREACH(node, &m->replica.nodes, entry) {
		node->heard = s->now;
	}
	m->self = replica_add(&m->replica, s->config.node);
	return m->self == NULL ? -1 : 0;
}

void
member_attach(struct server *s, int fd, uint64_t number)
{
	struct member *m = s->member;
	struct logline from = { .kind = LOGLINE_FROM, .pos = m->replica.pos };

	talk_end(s, NULL);
	wire_attach(&m->wire, fd);
	m->helper = number;
	(void)strlcpy(from.token, m->replica.token, sizeof(from.token));
	talk_say(s, &from, NULL, 0, NULL);
	server_wake(s, s->now);
}

short
member_events(const struct server *s, int *fd)
{
	const struct member *m = s->member;
	short events = wire_events(&m->wire, apply_has_space(s));

	/* A hangup is reported whatever is asked for; it can wait until what
	 * came before it can be taken. */
	*fd = events == 0 ? -1 : m->wire.fd;
	return events;
}

void
member_read(struct server *s, bool readable)
{
	struct member *m = s->member;

	if (readable && m->wire.fd != -1 && !wire_read(&m->wire))
		talk_end(s, NULL);
	while (m->wire.fd != -1 && take_next(s))
		;
	reach_watch(s);
	voice_claim(s);
	if (!s->failed)
		put_next(s);
	if (!wire_write(&m->wire))
		talk_end(s, NULL);
}

/* Whether more could be taken from the log at once. */
static bool
has_more(const struct server *s)
{
	struct logline l;

	return s->member->wire.fd != -1 && apply_has_space(s) &&
	    wire_peek(&s->member->wire, &l) != 0;
}

void
member_write(struct server *s)
{
	struct member *m = s->member;

	put_next(s);
	put_question(s);
	put_kept(s);
	if (!wire_write(&m->wire))
		talk_end(s, NULL);
	if (has_more(s))
		server_wake(s, s->now);
}

bool
member_is_open(const struct server *s)
{
	return s->member->phase == MEMBER_JOINED || s->member->cut_off;
}

bool
member_has_left(const struct server *s)
{
	const struct member *m = s->member;

	return m->phase != MEMBER_JOINED || m->out_since != CLOCK_NEVER ||
	    (m->said_down && m->self->down);
}

void
member_report(const struct server *s)
{
	static const char *const phases[] = {
		"reading what was said before", "joining", "joined"
	};
	const struct member *m = s->member;

	log_event("log: %s as %s, position %" PRIu64 ", %" PRIu64 " behind, "
	    "%zu bytes waiting%s%s", m->cut_off ? "cut off" :
	    phases[m->phase], m->self->name, m->replica.pos,
	    m->newest - m->replica.pos, m->box.len,
	    m->outstanding ? ", an entry outstanding" : "",
	    m->stuck ? ", stuck" : "");
	if (m->place[0] != '\0')
		log_event("log helper: %s", m->place);
}
