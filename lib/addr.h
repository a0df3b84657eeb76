/*
 * Addresses of rooms
 *
 *	host  host:port  [v6]:port  :port  *:port	TCP
 *	anything with a /				a Unix-domain socket
 *
 * The port is decimal and defaults to ADDR_PORT. No host, or *, means every
 * interface to a program that listens, and localhost to one that connects. A
 * comma stands in none of them: it separates the addresses of a list.
 */
#ifndef ADDR_H
#define ADDR_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>

#define ADDR_PORT	"5555"
#define ADDR_HOST_SIZE	256		/* a name has 253 bytes (RFC 1035) */
#define ADDR_TEXT_SIZE	128		/* bytes, for any addr_format() */
#define ADDR_LIST_MAX	16		/* addresses in a list */

struct addr {
	const char	*name;		/* as it was given; borrowed */
	bool		 local;		/* name is a Unix socket's path */
	char		 host[ADDR_HOST_SIZE]; /* "" if none was named */
	char		 port[6];
};

/* Where a client finds one room: at any of these, which it tries in turn. */
struct addr_list {
	const char	*name;		/* as it was given; borrowed */
	char		*text;		/* the parts, which at[] points into */
	size_t		 n;
	struct addr	 at[ADDR_LIST_MAX];
};

/*
 * Parse s into a, which keeps pointing to s. Port 0 is valid only for
 * listening. Returns NULL, or what is wrong with s, in words to print after s
 * itself.
 */
const char	*addr_parse(struct addr *a, const char *s, bool listening);

/*
 * Parse s, one address to connect to or several with a comma between them, into
 * list, which keeps pointing to s. Returns NULL, or what is wrong with *part,
 * which is one of the addresses, or s. The list is to be freed either way.
 */
const char	*addr_list_parse(struct addr_list *list, const char *s,
		    const char **part);
void		 addr_list_free(struct addr_list *list);

/* Whether all of them are Unix sockets. */
bool		 addr_list_is_local(const struct addr_list *list);

/* Whether sa is a loopback address of IPv4 or IPv6. A Unix socket's is none. */
bool		 addr_is_loopback(const struct sockaddr *sa);

/*
 * Write sa, of len bytes, in numbers, as addr_parse() reads it: 127.0.0.1:5555,
 * [::1]:5555, or the path. buf has ADDR_TEXT_SIZE bytes; returns buf. Don't
 * call it in a sandbox: getnameinfo(3) looks up the name of an IPv6 zone there.
 */
char		*addr_format(char *buf, const struct sockaddr *sa,
		    socklen_t len);

#endif
