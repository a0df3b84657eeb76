/*
 * Control: what the keeper tells the room process to do
 */
#include <inttypes.h>
#include <stddef.h>
#include <unistd.h>

#include "clock.h"
#include "control.h"
#include "core/client.h"
#include "core/server.h"
#include "door/guard.h"
#include "keeper/channel.h"
#include "listen/listener.h"
#include "log.h"
#include "member/member.h"

/* Accept and read nothing more, but send everybody what there is. */
static void
start_closing(struct server *s)
{
	size_t i;

	if (s->closing != CLOCK_NEVER)
		return;
	s->closing = s->now + BYE_MS;
	/* A room that shares a log has to say there that it goes. */
	server_wake(s, s->member != NULL ? s->now : s->closing);
	listeners_close(s->listeners);
	for (i = 0; i < s->nclients; i++)
		server_dismiss(s, s->clients[i], s->ring->head, s->closing,
		    BYE_CLOSING);
	log_event("closing");
}

static void
log_counters(const struct server *s)
{
	log_event("clients %zu, lines %" PRIu64 ", bytes %" PRIu64 ", lost %"
	    PRIu64 ", refused %" PRIu64 ", turned away %" PRIu64,
	    guard_admitted(s), s->count.lines, s->count.bytes, s->count.lost,
	    s->count.refused, s->count.turned_away);
	if (s->member != NULL)
		member_report(s);
}

/* An upgrade can't hand over every client: those left out are to connect again,
 * to the next program, which also accepts everybody new from now on. */
static void
start_leaving(struct server *s)
{
	size_t i;

	s->leaving = s->now + BYE_MS;
	s->sessions.held_until = s->now + SESSION_HELD_MS;
	for (i = 0; i < s->nclients; i++) {
		if (!conn_can_move(&s->clients[i]->conn))
			server_dismiss(s, s->clients[i], s->ring->head,
			    s->leaving, BYE_UPGRADE);
	}
}

/* Returns whether the message is an order about the log. */
static bool
obey_log(struct server *s, struct message *m)
{
	if (m->kind != MESSAGE_LOG || m->nfds != 1 || s->member == NULL)
		return false;
	m->nfds = 0;
	member_attach(s, m->fds[0], m->number);
	return true;
}

void
control_obey(struct server *s)
{
	struct message m;

	channel_await(s->keeper, &m);
	if (m.kind == MESSAGE_STOP)
		start_closing(s);
	else if (m.kind == MESSAGE_COUNTERS)
		log_counters(s);
	else if (m.kind == MESSAGE_KEYS && m.nfds == 1)
		guard_reload(s, m.fds[0]);
	else if (m.kind == MESSAGE_KEYS)
		log_event("no keys to read again");
	else if (m.kind == MESSAGE_NAME)
		guard_resolved(s, (uid_t)m.number, m.text);
	else if (m.kind == MESSAGE_TRIAL)
		s->trial = true;
	else if (m.kind == MESSAGE_HANDOVER)
		start_leaving(s);
	else
		(void)obey_log(s, &m);
	channel_discard(&m);
}
