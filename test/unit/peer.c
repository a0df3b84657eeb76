/*
 * chatd/door/peer.h: how many connections there are from each address
 */
#include <sys/un.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "door/peer.h"
#include "unit.h"

static struct peer *
find(struct peers *peers, const char *text)
{
	struct sockaddr_storage ss;
	struct sockaddr_in *sin = (struct sockaddr_in *)&ss;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&ss;
	struct peer *p = NULL;

	memset(&ss, 0, sizeof(ss));
	if (strchr(text, ':') == NULL) {
		ss.ss_family = AF_INET;
		CHECK(inet_pton(AF_INET, text, &sin->sin_addr) == 1);
	} else {
		ss.ss_family = AF_INET6;
		CHECK(inet_pton(AF_INET6, text, &sin6->sin6_addr) == 1);
	}
	/* The port makes no difference. */
	sin->sin_port = htons((uint16_t)unit_random(65536));
	CHECK(peer_get(peers, (struct sockaddr *)&ss, &p) == 0 && p != NULL);
	return p;
}

static void
release_all(struct peers *peers)
{
	struct peer *p;

	while ((p = RB_ROOT(peers)) != NULL)
		peer_release(peers, p);
}

static void
same(void)
{
	static const struct {
		const char	*one;
		const char	*other;
		bool		 same;
	} table[] = {
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true },
		{ "2001:db8:0:1::1", "2001:db8:0:2::1", false },
		{ "fe80::1", "fe80::2", false },
		{ "::1", "::2", false },
		{ "127.0.0.1", "127.0.0.2", false },
		{ "192.0.2.1", "::ffff:192.0.2.1", true },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.2", false },
	};
	struct peers peers = RB_INITIALIZER(&peers);
	struct peer *one, *other;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		one = find(&peers, table[i].one);
		other = find(&peers, table[i].other);
		CHECK_IN((one == other) == table[i].same, "%s and %s",
		    table[i].one, table[i].other);
		release_all(&peers);
	}
}

static void
loopback(void)
{
	static const char *const inside[] = { "127.0.0.1", "127.255.255.254",
	    "::1" };
	static const char *const outside[] = { "126.255.255.255", "128.0.0.1",
	    "192.0.2.127", "::2", "2001:db8::1", "fe80::1" };
	struct peers peers = RB_INITIALIZER(&peers);
	size_t i;

	for (i = 0; i < sizeof(inside) / sizeof(*inside); i++)
		CHECK_IN(find(&peers, inside[i])->loopback, "%s", inside[i]);
	for (i = 0; i < sizeof(outside) / sizeof(*outside); i++)
		CHECK_IN(!find(&peers, outside[i])->loopback, "%s",
		    outside[i]);
	release_all(&peers);
}

static void
no_address(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct peers peers = RB_INITIALIZER(&peers);
	struct peer *p;

	CHECK(peer_get(&peers, (struct sockaddr *)&sun, &p) == 0);
	CHECK(p == NULL && RB_EMPTY(&peers));
	peer_release(&peers, p);
}

static void
forgetting(void)
{
	struct peers peers = RB_INITIALIZER(&peers);
	struct peer *p;
	char text[32];
	int i;

	for (i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "10.0.%d.%d", i / 250, i % 250);
		p = find(&peers, text);
		CHECK_IN(p->clients == 0 && p->turned_away == 0, "%s", text);
		p->clients = i % 2 == 0;
		p->turned_away = i % 3 == 0;
		peer_release(&peers, p);
	}
	for (i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "10.0.%d.%d", i / 250, i % 250);
		p = find(&peers, text);
		CHECK_IN(p->clients == (i % 2 == 0) &&
		    p->turned_away == (i % 3 == 0), "%s", text);
		p->clients = p->turned_away = 0;
		peer_release(&peers, p);
	}
	CHECK(RB_EMPTY(&peers));
}

const struct test peer_tests[] = {
	{ "which addresses are the same machine's", same },
	{ "which are this machine's", loopback },
	{ "Unix sockets have none", no_address },
	{ "peers without connections are forgotten", forgetting },
	{ NULL, NULL }
};
