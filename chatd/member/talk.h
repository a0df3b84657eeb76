/*
 * Talk: what is said to the helper, and its end
 */
#ifndef TALK_H
#define TALK_H

#include <stddef.h>

struct logline;
struct server;

/* Say a line, as wire_say() does. A node that has no memory for it ends. */
void	 talk_say(struct server *s, const struct logline *l, const char *head,
	    size_t headlen, const char *body);

/*
 * The helper has closed its socket (why is NULL), or is of no use for that
 * reason: the keeper ends what is left of it, and starts another one.
 */
void	 talk_end(struct server *s, const char *why);

#endif
