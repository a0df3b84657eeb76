/*
 * Hearing: what a room says on a link
 */
#ifndef HEAR_H
#define HEAR_H

#include <stdbool.h>

struct link;

/*
 * Read once from a link that is up, and hand out what has come. Returns
 * whether the link goes on, as link_ready() does.
 */
bool	 hear_some(struct link *l);

/* Hand out what is lost and was kept back until it was sure. */
void	 hear_lost(struct link *l);

#endif
