/*
 * Patience: what happens when the ring is full
 */
#include "client.h"
#include "clock.h"
#include "intake.h"
#include "log.h"
#include "past.h"
#include "patience.h"
#include "server.h"

/* Past lines that it then has lost. */
static void
lose(struct server *s, struct client *c, uint64_t from, uint64_t to)
{
	const struct room *r = s->room;
	uint64_t end = c->until < to ? c->until : to, lost = 0;

	if (from < end)
		lost = room_number(r, end) - room_number(r, from);
	if (c->authored > from)
		lost -= room_count_author(r, c->id, from, end);
	client_jump(c, r, to);
	c->needs_at = true;
	c->lost += lost;
	s->count.lost += lost;
}

/* A reader is too slow for the ring. */
static void
move(struct server *s, struct client *c, uint64_t to)
{
	uint64_t from = client_next_line(c, s->room);
	char name[CLIENT_NAME_SIZE];

	/* Once for every time that it falls behind. */
	if (!c->moved)
		log_event("%s: too slow, %s", client_name(c, name),
		    s->journal != NULL ? "reads on from the store" :
		    "loses lines");
	c->moved = true;
	if (s->journal == NULL) {
		lose(s, c, from, to);
		return;
	}
	client_jump(c, s->room, from);
	past_enter(c, room_number(s->room, from));
}

/* Whether everybody has read up to mark; the impatient way, they then have. */
static bool
pass(struct server *s, uint64_t mark, bool overdue)
{
	uint64_t to = room_middle(s->room);
	bool passed = true;
	size_t i;

	for (i = 0; i < s->nclients; i++) {
		if (s->clients[i]->cursor >= mark)
			continue;
		if (overdue || s->clients[i]->moved)
			move(s, s->clients[i], to);
		else
			passed = false;
	}
	return passed;
}

void
patience_turn(struct server *s)
{
	uint64_t mark;
	bool overdue;

	if (s->room->held || room_space(s->room) >= INTAKE_MIN) {
		s->full_since = CLOCK_NEVER;
		return;
	}
	overdue = s->full_since != CLOCK_NEVER &&
	    s->now - s->full_since >= s->config.patience;
	mark = room_quarter(s->room);
	if (pass(s, mark, overdue)) {
		room_release(s->room, mark);
		s->full_since = CLOCK_NEVER;
		/* A quarter of the bytes may hold few spans, or the reverse. */
		if (room_space(s->room) < INTAKE_MIN)
			server_wake(s, s->now);
		return;
	}
	if (s->full_since == CLOCK_NEVER)
		s->full_since = s->now;
	server_wake(s, s->full_since + s->config.patience);
}
