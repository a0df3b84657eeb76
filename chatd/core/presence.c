/*
 * Presence: telling clients who is in the room
 */
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "presence.h"
#include "server.h"

#define HERE_SIZE	(CTL_SIZE - 2)	/* a list's line without SOH and LF */

static struct presence *
presence_of(struct client *c)
{
	if (c->presence != NULL)
		return c->presence;
	c->presence = calloc(1, sizeof(*c->presence));
	if (c->presence == NULL)
		client_give_up(c);
	else
		c->presence->client = c;
	return c->presence;
}

void
presence_watch(struct server *s, struct client *c)
{
	struct presence *p = presence_of(c);

	if (p == NULL || p->watches)
		return;
	p->watches = true;
	LIST_INSERT_HEAD(&s->watchers, p, entry);
}

void
presence_who(struct client *c)
{
	struct presence *p = presence_of(c);

	if (p != NULL)
		p->owed = true;
}

static void
tell_watchers(struct server *s, const char *word, const char *name)
{
	struct presence *p = NULL;

	LIST_FOREACH(p, &s->watchers, entry) {
		if (p->client->state >= CLIENT_LEAVING)
			continue;
		if (p->client->outlen > CLIENT_OUT_MAX)
			p->owed = true;
		else
			client_tell(p->client, "%s %s", word, name);
	}
	/* Nothing else may be going on that would flush this. */
	server_wake(s, s->now);
}

void
presence_join(struct server *s, const char *name)
{
	tell_watchers(s, "join", name);
}

void
presence_part(struct server *s, const char *name)
{
	tell_watchers(s, "part", name);
}

bool
presence_pending(const struct client *c)
{
	return c->presence != NULL &&
	    (c->presence->telling || c->presence->owed);
}

/* Queue the next line of the list; one without a name ends it. */
static void
tell_line(struct server *s, struct presence *p)
{
	const struct person *person = person_after(&s->persons, p->last_sent);
	char line[HERE_SIZE] = "here";
	size_t len = strlen(line), size;

	p->telling = person != NULL;
	while (person != NULL) {
		size = strlen(person->name);
		if (len + 1 + size >= sizeof(line))
			break;
		line[len++] = ' ';
		memcpy(line + len, person->name, size + 1);
		len += size;
		(void)strlcpy(p->last_sent, person->name, sizeof(p->last_sent));
		person = person_after(&s->persons, p->last_sent);
	}
	client_tell(p->client, "%s", line);
}

void
presence_tell(struct server *s, struct client *c)
{
	struct presence *p = c->presence;

	while (presence_pending(c) && c->outlen <= CLIENT_OUT_MAX &&
	    c->state != CLIENT_GONE) {
		if (!p->telling) {
			p->last_sent[0] = '\0';
			p->owed = false;
		}
		tell_line(s, p);
	}
	if (!p->watches && !presence_pending(c))
		client_drop_presence(c);
}
