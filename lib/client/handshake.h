/*
 * The handshake of a link with a key
 */
#ifndef HANDSHAKE_H
#define HANDSHAKE_H

#include <stdbool.h>

#define HANDSHAKE_MS	5000		/* time limit, milliseconds */

struct link;

/*
 * Begin, on a connection that was just made. Returns whether the link goes on,
 * as link_ready() does. The state is LINK_UP once both sides have proven the
 * key.
 */
bool	 handshake_begin(struct link *l);

/* Continue as far as possible without blocking. Returns the same. */
bool	 handshake_continue(struct link *l);

#endif
