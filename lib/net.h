/*
 * Connecting to a room
 */
#ifndef NET_H
#define NET_H

#include "addr.h"

#define NET_CONNECT_MS	10000		/* most that one address may take */
#define NET_ADVICE_SIZE	400
#define NET_TEXT_ADVICE	"text is read from standard input, or follows -m"

/*
 * Connect to the room at a, trying every address its name has. Returns the
 * socket, non-blocking, or -1 with *why saying what went wrong, and errno; that
 * is 0 if nobody knows the host.
 */
int	 net_connect(const struct addr *a, const char **why);

/*
 * What to do about that errno, to be said after *why by one who gives up; buf
 * has size bytes. Whoever only sends may have given text for an address.
 */
void	 net_advise(char *buf, size_t size, const struct addr *a, int error,
	    bool sends);

/*
 * Fill in sun for the Unix socket at a path that addr_parse() took. Returns
 * its length.
 */
socklen_t	 net_unix_address(struct sockaddr_storage *ss,
		    const char *path);

#endif
