/*
 * address - an address of any form is read, or named as what it is
 */
#include <sys/un.h>

#include <netdb.h>
#include <string.h>

#include "addr.h"
#include "fuzz.h"
#include "net.h"

/* A path that was taken is a socket's address, whole. */
static void
try_path(const struct addr *a)
{
	struct sockaddr_storage ss;
	char text[ADDR_TEXT_SIZE];
	socklen_t len = net_unix_address(&ss, a->name);

	MUST(len <= sizeof(struct sockaddr_un));
	MUST(addr_format(text, (struct sockaddr *)&ss, len) == text);
	MUST(strcmp(text, a->name) == 0);
}

/* What is written of an address is read as the same one. */
static void
try_number(const struct addr *a, bool listening)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV }, *list, *other;
	char text[ADDR_TEXT_SIZE];
	struct addr again;

	if (strchr(a->host, '%') != NULL ||
	    getaddrinfo(a->host, a->port, &hints, &list) != 0)
		return;
	addr_format(text, list->ai_addr, list->ai_addrlen);
	MUST(strlen(text) < ADDR_TEXT_SIZE - 1);
	MUST(addr_parse(&again, text, listening) == NULL && !again.local);
	MUST(strcmp(again.port, a->port) == 0);
	MUST(getaddrinfo(again.host, again.port, &hints, &other) == 0);
	MUST(list->ai_addrlen == other->ai_addrlen);
	MUST(memcmp(list->ai_addr, other->ai_addr, list->ai_addrlen) == 0);
	freeaddrinfo(list);
	freeaddrinfo(other);
}

static void
try_address(const char *s, bool listening)
{
	struct addr a;
	const char *wrong = addr_parse(&a, s, listening);
	unsigned long port;

	if (wrong != NULL) {
		MUST(wrong[0] != '\0');
		return;
	}
	MUST(a.name == s);
	MUST(a.local == (strchr(s, '/') != NULL));
	MUST(strchr(s, ',') == NULL);
	if (a.local) {
		try_path(&a);
		return;
	}
	MUST(memchr(a.host, '\0', sizeof(a.host)) != NULL);
	MUST(strlen(a.host) <= strlen(s) && strcmp(a.host, "*") != 0);
	MUST(memchr(a.port, '\0', sizeof(a.port)) != NULL);
	port = strtoul(a.port, NULL, 10);
	MUST(strspn(a.port, "0123456789") == strlen(a.port));
	MUST(port <= 65535 && (listening || port > 0));
	try_number(&a, listening);
}

/* One address is read as it is alone; the parts of several are all there. */
static void
try_list(const char *s)
{
	struct addr_list list;
	const char *part, *at = s, *wrong = addr_list_parse(&list, s, &part);
	struct addr a;
	size_t i;

	MUST(list.n <= ADDR_LIST_MAX && list.name == s);
	if (strchr(s, ',') == NULL)
		MUST((wrong == NULL) == (addr_parse(&a, s, false) == NULL));
	if (wrong != NULL) {
		MUST(wrong[0] != '\0' && strstr(s, part) != NULL);
		list.n = 0;
	}
	for (i = 0; i < list.n; i++) {
		MUST(addr_parse(&a, list.at[i].name, false) == NULL);
		MUST(strncmp(at, a.name, strlen(a.name)) == 0);
		at += strlen(a.name);
		MUST(*at++ == (i + 1 < list.n ? ',' : '\0'));
	}
	addr_list_free(&list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1);

	if (size > 0)
		memcpy(s, data, size);
	s[size] = '\0';
	/* Memory of just the string's size. */
	s = realloc(s, strlen(s) + 1);
	try_address(s, false);
	try_address(s, true);
	try_list(s);
	free(s);
	return 0;
}
