/*
 * How a link ends, or loses its connection
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "link_private.h"

void
link_report_lost(struct link *l)
{
	struct notice n = { .kind = NOTICE_LOST, .text = "" };

	n.n = l->lost;
	n.counted = !l->lost_uncounted;
	if (l->lost == 0 && n.counted)
		return;
	l->lost = 0;
	l->lost_uncounted = false;
	l->reader->notice(l->arg, &n);
}

bool
link_fail(struct link *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(l->why, sizeof(l->why), fmt, ap);
	va_end(ap);
	link_report_lost(l);
	l->state = LINK_OVER;
	return false;
}

bool
link_end(struct link *l)
{
	link_report_lost(l);
	l->why[0] = '\0';
	l->state = LINK_OVER;
	return false;
}

bool
link_is_done(const struct link *l)
{
	/* One that only listens is done at the end that the room makes. */
	return l->finishing && l->ever_answered &&
	    (l->hello.role & ROLE_SEND) != 0 &&
	    l->queue.settled == l->queue.lines;
}

/* There is no room at any of its addresses, if it has several. */
static bool
fail_everywhere(struct link *l, const char *why)
{
	l->nowhere = l->rooms->n > 1;
	return link_fail(l, "%s", why);
}

/* The last connection's end is the reason, if there was any connection. */
bool
link_give_up(struct link *l)
{
	char last[LINK_WHY_SIZE];

	(void)strlcpy(last, l->why[0] == '\0' ? "no answer" : l->why,
	    sizeof(last));
	if (l->whys[l->at][0] == '\0')
		(void)strlcpy(l->whys[l->at], "no answer", LINK_WHY_SIZE);
	return fail_everywhere(l, last);
}

/* Whether there is another connection to be made, here or elsewhere. */
static bool
may_dial(const struct link *l)
{
	if (l->resume && (l->ever_answered || l->waits))
		return true;
	return !l->ever_answered && l->at + 1 < l->rooms->n;
}

static bool
is_cut_off(const char *why)
{
	return strcmp(why, LINK_GOODBYE BYE_TEXT_CUT_OFF) == 0;
}

static void
report_cut(struct link *l, size_t i)
{
	l->cut_reported = true;
	l->cut_off |= is_cut_off(l->whys[i]);
	l->reader->cut(l->arg, l->rooms->at[i].name, l->whys[i]);
}

/*
 * As long as no room has answered, nothing is lost by trying the next address:
 * what is wrong with each is told when all have been tried.
 */
static void
report_cuts(struct link *l)
{
	size_t i;

	if (l->ever_answered || l->cut_reported) {
		if (!l->cut_reported ||
		    (!l->cut_off && is_cut_off(l->whys[l->at])))
			report_cut(l, l->at);
	} else if (l->at + 1 == l->rooms->n) {
		for (i = 0; i < l->rooms->n; i++)
			report_cut(l, i);
	}
}

bool
link_cut(struct link *l, const char *why)
{
	(void)strlcpy(l->whys[l->at], why, LINK_WHY_SIZE);
	if (!may_dial(l))
		return l->ever_answered ? link_fail(l, "%s", why) :
		    fail_everywhere(l, why);
	if (l->conn.fd != -1) {
		conn_close(&l->conn);
		l->again = true;
	}
	if (link_is_done(l))
		return link_end(l);
	(void)strlcpy(l->why, why, sizeof(l->why));
	retry_begin(&l->retry);
	l->state = LINK_DOWN;
	l->dial_at = retry_next(&l->retry);
	report_cuts(l);
	l->at = (l->at + 1) % l->rooms->n;
	return true;
}

bool
link_reject(struct link *l, const char *why)
{
	return l->ever_answered ? link_cut(l, why) : link_fail(l, "%s", why);
}
