/*
 * Connecting to a room
 */
#ifndef NET_H
#define NET_H

#include "addr.h"

#define NET_CONNECT_MS	10000		/* most that one address may take */

/*
 * Connect to the room at a, trying every address its name has. Returns the
 * socket, non-blocking, or -1 with *why saying what went wrong.
 */
int	 net_connect(const struct addr *a, const char **why);

/*
 * Fill in sun for the Unix socket at a path that addr_parse() took. Returns
 * its length.
 */
socklen_t	 net_unix_address(struct sockaddr_storage *ss,
		    const char *path);

#endif
