/*
 * People: who is at which other node
 *
 * Each node says in the log who comes to it and who goes. A person is in the
 * room while they are at any node.
 */
#ifndef PEOPLE_H
#define PEOPLE_H

#include <sys/tree.h>

#include "text.h"

struct node;
struct server;

struct guest {
	RB_ENTRY(guest)	 entry;
	const struct node *node;	/* where they are; borrowed */
	char		 name[PERSON_MAX + 1];
};

RB_HEAD(people, guest);
RB_PROTOTYPE(people, guest, entry, guest_compare)

/*
 * A person has come to another node, or has gone from it. Clients that watch
 * are told if that is news. Returns 0, or -1 with errno if memory is short.
 */
int	 people_here(struct server *s, struct people *all,
	    const struct node *node, const char *name);
void	 people_gone(struct server *s, struct people *all,
	    const struct node *node, const char *name);

/* Everybody has gone from a node. */
void	 people_clear(struct server *s, struct people *all,
	    const struct node *node);

/* Forget all of them, and tell nobody. */
void	 people_free(struct server *s, struct people *all);

#endif
