/*
 * Asking: what the room can't do by itself, and what the keeper tells it
 *
 * There is one question at a time: so the channel never fills up, and many
 * clients of one user are one question.
 */
#include <unistd.h>

#include "ask.h"
#include "core/client.h"
#include "core/server.h"
#include "guard.h"
#include "keeper/channel.h"

void
ask_name(struct server *s, uid_t uid)
{
	if (!s->asking)
		s->asking = channel_send_text(s->keeper, MESSAGE_ASK, uid,
		    "") == 0;
}

void
ask_again(struct server *s)
{
	size_t i;

	s->asking = false;
	for (i = 0; i < s->nclients && !s->asking; i++) {
		if (s->clients[i]->state == CLIENT_AUTHENTICATING &&
		    s->clients[i]->peer == NULL)
			ask_name(s, s->clients[i]->uid);
	}
}

void
ask_answered(struct server *s, const struct message *m)
{
	guard_resolved(s, (uid_t)m->number, m->text);
	ask_again(s);
}

void
ask_hear(const struct server *s, struct message *m)
{
	if (!channel_receive(s->keeper, m))
		_exit(2);
}
