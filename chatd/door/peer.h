/*
 * Peers: how many connections each address has
 *
 * IPv4 addresses count one by one. Global IPv6 addresses count by their first
 * 64 bits, since a single machine has all the rest to itself (RFC 4291, 2.5.4).
 */
#ifndef PEER_H
#define PEER_H

#include <sys/socket.h>
#include <sys/tree.h>

#include <netinet/in.h>

#include <stdbool.h>
#include <stddef.h>

struct peer {
	RB_ENTRY(peer)	 entry;
	struct in6_addr	 addr;		/* IPv4 is mapped: ::ffff:a.b.c.d */
	bool		 loopback;
	size_t		 clients;	/* its connections */
	size_t		 turned_away;	/* others, which are turned away */
};

RB_HEAD(peers, peer);
RB_PROTOTYPE(peers, peer, entry, peer_compare)

/*
 * Find the peer with the address sa, or make it: *peer is NULL for sockets
 * without addresses. Returns 0, or -1 with errno if memory is short.
 */
int	 peer_get(struct peers *peers, const struct sockaddr *sa,
	    struct peer **peer);

/* Free a peer, which may be NULL, if it has no connections left. */
void	 peer_release(struct peers *peers, struct peer *peer);

#endif
