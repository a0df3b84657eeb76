/*
 * Talk: what is said to the helper, and its end
 */
#include <errno.h>
#include <string.h>

#include "core/server.h"
#include "keeper/channel.h"
#include "log.h"
#include "member.h"
#include "talk.h"

void
talk_say(struct server *s, const struct logline *l, const char *head,
    size_t headlen, const char *body)
{
	if (wire_say(&s->member->wire, l, head, headlen, body) == -1)
		server_fail(s, "-L: %s", strerror(errno));
}

void
talk_end(struct server *s, const char *why)
{
	struct member *m = s->member;

	if (m->wire.fd == -1)
		return;
	/* In this order the keeper knows why it ends. */
	if (why != NULL)
		log_event("log helper: %s", why);
	(void)channel_send_text(s->keeper, MESSAGE_HELPER, m->helper,
	    why == NULL ? CHANNEL_CLOSED : "");
	wire_close(&m->wire);
	/* What it was asked, the next one is asked again. */
	m->asked -= m->asking;
	m->connected = m->stuck = m->asking = false;
	/* The next one is told again what is on disk for good. */
	m->kept = 0;
	m->place[0] = '\0';
}
