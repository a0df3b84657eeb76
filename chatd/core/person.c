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

static struct person *
find(struct persons *all, const char *name)
{
	struct person key;

	(void)strlcpy(key.name, name, sizeof(key.name));
	return RB_FIND(persons, all, &key);
}

/* The person of that name, who is added if need be. NULL: memory is short. */
static struct person *
find_or_add(struct persons *all, const char *name)
{
	struct person *p = find(all, name);

	if (p != NULL || (p = calloc(1, sizeof(*p))) == NULL)
		return p;
	(void)strlcpy(p->name, name, sizeof(p->name));
	RB_INSERT(persons, all, p);
	return p;
}

static void
free_if_gone(struct persons *all, struct person *p)
{
	if (p->clients > 0 || p->elsewhere > 0)
		return;
	RB_REMOVE(persons, all, p);
	free(p);
}

int
person_enter(struct persons *all, struct client *c, const char *name)
{
	struct person *p = find_or_add(all, name);

	if (p == NULL)
		return -1;
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
	if (p == NULL)
		return;
	p->clients--;
	free_if_gone(all, p);
}

int
person_enter_elsewhere(struct persons *all, const char *name)
{
	struct person *p = find_or_add(all, name);

	if (p == NULL)
		return -1;
	p->elsewhere++;
	/* The tree has it. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	return 0;
}

void
person_leave_elsewhere(struct persons *all, const char *name)
{
	struct person *p = find(all, name);

	if (p == NULL)
		return;
	p->elsewhere--;
	free_if_gone(all, p);
}

bool
person_is_here(struct persons *all, const char *name)
{
	return find(all, name) != NULL;
}
