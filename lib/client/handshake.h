/*
 * Shaking hands: how a link with a key begins
 */
#ifndef HANDSHAKE_H
#define HANDSHAKE_H

#include <stdbool.h>

#define HANDSHAKE_MS	5000		/* most that it may take */

struct link;

/* Begin on a connection that is there. Returns whether the link goes on, as
 * link_ready() does; it is LINK_UP when both sides have proven the key. */
bool	 handshake_begin(struct link *l);

/* Go on, as far as that is possible now. */
bool	 handshake_continue(struct link *l);

#endif
