/*
 * Sessions: senders that the room knows again when they come back
 */
#include <sys/queue.h>
#include <sys/tree.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/client.h"
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
	TAILQ_INIT(&all->here);
	all->n = all->nidle = all->nheld = 0;
	all->max = max;
	all->held_until = 0;
}

/* The list that it is in. */
static struct session_list *
list(struct sessions *all, const struct session *s)
{
	return s->here ? &all->here : &all->idle;
}

/* It is in that list from now on, as the last one. */
static void
move(struct sessions *all, struct session *s, bool here)
{
	TAILQ_REMOVE(list(all, s), s, use);
	all->nidle -= !s->here;
	s->here = here;
	TAILQ_INSERT_TAIL(list(all, s), s, use);
	all->nidle += !here;
}

/* Forget the first of a list, which no client has. */
static void
forget_first(struct sessions *all, struct session_list *l)
{
	struct session *s = TAILQ_FIRST(l);

	TAILQ_REMOVE(l, s, use);
	all->nidle -= !s->here;
	all->nheld -= s->here;
	all->n--;
	RB_REMOVE(session_tree, &all->tree, s);
	RB_REMOVE(session_authors, &all->authors, s);
	free(s);
}

/* Forget those that were left the longest time ago. */
static void
trim(struct sessions *all)
{
	while (all->nidle > all->max)
		forget_first(all, &all->idle);
}

void
sessions_free(struct sessions *all)
{
	sessions_keep(all, 0, 0);
}

void
session_name(char *name, const char *person, const char *token)
{
	(void)snprintf(name, SESSION_NAME_MAX + 1, "%s%s%s",
	    person == NULL ? "" : person, person == NULL ? "" : ":", token);
}

struct session *
session_known(struct sessions *all, const char *name)
{
	struct session key;

	(void)strlcpy(key.name, name, sizeof(key.name));
	return RB_FIND(session_tree, &all->tree, &key);
}

struct session *
session_find(struct sessions *all, const char *name, uint64_t author,
    bool *begun)
{
	struct session *s = session_known(all, name);

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
	TAILQ_INSERT_TAIL(&all->idle, s, use);
	all->n++;
	all->nidle++;
	return s;
}

struct session *
session_restore(struct sessions *all, const char *name, uint64_t author,
    uint64_t lines, bool here)
{
	bool begun;
	struct session *s = session_find(all, name, author, &begun);

	if (s == NULL)
		return NULL;
	RB_REMOVE(session_authors, &all->authors, s);
	s->author = author;
	s->lines = s->stored = lines;
	RB_INSERT(session_authors, &all->authors, s);
	all->nheld += (size_t)here - (size_t)s->here;
	move(all, s, here);
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
session_resume(struct sessions *all, struct session *s, struct client *c)
{
	all->nheld--;
	s->client = c;
	c->session = s;
}

void
session_hold(struct sessions *all, struct client *c)
{
	struct session *s = c->session;

	if (s == NULL)
		return;
	c->session = NULL;
	s->client = NULL;
	s->lines = c->lines;
	s->authored = c->authored;
	all->nheld++;
}

void
session_join(struct sessions *all, struct session *s, struct client *c)
{
	if (s->client != NULL)
		session_hold(all, s->client);
	all->nheld += !s->here;
	move(all, s, true);
	session_resume(all, s, c);
	c->id = s->author;
	c->lines = c->told = s->lines;
	c->authored = s->authored;
}

void
session_use(struct sessions *all, struct session *s)
{
	if (TAILQ_NEXT(s, use) != NULL)
		move(all, s, s->here);
}

void
session_part(struct sessions *all, struct session *s)
{
	all->nheld--;
	move(all, s, false);
	trim(all);
}

void
session_leave(struct sessions *all, struct client *c)
{
	struct session *s = c->session;

	session_hold(all, c);
	if (s != NULL)
		session_part(all, s);
}

void
sessions_keep(struct sessions *all, size_t idle, size_t here)
{
	while (all->nidle > idle)
		forget_first(all, &all->idle);
	while (all->nheld > here)
		forget_first(all, &all->here);
}

void
sessions_limit(struct sessions *all, size_t held)
{
	struct session *s = NULL, *next;

	TAILQ_FOREACH_SAFE(s, &all->here, use, next) {
		if (all->nheld <= held)
			return;
		if (s->client == NULL)
			session_part(all, s);
	}
}
