/*
 * Persons: who is in the room, by verified names
 */
#include <sys/tree.h>

#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "person.h"

static int
person_compare(const struct person *a, const struct person *b)
{
	return strcmp(a->name, b->name);
}

RB_GENERATE(persons, person, entry, person_compare)

int
person_enter(struct persons *all, struct client *c, const char *name)
{
	struct person key, *p;

	(void)strlcpy(key.name, name, sizeof(key.name));
	p = RB_FIND(persons, all, &key);
	if (p == NULL) {
		p = calloc(1, sizeof(*p));
		if (p == NULL)
			return -1;
		memcpy(p->name, key.name, sizeof(p->name));
		RB_INSERT(persons, all, p);
	}
	p->clients++;
	c->person = p;
	return 0;
}

const struct person *
person_after(struct persons *all, const char *name)
{
	struct person key, *p;

	(void)strlcpy(key.name, name, sizeof(key.name));
	p = RB_NFIND(persons, all, &key);
	if (p != NULL && strcmp(p->name, key.name) == 0)
		p = RB_NEXT(persons, all, p);
	return p;
}

void
person_leave(struct persons *all, struct client *c)
{
	struct person *p = c->person;

	c->person = NULL;
	if (p == NULL || --p->clients > 0)
		return;
	RB_REMOVE(persons, all, p);
	free(p);
}
