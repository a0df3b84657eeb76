/*
 * Endpoints: the members of etcd that can be asked, and connecting to them
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "endpoints.h"
#include "pollfd.h"

/* Whether a port was given: addr_parse() has put that of a room there. */
static bool
has_port(const char *s)
{
	const char *colon = strrchr(s, ':'), *bracket = strrchr(s, ']');

	return colon != NULL && (bracket == NULL || bracket < colon);
}

static const char *
parse_one(struct endpoint *p, const char *s, size_t len)
{
	const char *wrong;

	p->name = strndup(s, len);
	if (p->name == NULL)
		return "there is no memory";
	p->dial.fd = -1;
	p->tried = -ENDPOINT_AGAIN_MS;
	p->cleaned = INT64_MIN / 2;
	if (len == 0)
		return "a host is missing beside a comma";
	wrong = addr_parse(&p->addr, p->name, false);
	if (wrong != NULL)
		return wrong;
	if (p->addr.local)
		return "not a host; the name of the log has no /";
	if (p->addr.host[0] == '\0')
		(void)strlcpy(p->addr.host, "localhost", sizeof(p->addr.host));
	if (!has_port(p->name))
		(void)strlcpy(p->addr.port, ENDPOINTS_PORT,
		    sizeof(p->addr.port));
	return NULL;
}

const char *
endpoints_parse(struct endpoints *e, const char *s, size_t len,
    const char **which)
{
	const char *all = s, *end = s + len, *comma, *wrong;

	memset(e, 0, sizeof(*e));
	do {
		comma = memchr(s, ',', (size_t)(end - s));
		if (comma == NULL)
			comma = end;
		*which = all;
		if (e->n == ENDPOINTS_MAX)
			return "too many endpoints, at most 9";
		wrong = parse_one(&e->all[e->n], s, (size_t)(comma - s));
		if (e->all[e->n].name != NULL && comma > s)
			*which = e->all[e->n].name;
		if (wrong != NULL)
			return wrong;
		e->n++;
		s = comma + 1;
	} while (comma < end);
	return NULL;
}

int
endpoints_open(struct endpoints *e)
{
	struct addr_list one = { .n = 1 };
	size_t i;

	for (i = 0; i < e->n; i++) {
		one.at[0] = e->all[i].addr;
		if (dial_open(&e->all[i].dial, &one) == -1)
			return -1;
	}
	return 0;
}

void
endpoints_close(struct endpoints *e)
{
	size_t i;

	for (i = 0; i < e->n; i++) {
		if (e->all[i].dial.fd != -1)
			(void)close(e->all[i].dial.fd);
		free(e->all[i].name);
	}
	memset(e, 0, sizeof(*e));
}

struct endpoint *
endpoints_current(struct endpoints *e)
{
	return &e->all[e->at];
}

void
endpoints_next(struct endpoints *e)
{
	e->at = (e->at + 1) % e->n;
	e->wanted = false;
}

int64_t
endpoints_when(const struct endpoints *e)
{
	return e->all[e->at].tried + ENDPOINT_AGAIN_MS;
}

void
endpoints_dial(struct endpoints *e)
{
	struct endpoint *p = &e->all[e->at];

	e->wanted = true;
	p->tried = clock_now();
	if (!p->dialling && dial_start(&p->dial, 0) == -1)
		err(1, "the process that dials");
	p->dialling = true;
}

void
endpoints_forget(struct endpoints *e)
{
	e->wanted = false;
}

void
endpoints_poll(const struct endpoints *e, struct pollfd *pfd)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		pollfd_set(&pfd[i], e->all[i].dialling ? e->all[i].dial.fd : -1,
		    POLLIN);
}

/* Take the result of one. A socket that has come too late is closed. */
static int
take(struct endpoints *e, struct endpoint *p, char *why, size_t size)
{
	char reason[128];
	int fd = dial_finish(&p->dial, reason, sizeof(reason));

	p->dialling = false;
	if (e->wanted && p == endpoints_current(e)) {
		if (fd == -1)
			(void)snprintf(why, size, "%s", reason);
		return fd;
	}
	if (fd != -1)
		(void)close(fd);
	return -1;
}

int
endpoints_ready(struct endpoints *e, const struct pollfd *pfd, char *why,
    size_t size)
{
	int fd = -1, got;
	size_t i;

	why[0] = '\0';
	for (i = 0; i < e->n; i++) {
		if (!e->all[i].dialling || pfd[i].revents == 0)
			continue;
		got = take(e, &e->all[i], why, size);
		if (got != -1)
			fd = got;
	}
	if (fd != -1)
		e->wanted = false;
	return fd;
}
