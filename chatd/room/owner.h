/*
 * Owners: which connection has a session, in a room that several nodes keep
 *
 * The log says it: see claim and part in chat-log(7). A connection is known by
 * its node and its number there; it need not be one of ours.
 */
#ifndef OWNER_H
#define OWNER_H

#include <sys/tree.h>

#include <stdint.h>

struct node;
struct session;

struct owner {
	RB_ENTRY(owner)	 entry;
	struct session	*session;
	const struct node *node;	/* borrowed */
	uint64_t	 conn;		/* the connection's number there */
};

RB_HEAD(owners, owner);
RB_PROTOTYPE(owners, owner, entry, owner_compare)

/*
 * Give a session to a connection of a node, which has no other; whoever had it
 * loses it. Returns 0, or -1 with errno if memory is short.
 */
int	 owner_set(struct owners *all, struct session *s,
	    const struct node *node, uint64_t conn);

/* Nobody has the session now. */
void	 owner_clear(struct owners *all, struct session *s);

/* The session that a connection has, or NULL. */
struct session	*owner_session(struct owners *all, const struct node *node,
		    uint64_t conn);

/* Some session that a connection of the node has; NULL if there is none. */
struct session	*owner_any(struct owners *all, const struct node *node);

#endif
