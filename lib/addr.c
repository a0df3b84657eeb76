/*
 * Addresses of rooms
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"

static const char *
parse_port(struct addr *a, const char *s, bool listening)
{
	const char *errstr;
	long long port;

	if (strlen(s) != strspn(s, "0123456789"))
		return "port is not a number";
	port = strtonum(s, listening ? 0 : 1, 65535, &errstr);
	if (errstr != NULL)
		return s[0] == '\0' ? "port is missing" :
		    strcmp(errstr, "too large") == 0 ? "port is too large" :
		    "port is too small";
	(void)snprintf(a->port, sizeof(a->port), "%lld", port);
	return NULL;
}

/* getaddrinfo(3) would take 5555 for 0.0.21.179. */
static const char *
parse_host(struct addr *a, const char *s, size_t len)
{
	if (len >= sizeof(a->host))
		return "host name is too long";
	if (strcspn(s, " \t\n") < len)
		return "a host name cannot contain spaces";
	if (len > 0 && strspn(s, "0123456789") >= len)
		return "not a host; a port alone needs a colon before it";
	if (len == 1 && s[0] == '*')
		len = 0;
	memcpy(a->host, s, len);
	a->host[len] = '\0';
	return NULL;
}

static const char *
parse_path(struct addr *a, const char *s)
{
	struct sockaddr_un sun;

	a->local = true;
	if (strlen(s) >= sizeof(sun.sun_path))
		return "path is too long for a socket";
	return NULL;
}

/* http://host:5555/ has a / in it, but nobody has meant a file. */
static bool
is_url(const char *s)
{
	size_t scheme = strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

	return scheme > 0 && s[0] != '.' &&
	    strncmp(s + scheme, "://", strlen("://")) == 0;
}

/* [v6] and [v6]:port: a zone as in fe80::1%eth0 may follow the address. */
static const char *
parse_brackets(struct addr *a, const char *s, bool listening)
{
	const char *end = strchr(s, ']'), *wrong;

	if (end == NULL)
		return "] is missing";
	if (end[1] != '\0' && end[1] != ':')
		return "only :port may follow ]";
	if (end == s + 1)
		return "address is missing in []";
	wrong = parse_host(a, s + 1, (size_t)(end - s) - 1);
	if (wrong != NULL || end[1] == '\0')
		return wrong;
	return parse_port(a, end + 2, listening);
}

const char *
addr_parse(struct addr *a, const char *s, bool listening)
{
	const char *colon, *wrong;

	memset(a, 0, sizeof(*a));
	a->name = s;
	(void)snprintf(a->port, sizeof(a->port), "%s", ADDR_PORT);
	if (s[0] == '\0')
		return "address is empty";
	if (strchr(s, ',') != NULL)
		return "an address cannot contain a comma";
	if (is_url(s))
		return "a URL is not an address; use host:port";
	if (strchr(s, '/') != NULL)
		return parse_path(a, s);
	if (s[0] == '[')
		return parse_brackets(a, s, listening);
	colon = strchr(s, ':');
	if (colon == NULL)
		return parse_host(a, s, strlen(s));
	if (strchr(colon + 1, ':') != NULL)
		return "an IPv6 address needs brackets, as in [::1]";
	wrong = parse_host(a, s, (size_t)(colon - s));
	if (wrong != NULL)
		return wrong;
	return parse_port(a, colon + 1, listening);
}

/* One part of several. Text that was meant as something else has spaces. */
static const char *
parse_part(struct addr *a, const char *s)
{
	size_t len = strlen(s);

	if (s[0] == '\0')
		return "an address is missing beside a comma";
	if (s[0] == ' ' || s[len - 1] == ' ')
		return "a space cannot stand beside a comma";
	return addr_parse(a, s, false);
}

const char *
addr_list_parse(struct addr_list *list, const char *s, const char **part)
{
	const char *wrong = NULL;
	char *rest, *one;

	memset(list, 0, sizeof(*list));
	*part = list->name = s;
	list->text = rest = strdup(s);
	if (rest == NULL)
		return "out of memory";
	if (strchr(s, ',') == NULL) {
		list->n = 1;
		return addr_parse(&list->at[0], s, false);
	}
	while (wrong == NULL && (one = strsep(&rest, ",")) != NULL) {
		if (list->n == ADDR_LIST_MAX)
			return "more than 16 addresses";
		wrong = parse_part(&list->at[list->n++], one);
		/* What has nothing to name is named by all that is around. */
		if (wrong != NULL && one[0] != '\0')
			*part = one;
	}
	return wrong;
}

void
addr_list_free(struct addr_list *list)
{
	free(list->text);
	list->text = NULL;
	list->n = 0;
}

bool
addr_list_is_local(const struct addr_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (!list->at[i].local)
			return false;
	}
	return true;
}

static void
format_ipv4(char *buf, const struct sockaddr_in *sin)
{
	char host[INET_ADDRSTRLEN];

	if (inet_ntop(AF_INET, &sin->sin_addr, host, sizeof(host)) == NULL)
		host[0] = '\0';
	(void)snprintf(buf, ADDR_TEXT_SIZE, "%s:%u", host,
	    ntohs(sin->sin_port));
}

static void
format_ipv6(char *buf, const struct sockaddr_in6 *sin6)
{
	char host[INET6_ADDRSTRLEN], name[IF_NAMESIZE], zone[IF_NAMESIZE + 1];
	uint32_t index = sin6->sin6_scope_id;

	zone[0] = '\0';
	if (index != 0 && if_indextoname(index, name) != NULL)
		(void)snprintf(zone, sizeof(zone), "%%%s", name);
	else if (index != 0)
		(void)snprintf(zone, sizeof(zone), "%%%" PRIu32, index);
	if (inet_ntop(AF_INET6, &sin6->sin6_addr, host, sizeof(host)) == NULL)
		host[0] = '\0';
	(void)snprintf(buf, ADDR_TEXT_SIZE, "[%s%s]:%u", host, zone,
	    ntohs(sin6->sin6_port));
}

/* A path may fill all of it, without a NUL; who has none has no bytes there. */
static void
format_path(char *buf, const struct sockaddr_un *sun, socklen_t len)
{
	size_t start = offsetof(struct sockaddr_un, sun_path);
	size_t size = (size_t)len > start ? (size_t)len - start : 0;

	if (size > sizeof(sun->sun_path))
		size = sizeof(sun->sun_path);
	(void)snprintf(buf, ADDR_TEXT_SIZE, "%.*s", (int)size, sun->sun_path);
}

bool
addr_is_loopback(const struct sockaddr *sa)
{
	const struct sockaddr_in *sin = (const struct sockaddr_in *)sa;
	const struct in6_addr *in6;

	if (sa->sa_family == AF_INET)
		return ntohl(sin->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	if (sa->sa_family != AF_INET6)
		return false;
	in6 = &((const struct sockaddr_in6 *)sa)->sin6_addr;
	return IN6_IS_ADDR_LOOPBACK(in6) || (IN6_IS_ADDR_V4MAPPED(in6) &&
	    in6->s6_addr[12] == IN_LOOPBACKNET);
}

char *
addr_format(char *buf, const struct sockaddr *sa, socklen_t len)
{
	/* Numbers only: nobody is asked for a peer's name. */
	if (sa->sa_family == AF_INET)
		format_ipv4(buf, (const struct sockaddr_in *)sa);
	else if (sa->sa_family == AF_INET6)
		format_ipv6(buf, (const struct sockaddr_in6 *)sa);
	else if (sa->sa_family == AF_UNIX)
		format_path(buf, (const struct sockaddr_un *)sa, len);
	else
		(void)snprintf(buf, ADDR_TEXT_SIZE, "unknown address");
	return buf;
}
