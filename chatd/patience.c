/*
 * Patience: backpressure, and its limit
 */
#include "clock.h"
#include "core/catchup.h"
#include "core/client.h"
#include "core/server.h"
#include "intake.h"
#include "log.h"
#include "member/apply.h"
#include "patience.h"

/* Move a reader past lines, which it has lost then. */
static void
skip_lines(struct server *s, struct client *c, uint64_t from, uint64_t to)
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

/* Move a reader on that is too slow: to the store, or past lost lines. */
static void
move_on(struct server *s, struct client *c, uint64_t to)
{
	uint64_t from = client_next_line(c, s->ring);
	char name[CLIENT_ADDRESS_SIZE];

	/* Logged once for each time that it falls behind. */
	if (!c->lagging)
		log_event("%s: too slow, %s", client_address(c, name),
		    s->journal != NULL ? "continues from the store" :
		    "loses lines");
	c->lagging = true;
	if (s->journal == NULL) {
		skip_lines(s, c, from, to);
		return;
	}
	client_jump(c, s->ring, from);
	catchup_enter(c, ring_number(s->ring, from));
}

/* Whether all readers are past mark. If overdue, they are made to be. */
static bool
have_passed(struct server *s, uint64_t mark, bool overdue)
{
	uint64_t to = ring_middle(s->ring);
	bool passed = true;
	size_t i;

	for (i = 0; i < s->nclients; i++) {
		if (s->clients[i]->cursor >= mark)
			continue;
		if (overdue || s->clients[i]->lagging)
			move_on(s, s->clients[i], to);
		else
			passed = false;
	}
	return passed;
}

/* Whether the ring takes what may come next. */
static bool
has_space(const struct server *s)
{
	return s->member != NULL ? apply_has_space(s) :
	    ring_space(s->ring) >= INTAKE_MIN;
}

void
patience_enforce(struct server *s)
{
	uint64_t mark;
	bool overdue;

	if (s->ring->held || has_space(s)) {
		s->full_since = CLOCK_NEVER;
		return;
	}
	overdue = s->full_since != CLOCK_NEVER &&
	    s->now - s->full_since >= s->config.patience;
	mark = ring_quarter(s->ring);
	if (have_passed(s, mark, overdue)) {
		ring_release(s->ring, mark);
		s->full_since = CLOCK_NEVER;
		/* Bytes were short, or spans: a quarter of the one may have
		 * freed little of the other. */
		if (!has_space(s))
			server_wake(s, s->now);
		return;
	}
	if (s->full_since == CLOCK_NEVER)
		s->full_since = s->now;
	server_wake(s, s->full_since + s->config.patience);
}
