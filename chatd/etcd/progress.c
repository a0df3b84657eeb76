/*
 * Progress: telling the room when nothing goes on
 */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "progress.h"

#define STUCK_MS	1000

/* Whether somebody waits for something. */
static bool
is_owing(const struct helper *h)
{
	if (!h->asked || h->phase == PHASE_OVER || room_is_full(&h->room))
		return false;
	return h->phase != PHASE_OPEN || h->put.state != PUT_NONE ||
	    h->end.asked;
}

void
progress_failed(struct helper *h)
{
	(void)snprintf(h->progress.reason, sizeof(h->progress.reason),
	    "%s: %s", endpoints_current(&h->endpoints)->name, h->failure);
}

static void
say_stuck(struct helper *h)
{
	struct logline l = { .kind = LOGLINE_STUCK };

	if (h->progress.reason[0] == '\0')
		(void)snprintf(h->progress.reason, sizeof(h->progress.reason),
		    "%s does not answer",
		    endpoints_current(&h->endpoints)->name);
	l.data = h->progress.reason;
	l.len = strlen(l.data);
	room_say(&h->room, &l);
	h->progress.stuck = true;
}

static void
say_going(struct helper *h)
{
	struct logline l = { .kind = LOGLINE_GOING };

	room_say(&h->room, &l);
	h->progress.stuck = false;
}

void
progress_step(struct helper *h, int64_t now)
{
	if (!is_owing(h))
		helper_progress(h);
	if (now - h->progress.made < STUCK_MS) {
		if (h->progress.stuck)
			say_going(h);
	} else if (!h->progress.stuck) {
		say_stuck(h);
	}
}

int64_t
progress_deadline(const struct helper *h)
{
	return !is_owing(h) || h->progress.stuck ? CLOCK_NEVER :
	    h->progress.made + STUCK_MS;
}
