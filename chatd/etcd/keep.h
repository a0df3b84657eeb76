/*
 * Keep: what the nodes have, and removing what all of them have
 */
#ifndef KEEP_H
#define KEEP_H

#include "helper.h"

/* This node begins at h->pos: what follows is to be there until it has it. */
void	 keep_begin(struct helper *h);

/* This node has all up to that position, of which this is the revision. */
void	 keep_take(struct helper *h, uint64_t pos, uint64_t revision);

/*
 * The revision up to which the log may be removed, as h->response has the keeps
 * of all nodes; 0 if there is none. If urgent, because etcd takes no more, less
 * is kept than at other times.
 */
uint64_t keep_limit(const struct helper *h, bool urgent);

void	 keep_step(struct helper *h, int64_t now);
int64_t	 keep_deadline(const struct helper *h);
void	 keep_reset(struct helper *h);

#endif
