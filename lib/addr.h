/*
 * Addresses of rooms
 *
 *	host  host:port  [v6]:port  :port  *:port	TCP
 *	anything with a /				a Unix-domain socket
 *
 * The port is decimal and defaults to ADDR_PORT. No host, or *, is every
 * interface to one who listens and localhost to one who connects.
 */
#ifndef ADDR_H
#define ADDR_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>

#define ADDR_PORT	"5555"
#define ADDR_HOST_SIZE	256		/* a name has 253 bytes (RFC 1035) */
#define ADDR_TEXT_SIZE	128		/* room for any addr_format() */

struct addr {
	const char	*name;		/* as it was given; borrowed */
	bool		 local;		/* name is a Unix socket's path */
	char		 host[ADDR_HOST_SIZE]; /* "" if none was named */
	char		 port[6];
};

/*
 * Read s, which a keeps pointing to. Port 0 is right only for one who listens.
 * Returns NULL, or what is wrong with it, to be said after its name.
 */
const char	*addr_parse(struct addr *a, const char *s, bool listening);

/* Whether it leads to nobody but this machine; no Unix socket's does. */
bool		 addr_is_loopback(const struct sockaddr *sa);

/*
 * Write sa in numbers, as addr_parse() reads it: 127.0.0.1:5555, [::1]:5555,
 * or the path. buf has ADDR_TEXT_SIZE bytes; returns buf. For an address with a
 * zone the system is asked for its name: not in a sandbox.
 */
char		*addr_format(char *buf, const struct sockaddr *sa,
		    socklen_t len);

#endif
