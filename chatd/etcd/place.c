/*
 * Place: telling the room which member we are with, and whether it leads
 */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "place.h"

#define AGAIN_MS	1000		/* while there is no leader */

static void
say_place(struct helper *h, const char *rank)
{
	struct logline l = { .kind = LOGLINE_PLACE, .data = h->place.said };
	char text[sizeof(h->place.said)];

	(void)snprintf(text, sizeof(text), "at %s, %s",
	    endpoints_current(&h->endpoints)->name, rank);
	if (strcmp(text, h->place.said) == 0)
		return;
	(void)strlcpy(h->place.said, text, sizeof(h->place.said));
	l.len = strlen(l.data);
	room_say(&h->room, &l);
}

static void
answered(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	struct helper *h = arg;
	uint64_t leader;

	(void)why;
	h->place.q.call = NULL;
	if (status != GRPC_OK ||
	    !kv_parse_status(&h->response, &leader, answer, len))
		return;
	h->place.term = h->response.term;
	h->place.leaderless = leader == 0;
	say_place(h, leader == 0 ? "without a leader" :
	    leader == h->response.member ? "the leader" : "which follows");
}

static void
ask(struct helper *h)
{
	static const struct grpc_reader reader = { NULL, answered };
	struct pb m = { 0 };

	h->place.asked = true;
	h->place.term = h->response.term;
	h->place.leaderless = false;
	helper_ask(h, &h->place.q, KV_STATUS, &m, &reader);
}

static bool
can_ask(const struct helper *h)
{
	return h->phase == PHASE_OPEN && h->place.q.call == NULL;
}

/* A member has heard of a new leader before it responds with its term. Some
 * responses have none. */
static bool
is_news(const struct helper *h)
{
	return !h->place.asked || (h->response.term != 0 &&
	    h->response.term != h->place.term);
}

void
place_step(struct helper *h, int64_t now)
{
	if (can_ask(h) && (is_news(h) || now >= place_deadline(h)))
		ask(h);
}

int64_t
place_deadline(const struct helper *h)
{
	return can_ask(h) && h->place.leaderless ?
	    h->place.q.since + AGAIN_MS : CLOCK_NEVER;
}

void
place_reset(struct helper *h)
{
	memset(&h->place, 0, sizeof(h->place));
}
