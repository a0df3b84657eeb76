/*
 * lib/addr.h: addresses of rooms
 */
#include <sys/un.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "addr.h"
#include "unit.h"

#define BRACKETS "an IPv6 address needs brackets, as in [::1]"
#define NUMBER	"not a host; a port alone needs a colon before it"
#define COMMA	"an address cannot contain a comma"
#define URL	"a URL is not an address; use host:port"

static void
tcp(void)
{
	static const struct {
		const char	*s;
		const char	*host;
		const char	*port;
	} table[] = {
		{ "localhost", "localhost", "5555" },
		{ "example.org:80", "example.org", "80" },
		{ "127.0.0.1", "127.0.0.1", "5555" },
		{ "127.0.0.1:1", "127.0.0.1", "1" },
		{ "host:65535", "host", "65535" },
		{ "host:00080", "host", "80" },
		{ ":7000", "", "7000" },
		{ "*:7000", "", "7000" },
		{ "*", "", "5555" },
		{ "**", "**", "5555" },
		{ "[::1]", "::1", "5555" },
		{ "[::1]:7000", "::1", "7000" },
		{ "[fe80::1%eth0]:7000", "fe80::1%eth0", "7000" },
		{ "[127.0.0.1]:7000", "127.0.0.1", "7000" },
		{ "[*]:7000", "", "7000" },
	};
	struct addr a;
	size_t i;
	int listening;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		for (listening = 0; listening < 2; listening++) {
			CHECK_STR(addr_parse(&a, table[i].s, listening), NULL);
			CHECK_STR(a.host, table[i].host);
			CHECK_STR(a.port, table[i].port);
			CHECK_IN(!a.local, "%s", table[i].s);
			CHECK_IN(a.name == table[i].s, "%s", table[i].s);
		}
	}
}

static void
wrong(void)
{
	static const struct {
		const char	*s;
		const char	*why;
	} table[] = {
		{ "", "address is empty" },
		{ "::1", BRACKETS },
		{ "fe80::1%eth0", BRACKETS },
		{ "host:80:90", BRACKETS },
		{ "::", BRACKETS },
		{ "[::1", "] is missing" },
		{ "[", "] is missing" },
		{ "[]", "address is missing in []" },
		{ "[]:80", "address is missing in []" },
		{ "[::1]80", "only :port may follow ]" },
		{ "[::1]]:80", "only :port may follow ]" },
		{ "[::1]:", "port is missing" },
		{ ":", "port is missing" },
		{ "host:", "port is missing" },
		{ "host:65536", "port is too large" },
		{ "[::1]:99999", "port is too large" },
		{ "host:99999999999999999999999", "port is too large" },
		{ "host:http", "port is not a number" },
		{ "host:-1", "port is not a number" },
		{ "host:+1", "port is not a number" },
		{ "host: 1", "port is not a number" },
		{ "host:1 ", "port is not a number" },
		{ "host:0x10", "port is not a number" },
		{ "5555", NUMBER },
		{ "0", NUMBER },
		{ "5555:80", NUMBER },
		{ "[5555]:80", NUMBER },
		{ "two words", "a host name cannot contain spaces" },
		{ "two words:80", "a host name cannot contain spaces" },
		{ "http://host:5555/", URL },
		{ "tcp://host", URL },
		{ "a+b-c.d://", URL },
		{ "a,b", COMMA },
		{ "./a,b", COMMA },
		{ "[::1,", COMMA },
	};
	struct addr a;
	size_t i;
	int listening;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		for (listening = 0; listening < 2; listening++)
			CHECK_STR(addr_parse(&a, table[i].s, listening),
			    table[i].why);
	}
}

static void
loopback(void)
{
	static const struct {
		const char	*host;
		bool		 is;
	} table[] = {
		{ "127.0.0.1", true }, { "127.255.255.254", true },
		{ "::1", true }, { "::ffff:127.0.0.1", true },
		{ "0.0.0.0", false }, { "128.0.0.1", false },
		{ "10.0.0.127", false }, { "::", false }, { "fe80::1", false },
		{ "::127.0.0.1", false }, { "::ffff:10.0.0.1", false },
	};
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t i;
	bool four;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		four = inet_pton(AF_INET, table[i].host, &sin.sin_addr) == 1;
		CHECK(four || inet_pton(AF_INET6, table[i].host,
		    &sin6.sin6_addr) == 1);
		CHECK_IN(addr_is_loopback(four ? (struct sockaddr *)&sin :
		    (struct sockaddr *)&sin6) == table[i].is, "%s",
		    table[i].host);
	}
	CHECK(!addr_is_loopback((struct sockaddr *)&sun));
}

static void
port_zero(void)
{
	static const char *const list[] = { "host:0", ":0", "[::1]:0",
	    "h:000" };
	struct addr a;
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(*list); i++) {
		CHECK_STR(addr_parse(&a, list[i], true), NULL);
		CHECK_STR(a.port, "0");
		CHECK_STR(addr_parse(&a, list[i], false), "port is too small");
	}
}

static void
names(void)
{
	char s[300];
	struct addr a;
	size_t len;

	for (len = 250; len < 260; len++) {
		memset(s, 'x', len);
		strlcpy(s + len, ":80", sizeof(s) - len);
		CHECK_STR(addr_parse(&a, s, false), len < ADDR_HOST_SIZE ?
		    NULL : "host name is too long");
		s[len] = '\0';
		CHECK_STR(addr_parse(&a, s, false), len < ADDR_HOST_SIZE ?
		    NULL : "host name is too long");
		s[0] = '[';
		s[len - 1] = ']';
		CHECK_STR(addr_parse(&a, s, false), len - 2 < ADDR_HOST_SIZE ?
		    NULL : "host name is too long");
	}
}

static void
paths(void)
{
	static const char *const list[] = { "/", "/run/room", "./room", "a/b",
	    "a/", "./host:80", "/[::1]:80", "./*:0", "./http://x", "://",
	    "two words/room" };
	const size_t max = sizeof(((struct sockaddr_un *)NULL)->sun_path);
	char s[200];
	struct addr a;
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(*list); i++) {
		CHECK_STR(addr_parse(&a, list[i], i % 2 == 0), NULL);
		CHECK_IN(a.local, "%s", list[i]);
		CHECK_STR(a.name, list[i]);
	}
	memset(s, 'x', sizeof(s));
	s[0] = '/';
	s[max - 1] = '\0';
	CHECK_STR(addr_parse(&a, s, true), NULL);
	s[max - 1] = 'x';
	s[max] = '\0';
	CHECK_STR(addr_parse(&a, s, true), "path is too long for a socket");
}

static void
lists(void)
{
	static const char one[] = "localhost", three[] = "a,./b:1/c,[::1]:80";
	struct addr_list list;
	const char *part;

	CHECK_STR(addr_list_parse(&list, one, &part), NULL);
	CHECK(list.n == 1 && list.name == one);
	CHECK_STR(list.at[0].host, one);
	CHECK_STR(list.at[0].name, one);
	CHECK(!addr_list_is_local(&list));
	addr_list_free(&list);
	CHECK_STR(addr_list_parse(&list, three, &part), NULL);
	CHECK(list.n == 3 && list.name == three);
	CHECK_STR(list.at[0].name, "a");
	CHECK_STR(list.at[0].host, "a");
	CHECK_STR(list.at[0].port, "5555");
	CHECK(!list.at[0].local && list.at[1].local);
	CHECK_STR(list.at[1].name, "./b:1/c");
	CHECK_STR(list.at[2].name, "[::1]:80");
	CHECK_STR(list.at[2].host, "::1");
	CHECK_STR(list.at[2].port, "80");
	CHECK(!addr_list_is_local(&list));
	addr_list_free(&list);
	CHECK_STR(addr_list_parse(&list, "/a,./b", &part), NULL);
	CHECK(addr_list_is_local(&list));
	addr_list_free(&list);
}

static void
wrong_lists(void)
{
	static const char missing[] = "an address is missing beside a comma",
	    space[] = "a space cannot stand beside a comma";
	static const struct {
		const char	*s;
		const char	*part;
		const char	*why;
	} table[] = {
		{ "", "", "address is empty" },
		{ "a:x", "a:x", "port is not a number" },
		{ ",", ",", missing },
		{ ",a", ",a", missing },
		{ "a,", "a,", missing },
		{ "a,,b", "a,,b", missing },
		{ "a,b:0,c", "b:0", "port is too small" },
		{ "a,::1", "::1", BRACKETS },
		{ "a,5555", "5555", NUMBER },
		{ "http://a/,b", "http://a/", URL },
		{ "a, b", " b", space },
		{ "/a ,b", "/a ", space },
		{ "a,b c", "b c", "a host name cannot contain spaces" },
	};
	struct addr_list list;
	const char *part;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		CHECK_STR(addr_list_parse(&list, table[i].s, &part),
		    table[i].why);
		CHECK_STR(part, table[i].part);
		addr_list_free(&list);
	}
}

static void
many(void)
{
	char s[2 * ADDR_LIST_MAX + 2] = "a";
	struct addr_list list;
	const char *part;
	size_t n;

	for (n = 1; n <= ADDR_LIST_MAX; n++) {
		CHECK_STR(addr_list_parse(&list, s, &part), NULL);
		CHECK(list.n == n);
		addr_list_free(&list);
		strlcat(s, ",a", sizeof(s));
	}
	CHECK(ADDR_LIST_MAX == 16);
	CHECK_STR(addr_list_parse(&list, s, &part), "more than 16 addresses");
	CHECK_STR(part, s);
	addr_list_free(&list);
}

/* Written and read, an address is the same. */
static void
check_format(const struct sockaddr *sa, socklen_t len, const char *want)
{
	char buf[ADDR_TEXT_SIZE];
	struct addr a;

	CHECK_STR(addr_format(buf, sa, len), want);
	CHECK_STR(addr_parse(&a, buf, true), NULL);
}

static void
format(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char path[ADDR_TEXT_SIZE];

	sin.sin_port = htons(5555);
	CHECK(inet_pton(AF_INET, "192.0.2.255", &sin.sin_addr) == 1);
	check_format((struct sockaddr *)&sin, sizeof(sin), "192.0.2.255:5555");
	sin6.sin6_port = htons(65535);
	sin6.sin6_addr = in6addr_loopback;
	check_format((struct sockaddr *)&sin6, sizeof(sin6), "[::1]:65535");
	CHECK(inet_pton(AF_INET6, "2001:db8:1111:2222:3333:4444:5555:6666",
	    &sin6.sin6_addr) == 1);
	check_format((struct sockaddr *)&sin6, sizeof(sin6),
	    "[2001:db8:1111:2222:3333:4444:5555:6666]:65535");
	CHECK(inet_pton(AF_INET6, "fe80::a", &sin6.sin6_addr) == 1);
	check_format((struct sockaddr *)&sin6, sizeof(sin6), "[fe80::a]:65535");
	/* An interface that there isn't has no name. */
	sin6.sin6_scope_id = 2147483632;
	check_format((struct sockaddr *)&sin6, sizeof(sin6),
	    "[fe80::a%2147483632]:65535");
	strlcpy(sun.sun_path, "/run/room", sizeof(sun.sun_path));
	/* One without a name has no bytes of a path. */
	CHECK_STR(addr_format(path, (struct sockaddr *)&sun,
	    offsetof(struct sockaddr_un, sun_path)), "");
	check_format((struct sockaddr *)&sun, sizeof(sun), "/run/room");
	/* A path may fill all of it, without a NUL. */
	memset(sun.sun_path, '/', sizeof(sun.sun_path));
	(void)addr_format(path, (struct sockaddr *)&sun, sizeof(sun));
	CHECK(strlen(path) == sizeof(sun.sun_path));
	sin.sin_family = AF_UNSPEC;
	CHECK_STR(addr_format(path, (struct sockaddr *)&sin, sizeof(sin)),
	    "unknown address");
}

const struct test addr_tests[] = {
	{ "hosts and ports", tcp },
	{ "what is wrong with an address", wrong },
	{ "which of them are this machine's own", loopback },
	{ "port 0 is only for one who listens", port_zero },
	{ "names up to 255 bytes", names },
	{ "paths of sockets", paths },
	{ "one address, and several", lists },
	{ "which of several is wrong", wrong_lists },
	{ "16 addresses, and no more", many },
	{ "writing addresses as they are read", format },
	{ NULL, NULL }
};
