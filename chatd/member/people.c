/*
 * People: who is at which other node
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/person.h"
#include "core/presence.h"
#include "core/server.h"
#include "people.h"
#include "room/replica.h"

static int
guest_compare(const struct guest *a, const struct guest *b)
{
	if (a->node != b->node)
		return a->node->number < b->node->number ? -1 : 1;
	return strcmp(a->name, b->name);
}

RB_GENERATE(people, guest, entry, guest_compare)

static struct guest *
find(struct people *all, const struct node *node, const char *name)
{
	struct guest key = { .node = node };

	(void)strlcpy(key.name, name, sizeof(key.name));
	return RB_FIND(people, all, &key);
}

int
people_here(struct server *s, struct people *all, const struct node *node,
    const char *name)
{
	bool news = !person_is_here(&s->persons, name);
	struct guest *g;

	if (find(all, node, name) != NULL)
		return 0;
	g = calloc(1, sizeof(*g));
	if (g == NULL || person_enter_elsewhere(&s->persons, name) == -1) {
		free(g);
		return -1;
	}
	g->node = node;
	(void)strlcpy(g->name, name, sizeof(g->name));
	RB_INSERT(people, all, g);
	/* The tree has it. NOLINTBEGIN(clang-analyzer-unix.Malloc) */
	if (news)
		presence_join(s, name);
	return 0;
	/* NOLINTEND(clang-analyzer-unix.Malloc) */
}

static void
leave(struct server *s, struct people *all, struct guest *g)
{
	RB_REMOVE(people, all, g);
	person_leave_elsewhere(&s->persons, g->name);
	if (!person_is_here(&s->persons, g->name))
		presence_part(s, g->name);
	free(g);
}

void
people_gone(struct server *s, struct people *all, const struct node *node,
    const char *name)
{
	struct guest *g = find(all, node, name);

	if (g != NULL)
		leave(s, all, g);
}

void
people_clear(struct server *s, struct people *all, const struct node *node)
{
	struct guest key = { .node = node }, *g;

	while ((g = RB_NFIND(people, all, &key)) != NULL && g->node == node)
		leave(s, all, g);
}

void
people_free(struct server *s, struct people *all)
{
	struct guest *g;

	while ((g = RB_MIN(people, all)) != NULL) {
		RB_REMOVE(people, all, g);
		person_leave_elsewhere(&s->persons, g->name);
		free(g);
	}
}
