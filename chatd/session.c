/*
 * Sessions: senders that the room knows again when they come back
 */
#include <sys/queue.h>
#include <sys/tree.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "session.h"

static int
session_compare(const struct session *a, const struct session *b)
{
	return strcmp(a->name, b->name);
}

RB_GENERATE(session_tree, session, entry, session_compare)

static int
session_compare_authors(const struct session *a, const struct session *b)
{
	return (a->author > b->author) - (a->author < b->author);
}

RB_GENERATE(session_authors, session, by_author, session_compare_authors)

void
sessions_init(struct sessions *all, size_t max)
{
	RB_INIT(&all->tree);
	RB_INIT(&all->authors);
	TAILQ_INIT(&all->idle);
	all->n = all->nidle = 0;
	all->max = max;
}

/* Forget the one that was left the longest time ago. */
static void
forget(struct sessions *all)
{
	struct session *s = TAILQ_FIRST(&all->idle);

	TAILQ_REMOVE(&all->idle, s, idle);
	all->nidle--;
	all->n--;
	RB_REMOVE(session_tree, &all->tree, s);
	RB_REMOVE(session_authors, &all->authors, s);
	free(s);
}

static void
trim(struct sessions *all)
{
	while (all->nidle > all->max)
		forget(all);
}

void
sessions_free(struct sessions *all)
{
	while (all->nidle > 0)
		forget(all);
}

void
session_name(char *name, const char *person, const char *token)
{
	(void)snprintf(name, SESSION_NAME_MAX + 1, "%s%s%s",
	    person == NULL ? "" : person, person == NULL ? "" : ":", token);
}

struct session *
session_find(struct sessions *all, const char *name, uint64_t author,
    bool *begun)
{
	struct session key, *s;

	(void)strlcpy(key.name, name, sizeof(key.name));
	s = RB_FIND(session_tree, &all->tree, &key);
	*begun = s == NULL;
	if (s != NULL)
		return s;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	(void)strlcpy(s->name, name, sizeof(s->name));
	s->author = author;
	RB_INSERT(session_tree, &all->tree, s);
	RB_INSERT(session_authors, &all->authors, s);
	TAILQ_INSERT_TAIL(&all->idle, s, idle);
	all->n++;
	all->nidle++;
	return s;
}

struct session *
session_restore(struct sessions *all, const char *name, uint64_t author,
    uint64_t lines)
{
	bool begun;
	struct session *s = session_find(all, name, author, &begun);

	if (s == NULL)
		return NULL;
	RB_REMOVE(session_authors, &all->authors, s);
	s->author = author;
	s->lines = s->stored = lines;
	RB_INSERT(session_authors, &all->authors, s);
	TAILQ_REMOVE(&all->idle, s, idle);
	TAILQ_INSERT_TAIL(&all->idle, s, idle);
	trim(all);
	return s;
}

struct session *
session_by(struct sessions *all, uint64_t author)
{
	struct session key = { .author = author };

	return RB_FIND(session_authors, &all->authors, &key);
}

uint64_t
session_lines(const struct session *s)
{
	return s->client != NULL ? s->client->lines : s->lines;
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
	trim(all);
}
