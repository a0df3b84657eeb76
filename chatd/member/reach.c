/*
 * Reach: being cut off from the log, and others who are
 */
#include <errno.h>
#include <string.h>

#include "apply.h"
#include "clock.h"
#include "core/server.h"
#include "log.h"
#include "member.h"
#include "reach.h"
#include "talk.h"
#include "voice.h"

/*
 * A helper that says nothing while our entry is out may hang. That is no fault
 * of its own while it says that it is stuck, or while we can't take what it has
 * brought. Without that, all that a helper is worth is another one.
 */
static void
watch_helper(struct server *s)
{
	struct member *m = s->member;

	if (!m->outstanding || !m->connected)
		return;
	if (m->stuck || !apply_has_space(s))
		m->put_at = s->now;
	if (s->now < m->put_at + MEMBER_CUT_MS) {
		server_wake(s, m->put_at + MEMBER_CUT_MS);
		return;
	}
	m->out_since = m->put_at;
	talk_end(s, "it has not brought back our entry for 10 seconds");
}

void
reach_watch(struct server *s)
{
	struct member *m = s->member;

	watch_helper(s);
	if (m->connected && !m->stuck && m->phase == MEMBER_JOINED) {
		if (m->cut_off)
			log_event("no longer cut off");
		m->out_since = CLOCK_NEVER;
		m->cut_off = false;
		return;
	}
	if (m->out_since == CLOCK_NEVER)
		m->out_since = s->now;
	if (m->cut_off)
		return;
	if (s->now < m->out_since + MEMBER_CUT_MS) {
		server_wake(s, m->out_since + MEMBER_CUT_MS);
		return;
	}
	m->cut_off = true;
	log_event("cut off: without the log for %d seconds",
	    MEMBER_CUT_MS / 1000);
	voice_cut_off(s);
}

static void
say_down(struct server *s, struct node *node)
{
	struct item down = { .kind = ITEM_DOWN, .n = node->epoch };

	(void)strlcpy(down.name, node->name, sizeof(down.name));
	if (outbox_add(&s->member->box, &down) == -1)
		server_fail(s, "-L: %s", strerror(errno));
	/* Once; if it doesn't count, again after a while. */
	node->heard = s->now;
}

bool
reach_nodes(struct server *s)
{
	struct member *m = s->member;
	struct node *node = NULL;
	bool wanted = false;
	int64_t due;

	/* It may be us who haven't heard for a while: only behind an entry of
	 * our own that has come back since then is all that they had put. */
	TAILQ_FOREACH(node, &m->replica.nodes, entry) {
		if (node == m->self || node->down || node->epoch == 0)
			continue;
		due = node->heard + MEMBER_DOWN_MS;
		if (s->now < due)
			server_wake(s, due);
		else if (m->spoke >= due)
			say_down(s, node);
		else
			wanted = true;
	}
	return wanted;
}
