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

bool
link_cut(struct link *l, const char *why)
{
	if (!l->resume || (!l->ever_answered && !l->waits))
		return link_fail(l, "%s", why);
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
	if (!l->cut_reported)
		l->reader->cut(l->arg, why);
	l->cut_reported = true;
	return true;
}

bool
link_reject(struct link *l, const char *why)
{
	return l->ever_answered ? link_cut(l, why) : link_fail(l, "%s", why);
}
