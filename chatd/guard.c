/*
 * The guard: finding out who a client is, before it is let in
 */
#include <unistd.h>

#include "ask.h"
#include "client.h"
#include "door.h"
#include "guard.h"
#include "log.h"
#include "server.h"

/* A Unix socket's client is who the kernel says. */
static void
ask_peer(struct server *s, struct client *c)
{
	gid_t gid;

	if (getpeereid(c->conn.fd, &c->uid, &gid) == -1)
		door_turn_away(s, c, BYE_NAMELESS);
	else
		ask_name(s, c->uid);
}

bool
guard_stops(struct server *s, struct client *c)
{
	if (c->peer != NULL || !s->config.named)
		return false;
	c->state = CLIENT_KNOCKING;
	c->deadline = s->now + GUARD_MS;
	ask_peer(s, c);
	return true;
}

void
guard_name(struct server *s, uid_t uid, const char *name)
{
	struct client *c;
	size_t i;

	for (i = 0; i < s->nclients; i++) {
		c = s->clients[i];
		if (c->state != CLIENT_KNOCKING || c->peer != NULL ||
		    c->uid != uid)
			continue;
		if (name[0] == '\0')
			door_turn_away(s, c, BYE_NAMELESS);
		else
			door_let_in(s, c, name);
	}
}

void
guard_reload(struct server *s, int fd)
{
	(void)s;
	(void)close(fd);
	log_event("nothing to read again");
}
