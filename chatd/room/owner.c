/*
 * Owners: which connection has a session, in a room that several nodes keep
 */
#include <stddef.h>
#include <stdlib.h>

#include "owner.h"
#include "replica.h"
#include "session.h"

static int
owner_compare(const struct owner *a, const struct owner *b)
{
	if (a->node != b->node)
		return a->node->number < b->node->number ? -1 : 1;
	return (a->conn > b->conn) - (a->conn < b->conn);
}

RB_GENERATE(owners, owner, entry, owner_compare)

int
owner_set(struct owners *all, struct session *s, const struct node *node,
    uint64_t conn)
{
	struct owner *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return -1;
	owner_clear(all, s);
	o->session = s;
	o->node = node;
	o->conn = conn;
	s->owner = o;
	RB_INSERT(owners, all, o);
	return 0;
}

void
owner_clear(struct owners *all, struct session *s)
{
	if (s->owner == NULL)
		return;
	RB_REMOVE(owners, all, s->owner);
	free(s->owner);
	s->owner = NULL;
}

struct session *
owner_session(struct owners *all, const struct node *node, uint64_t conn)
{
	struct owner key = { .node = node, .conn = conn };
	struct owner *o = RB_FIND(owners, all, &key);

	return o == NULL ? NULL : o->session;
}

struct session *
owner_any(struct owners *all, const struct node *node)
{
	struct owner key = { .node = node };
	struct owner *o = RB_NFIND(owners, all, &key);

	return o == NULL || o->node != node ? NULL : o->session;
}
