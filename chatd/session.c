/*
 * Sessions: senders that the room knows again when they come back
 */
#include <sys/queue.h>
#include <sys/tree.h>

#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "session.h"

static int
session_compare(const struct session *a, const struct session *b)
{
	return strcmp(a->token, b->token);
}

RB_GENERATE(session_tree, session, entry, session_compare)

void
sessions_init(struct sessions *all, size_t max)
{
	RB_INIT(&all->tree);
	TAILQ_INIT(&all->idle);
	all->nidle = 0;
	all->max = max;
}

/* Forget the one that was left the longest time ago. */
static void
forget(struct sessions *all)
{
	struct session *s = TAILQ_FIRST(&all->idle);

	TAILQ_REMOVE(&all->idle, s, idle);
	all->nidle--;
	RB_REMOVE(session_tree, &all->tree, s);
	free(s);
}

void
sessions_free(struct sessions *all)
{
	while (all->nidle > 0)
		forget(all);
}

struct session *
session_find(struct sessions *all, const char *token, uint64_t author,
    bool *begun)
{
	struct session key, *s;

	(void)strlcpy(key.token, token, sizeof(key.token));
	s = RB_FIND(session_tree, &all->tree, &key);
	*begun = s == NULL;
	if (s != NULL)
		return s;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	(void)strlcpy(s->token, token, sizeof(s->token));
	s->author = author;
	RB_INSERT(session_tree, &all->tree, s);
	TAILQ_INSERT_TAIL(&all->idle, s, idle);
	all->nidle++;
	return s;
}

void
session_join(struct sessions *all, struct session *s, struct client *c)
{
	TAILQ_REMOVE(&all->idle, s, idle);
	all->nidle--;
	s->client = c;
	c->session = s;
	c->id = s->author;
	c->lines = c->told = s->lines;
	c->authored = s->authored;
}

void
session_leave(struct sessions *all, struct client *c)
{
	struct session *s = c->session;

	if (s == NULL)
		return;
	c->session = NULL;
	s->client = NULL;
	s->lines = c->lines;
	s->authored = c->authored;
	TAILQ_INSERT_TAIL(&all->idle, s, idle);
	all->nidle++;
	while (all->nidle > all->max)
		forget(all);
}
