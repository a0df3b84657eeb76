/*
 * Patience: what happens when the ring is full
 */
#include "clock.h"
#include "core/catchup.h"
#include "core/client.h"
#include "core/server.h"
#include "intake.h"
#include "log.h"
#include "patience.h"

/* Past lines that it then has lost. */
static void
lose(struct server *s, struct client *c, uint64_t from, uint64_t to)
{
	const struct ring *r = s->ring;
	uint64_t end = c->until < to ? c->until : to, lost = 0;

	if (from < end)
		lost = ring_number(r, end) - ring_number(r, from);
	if (c->authored > from)
		lost -= ring_count_author(r, c->id, from, end);
	client_jump(c, r, to);
	c->needs_at = true;
	c->lost += lost;
	s->count.lost += lost;
}

/* A reader is too slow for the ring. */
static void
move(struct server *s, struct client *c, uint64_t to)
{
	uint64_t from = client_next_line(c, s->ring);
	char name[CLIENT_ADDRESS_SIZE];

	/* Once for every time that it falls behind. */
	if (!c->moved)
		log_event("%s: too slow, %s", client_address(c, name),
		    s->journal != NULL ? "reads on from the store" :
		    "loses lines");
	c->moved = true;
	if (s->journal == NULL) {
		lose(s, c, from, to);
		return;
	}
	client_jump(c, s->ring, from);
	catchup_enter(c, ring_number(s->ring, from));
}

/* Whether everybody has read up to mark; the impatient way, they then have. */
static bool
pass(struct server *s, uint64_t mark, bool overdue)
{
	uint64_t to = ring_middle(s->ring);
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
patience_enforce(struct server *s)
{
	uint64_t mark;
	bool overdue;

	if (s->ring->held || ring_space(s->ring) >= INTAKE_MIN) {
		s->full_since = CLOCK_NEVER;
		return;
	}
	overdue = s->full_since != CLOCK_NEVER &&
	    s->now - s->full_since >= s->config.patience;
	mark = ring_quarter(s->ring);
	if (pass(s, mark, overdue)) {
		ring_release(s->ring, mark);
		s->full_since = CLOCK_NEVER;
		/* A quarter of the bytes may hold few spans, or the reverse. */
		if (ring_space(s->ring) < INTAKE_MIN)
			server_wake(s, s->now);
		return;
	}
	if (s->full_since == CLOCK_NEVER)
		s->full_since = s->now;
	server_wake(s, s->full_since + s->config.patience);
}
