/*
 * Batches: good lines of a client that lie together, to be appended at once
 */
#include <string.h>

#include "batch.h"
#include "core/client.h"
#include "core/server.h"
#include "line.h"
#include "log.h"
#include "member/entry.h"
#include "member/voice.h"

#define PREFIX_END	": "		/* between a name and the text */

size_t
batch_prefix(const struct server *s, const struct client *c)
{
	if (!s->config.named || c->person == NULL)
		return 0;
	return strlen(c->person->name) + strlen(PREFIX_END);
}

size_t
batch_space_left(const struct server *s)
{
	return s->member != NULL ? voice_space(s) : ring_space(s->ring);
}

/* Most bytes of a batch, with all prefixes. */
static size_t
batch_max(const struct server *s)
{
	return s->member != NULL ? ENTRY_RUN : RING_APPEND_MAX;
}

/* Its size with all prefixes, in bytes. */
static size_t
size_in_ring(const struct batch *batch)
{
	return batch->len + batch->lines * batch->prefixlen;
}

bool
batch_has_space(const struct server *s, const struct batch *batch)
{
	size_t size = size_in_ring(batch) + batch->prefixlen + LINE_SIZE;

	return batch_space_left(s) >= size && size <= batch_max(s);
}

size_t
batch_space(const struct server *s, const struct batch *batch)
{
	size_t space = batch_space_left(s);

	if (space > batch_max(s))
		space = batch_max(s);
	space -= size_in_ring(batch);
	/* Empty lines grow most: a prefix for every LF. */
	return batch->prefixlen == 0 ? space : space / (1 + batch->prefixlen);
}

bool
batch_count(struct server *s, struct client *c, uint64_t lines)
{
	if (s->member != NULL)
		return voice_count(s, c, lines);
	if (s->journal == NULL || c->session == NULL ||
	    c->session->stored == lines)
		return true;
	session_use(&s->sessions, c->session);
	return journal_refused(s->journal, s->ring, c->session,
	    lines - c->session->stored) == 0;
}

/* The batch as the ring is to have it, in a buffer of the server. */
static char *
with_prefixes(const struct server *s, const struct client *c,
    const struct batch *batch)
{
	const char *p = batch->start, *end = p + batch->len, *lf;
	char prefix[PERSON_MAX + sizeof(PREFIX_END)], *to = s->named_lines;

	(void)strlcpy(prefix, c->person->name, sizeof(prefix));
	(void)strlcat(prefix, PREFIX_END, sizeof(prefix));
	for (; p < end; p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		memcpy(to, prefix, batch->prefixlen);
		to += batch->prefixlen;
		memcpy(to, p, (size_t)(lf + 1 - p));
		to += lf + 1 - p;
	}
	return s->named_lines;
}

static void
log_lines(const struct server *s, const struct client *c, const char *lines,
    size_t len)
{
	char name[CLIENT_ADDRESS_SIZE];
	const char *end = lines + len, *lf;

	if (!s->config.verbose)
		return;
	(void)client_address(c, name);
	for (; lines < end; lines = lf + 1) {
		lf = memchr(lines, '\n', (size_t)(end - lines));
		if (lf == NULL)
			break;
		log_event("%s: %.*s", name, (int)(lf - lines), lines);
	}
}

/* Append lines to the ring, as many as the client had before the batch. */
static bool
append_to_ring(struct server *s, struct client *c, const struct batch *batch,
    const char *lines, size_t len)
{
	if (!batch_count(s, c, batch->before) || !ring_append(s->ring, c->id,
	    s->date, lines, len, batch->lines))
		return false;
	s->count.lines += batch->lines;
	s->count.bytes += len;
	c->authored = s->ring->head;
	if (c->session != NULL) {
		c->session->stored += batch->lines;
		session_use(&s->sessions, c->session);
	}
	return true;
}

void
batch_append(struct server *s, struct client *c, struct batch *batch)
{
	size_t len = size_in_ring(batch);
	const char *lines = batch->start;

	if (len == 0)
		return;
	if (batch->prefixlen > 0)
		lines = with_prefixes(s, c, batch);
	if (s->member != NULL ? !voice_say(s, c, batch->before, lines, len,
	    batch->lines) : !append_to_ring(s, c, batch, lines, len)) {
		client_give_up(c);		/* see batch_has_space() */
		c->lines = batch->before;
		return;
	}
	log_lines(s, c, lines, len);
	batch->len = batch->lines = 0;
}
