/*
 * The replica: what a room knows of the log that several nodes share
 *
 * chat-log(7) has the words. All of it follows from the log alone, so at the
 * same position it is the same at every node, and the store has it, too: a node
 * that starts again goes on from there.
 */
#ifndef REPLICA_H
#define REPLICA_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"
#include "word.h"

#define REPLICA_NODES	1024		/* most nodes that ever count */
#define REPLICA_UNTOLD	INT64_MAX	/* sessions: no entry has said how many;
					   until one does, all are kept */

struct node {
	TAILQ_ENTRY(node) entry;
	char		 name[PERSON_MAX + 1];
	uint64_t	 number;	/* in the order in which they came */
	uint64_t	 epoch;		/* 0: no entry of it has counted yet */
	uint64_t	 seq;		/* of its last entry that counted */
	uint64_t	 hash;		/* the replica's, after that entry */
	bool		 down;		/* this epoch of it is over */
	bool		 unwritten;	/* changed since the journal wrote it */
	int64_t		 heard;		/* when its last entry came here, in
					   milliseconds; not in the store */
};

TAILQ_HEAD(nodes, node);

struct replica {
	char		 ident[TOKEN_MAX + 1]; /* of the log; "": none yet */
	uint64_t	 sessions;	/* kept while they are idle, or
					   REPLICA_UNTOLD */
	bool		 named;		/* lines begin with their speaker */
	uint64_t	 pos;		/* the last entry that is applied */
	char		 token[TOKEN_MAX + 1]; /* how to find it again */
	uint64_t	 news;		/* the last one that was more than a
					   sign of life: the store need not
					   have what comes after it */
	uint64_t	 hash;		/* of all lines that count */
	int64_t		 time;		/* of the last entry that counted */
	struct nodes	 nodes;		/* in the order in which they came */
	size_t		 n;		/* how many */
};

/* Start at position 0 of an unknown log, and forget everything in the end. */
void	 replica_init(struct replica *r);
void	 replica_free(struct replica *r);

/* The node of that name, or NULL. */
struct node	*replica_node(struct replica *r, const char *name);

/*
 * The same for a name of 1 to PERSON_MAX characters; if there is none it is
 * added. Besides those that count there is space for one more, which may be
 * ours. Returns NULL with errno if there are too many, or if memory is short.
 */
struct node	*replica_add(struct replica *r, const char *name);

/*
 * The rule: whether an entry of that node, epoch and number counts. node may be
 * NULL if no entry of it has counted yet.
 */
bool	 replica_counts(const struct replica *r, const struct node *node,
	    uint64_t epoch, uint64_t seq);

/* Whether as many nodes have counted as ever do, so that no other one does. */
bool	 replica_is_full(const struct replica *r);

/* An entry that counts was applied: note its numbers, and the hash by now. */
void	 replica_note(struct replica *r, struct node *node, uint64_t epoch,
	    uint64_t seq);

/* Add len bytes of lines that count to the hash. */
void	 replica_hash(struct replica *r, const char *lines, size_t len);

#endif
