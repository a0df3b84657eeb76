/*
 * Reach: being cut off from the log, and others who are
 */
#ifndef REACH_H
#define REACH_H

#include <stdbool.h>

struct server;

/* Note whether the log is in reach. If it has not been for MEMBER_CUT_MS, tell
 * whoever gave a role, and if it is again, the log of chatd. */
void	 reach_watch(struct server *s);

/*
 * Say that nodes are down that have been silent for MEMBER_DOWN_MS. Returns
 * whether it takes an entry of ours first, to know that they have.
 */
bool	 reach_nodes(struct server *s);

#endif
