/*
 * Runs: good lines of a client that lie together, to be appended at once
 */
#include <string.h>

#include "client.h"
#include "line.h"
#include "log.h"
#include "run.h"
#include "server.h"

#define PREFIX_END	": "		/* between a name and the text */

size_t
run_prefix(const struct server *s, const struct client *c)
{
	if (!s->config.named || c->person == NULL)
		return 0;
	return strlen(c->person->name) + strlen(PREFIX_END);
}

/* Its bytes in the room. */
static size_t
size_in_room(const struct run *run)
{
	return run->len + run->lines * run->prefixlen;
}

bool
run_has_space(const struct server *s, const struct run *run)
{
	size_t size = size_in_room(run) + run->prefixlen + LINE_SIZE;

	return room_space(s->room) >= size && size <= ROOM_APPEND_MAX;
}

size_t
run_space(const struct server *s, const struct run *run)
{
	size_t space = room_space(s->room);

	if (space > ROOM_APPEND_MAX)
		space = ROOM_APPEND_MAX;
	space -= size_in_room(run);
	/* Empty lines grow most: a prefix for every LF. */
	return run->prefixlen == 0 ? space : space / (1 + run->prefixlen);
}

bool
run_count(struct server *s, const struct client *c, uint64_t lines)
{
	if (s->journal == NULL || c->session == NULL ||
	    c->session->stored == lines)
		return true;
	session_use(&s->sessions, c->session);
	return journal_refused(s->journal, s->room, c->session,
	    lines - c->session->stored) == 0;
}

/* The run as it is to be in the room, in a buffer of the server. */
static char *
with_prefixes(const struct server *s, const struct client *c,
    const struct run *run)
{
	const char *p = run->start, *end = p + run->len, *lf;
	char prefix[PERSON_MAX + sizeof(PREFIX_END)], *to = s->named;

	(void)strlcpy(prefix, c->person->name, sizeof(prefix));
	(void)strlcat(prefix, PREFIX_END, sizeof(prefix));
	for (; p < end; p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		memcpy(to, prefix, run->prefixlen);
		to += run->prefixlen;
		memcpy(to, p, (size_t)(lf + 1 - p));
		to += lf + 1 - p;
	}
	return s->named;
}

static void
log_lines(const struct server *s, const struct client *c, const char *lines,
    size_t len)
{
	char name[CLIENT_NAME_SIZE];
	const char *end = lines + len, *lf;

	if (!s->config.verbose)
		return;
	(void)client_name(c, name);
	for (; lines < end; lines = lf + 1) {
		lf = memchr(lines, '\n', (size_t)(end - lines));
		if (lf == NULL)
			break;
		log_event("%s: %.*s", name, (int)(lf - lines), lines);
	}
}

void
run_append(struct server *s, struct client *c, struct run *run)
{
	size_t len = size_in_room(run);
	const char *lines = run->start;

	if (len == 0)
		return;
	if (run->prefixlen > 0)
		lines = with_prefixes(s, c, run);
	if (!run_count(s, c, run->before) || !room_append(s->room, c->id,
	    s->date, lines, len, run->lines)) {
		c->state = CLIENT_GONE;		/* see run_has_space() */
		c->lines = run->before;
		return;
	}
	log_lines(s, c, lines, len);
	s->count.lines += run->lines;
	s->count.bytes += len;
	c->authored = s->room->head;
	if (c->session != NULL) {
		c->session->stored += run->lines;
		session_use(&s->sessions, c->session);
	}
	run->len = run->lines = 0;
}
