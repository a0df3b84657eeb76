/*
 * Beginning: the items of the entry that begins an epoch of ours, and, if it is
 * the first one ever, the log
 *
 * The log's first entry has what holds for all nodes, and the sessions of the
 * store that it is begun from: the most recently used ones that fit into it.
 */
#ifndef BEGIN_H
#define BEGIN_H

#include <stddef.h>

struct server;

/* The items, *len bytes, which the caller frees; NULL with errno if memory is
 * short. */
char	*begin_items(struct server *s, size_t *len);

#endif
