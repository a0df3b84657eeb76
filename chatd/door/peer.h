/*
 * Peers: how many connections there are from each address
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
	size_t		 clients;	/* that are in the room */
	size_t		 turned;	/* that are being turned away */
};

RB_HEAD(peers, peer);
RB_PROTOTYPE(peers, peer, entry, peer_compare)

/*
 * The peer with the address sa, made if it's new: *peer is NULL for sockets
 * that have no addresses. Returns 0, or -1 with errno if there's no memory.
 */
int	 peer_find(struct peers *peers, const struct sockaddr *sa,
	    struct peer **peer);

/* Forget a peer, which may be NULL, if no connection of it is left. */
void	 peer_release(struct peers *peers, struct peer *peer);

#endif
