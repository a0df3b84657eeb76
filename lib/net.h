/*
 * Connecting to a room
 */
#ifndef NET_H
#define NET_H

#include "addr.h"

#define NET_CONNECT_MS	10000		/* most that one address may take */
#define NET_ADVICE_SIZE	400		/* bytes, for any net_advise() */
#define NET_TEXT_ADVICE	"text is read from standard input, or follows -m"

/*
 * Connect to the room at a. Tries each address of the host in turn, and blocks
 * meanwhile. Returns a socket, which is non-blocking and the caller's, or -1
 * with the reason in *why, as strerror(3) returns it, and in errno, which is 0
 * if the host is unknown.
 */
int	 net_connect(const struct addr *a, const char **why);

/*
 * Write what a person can do about that errno, or "", to buf, which has size
 * bytes. Print it after *why. sends says that the program only sends: then text
 * may have been given as an address by mistake.
 */
void	 net_advise(char *buf, size_t size, const struct addr *a, int error,
	    bool sends);

/*
 * Fill in ss with the address of the Unix socket at path, which addr_parse()
 * has accepted. Returns its length, as bind(2) and connect(2) take it.
 */
socklen_t	 net_unix_address(struct sockaddr_storage *ss,
		    const char *path);

#endif
