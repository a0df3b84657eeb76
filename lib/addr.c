/*
 * Addresses of rooms
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <netdb.h>
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

static const char *
parse_host(struct addr *a, const char *s, size_t len)
{
	if (len >= sizeof(a->host))
		return "host name is too long";
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
	if (strchr(s, '/') != NULL)
		return parse_path(a, s);
	if (s[0] == '[')
		return parse_brackets(a, s, listening);
	colon = strchr(s, ':');
	if (colon == NULL)
		return parse_host(a, s, strlen(s));
	if (strchr(colon + 1, ':') != NULL)
		return "an IPv6 address needs brackets, as in [::1]:5555";
	wrong = parse_host(a, s, (size_t)(colon - s));
	if (wrong != NULL)
		return wrong;
	return parse_port(a, colon + 1, listening);
}

char *
addr_format(char *buf, const struct sockaddr *sa, socklen_t len)
{
	const struct sockaddr_un *sun = (const struct sockaddr_un *)sa;
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (sa->sa_family == AF_UNIX) {
		(void)snprintf(buf, ADDR_TEXT_SIZE, "%.*s",
		    (int)sizeof(sun->sun_path), sun->sun_path);
		return buf;
	}
	/* Numbers only: nobody is asked for a peer's name. */
	if (getnameinfo(sa, len, host, sizeof(host), port, sizeof(port),
	    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		(void)snprintf(buf, ADDR_TEXT_SIZE, "unknown address");
	else if (strchr(host, ':') != NULL)
		(void)snprintf(buf, ADDR_TEXT_SIZE, "[%.64s]:%.5s", host, port);
	else
		(void)snprintf(buf, ADDR_TEXT_SIZE, "%.64s:%.5s", host, port);
	return buf;
}
