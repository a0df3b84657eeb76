/*
 * Sessions: senders that the room recognises when they connect again
 */
#include <sys/queue.h>
#include <sys/tree.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	RB_INIT(&all->owners);
	TAILQ_INIT(&all->idle);
	TAILQ_INIT(&all->here);
	all->n = all->nidle = all->nheld = 0;
	all->max = max;
	all->held_until = 0;
}

/* The list that a session is in. */
static struct session_list *
list_of(struct sessions *all, const struct session *s)
{
	return s->here ? &all->here : &all->idle;
}

/* Move it to the end of a list: it is the most recently used one there. */
static void
move_to_end(struct sessions *all, struct session *s, bool here)
{
	TAILQ_REMOVE(list_of(all, s), s, use);
	all->nidle -= !s->here;
	s->here = here;
	TAILQ_INSERT_TAIL(list_of(all, s), s, use);
	all->nidle += !here;
}

/* Drop the first session of a list, which no client is connected with. */
static void
drop_first(struct sessions *all, struct session_list *l)
{
	struct session *s = TAILQ_FIRST(l);

	TAILQ_REMOVE(l, s, use);
	owner_clear(&all->owners, s);
	all->nidle -= !s->here;
	all->nheld -= s->here;
	all->n--;
	RB_REMOVE(session_tree, &all->tree, s);
	RB_REMOVE(session_authors, &all->authors, s);
	free(s);
}

/* Evict the least recently used ones of those that are idle. */
static void
evict_idle(struct sessions *all)
{
	while (all->nidle > all->max)
		drop_first(all, &all->idle);
}

void
sessions_set_max(struct sessions *all, size_t max)
{
	all->max = max;
	evict_idle(all);
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
session_lookup(struct sessions *all, const char *name)
{
	struct session key;

	(void)strlcpy(key.name, name, sizeof(key.name));
	return RB_FIND(session_tree, &all->tree, &key);
}

struct session *
session_get(struct sessions *all, const char *name, uint64_t author,
    bool *begun)
{
	struct session *s = session_lookup(all, name);

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
	struct session *s = session_get(all, name, author, &begun);

	if (s == NULL)
		return NULL;
	RB_REMOVE(session_authors, &all->authors, s);
	s->author = author;
	s->lines = s->stored = lines;
	RB_INSERT(session_authors, &all->authors, s);
	all->nheld += (size_t)here - (size_t)s->here;
	move_to_end(all, s, here);
	evict_idle(all);
	return s;
}

struct session *
session_of_author(struct sessions *all, uint64_t author)
{
	struct session key = { .author = author };

	return RB_FIND(session_authors, &all->authors, &key);
}

uint64_t
session_lines(const struct session *s)
{
	return s->count != NULL ? *s->count : s->lines;
}

void
session_hold(struct sessions *all, struct session *s)
{
	all->nheld += !s->here;
	move_to_end(all, s, true);
}

void
session_attach(struct sessions *all, struct session *s, struct client *c,
    const uint64_t *count)
{
	all->nheld--;
	s->client = c;
	s->count = count;
}

void
session_detach(struct sessions *all, struct session *s, uint64_t lines,
    uint64_t authored)
{
	s->client = NULL;
	s->count = NULL;
	s->lines = lines;
	s->authored = authored;
	all->nheld++;
}

void
session_use(struct sessions *all, struct session *s)
{
	if (TAILQ_NEXT(s, use) != NULL)
		move_to_end(all, s, s->here);
}

void
session_part(struct sessions *all, struct session *s)
{
	all->nheld--;
	move_to_end(all, s, false);
	evict_idle(all);
}

void
sessions_keep(struct sessions *all, size_t idle, size_t here)
{
	while (all->nidle > idle)
		drop_first(all, &all->idle);
	while (all->nheld > here)
		drop_first(all, &all->here);
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
