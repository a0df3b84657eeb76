/*
 * Peers: how many connections each address has
 */
#include <sys/socket.h>
#include <sys/tree.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "peer.h"

static int
peer_compare(const struct peer *a, const struct peer *b)
{
	return memcmp(&a->addr, &b->addr, sizeof(a->addr));
}

RB_GENERATE(peers, peer, entry, peer_compare)

static void
key_ipv4(struct peer *key, const struct sockaddr_in *sin)
{
	unsigned char *bytes = key->addr.s6_addr;

	bytes[10] = bytes[11] = 0xff;
	memcpy(bytes + 12, &sin->sin_addr, 4);
}

/* A socket for both families shows IPv4 as mapped: it counts as IPv4. */
static void
key_ipv6(struct peer *key, const struct sockaddr_in6 *sin6)
{
	key->addr = sin6->sin6_addr;
	if (!key->loopback && !IN6_IS_ADDR_V4MAPPED(&key->addr) &&
	    !IN6_IS_ADDR_LINKLOCAL(&key->addr))
		memset(key->addr.s6_addr + 8, 0, 8);
}

int
peer_get(struct peers *peers, const struct sockaddr *sa, struct peer **peer)
{
	struct peer key;

	*peer = NULL;
	memset(&key, 0, sizeof(key));
	key.loopback = addr_is_loopback(sa);
	if (sa->sa_family == AF_INET)
		key_ipv4(&key, (const struct sockaddr_in *)sa);
	else if (sa->sa_family == AF_INET6)
		key_ipv6(&key, (const struct sockaddr_in6 *)sa);
	else
		return 0;
	*peer = RB_FIND(peers, peers, &key);
	if (*peer != NULL)
		return 0;
	*peer = malloc(sizeof(**peer));
	if (*peer == NULL)
		return -1;
	**peer = key;
	RB_INSERT(peers, peers, *peer);
	return 0;
}

void
peer_release(struct peers *peers, struct peer *peer)
{
	if (peer == NULL || peer->clients + peer->turned_away > 0)
		return;
	RB_REMOVE(peers, peers, peer);
	free(peer);
}
