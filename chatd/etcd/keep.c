/*
 * Keep: what the nodes have, and removing what all of them have
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "keep.h"

#define KEEP_MS		1000		/* from one write to the next */
#define NEVER		UINT64_MAX	/* no position */
#define ENOUGH		2		/* nodes, once they have it, the others
					   are left behind if need be */

void
keep_take(struct helper *h, uint64_t pos, uint64_t revision)
{
	h->keep.pos = pos;
	h->keep.token = revision;
}

void
keep_begin(struct helper *h)
{
	h->keep.written = NEVER;
	/* A new node has nothing. What another one has on disk for good may be
	 * less than it has read: it will say. */
	keep_take(h, h->pos == 0 ? 0 : NEVER, 0);
}

/* The revision in a node's key, which has "POS TOKEN", or 0. What this node has
 * kept may not be written yet. */
static uint64_t
kept_revision(const struct helper *h, const struct kv *kv)
{
	struct word rest = { (const char *)kv->value, kv->len }, w;
	uint64_t pos, revision;

	if (kv_is(kv, h->keep_key) && h->keep.pos != NEVER)
		return h->keep.token;
	if (kv->len == 0 || !word_next(&w, &rest) || !word_number(&w, &pos) ||
	    !word_next(&w, &rest) || !word_number(&w, &revision))
		return 0;
	return revision;
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* If more nodes have told what they keep than fit, nobody knows the least. */
uint64_t
keep_limit(const struct helper *h, bool urgent)
{
	const struct marks *m = &h->keep.marks;
	uint64_t kept[KV_FOUND_MAX], limit, enough = 0, mark;
	size_t i, n = h->response.n;

	if (n == 0 || n == KV_FOUND_MAX)
		return 0;
	for (i = 0; i < n; i++)
		kept[i] = kept_revision(h, &h->response.found[i]);
	qsort(kept, n, sizeof(kept[0]), compare);
	limit = kept[0];
	if (n > ENOUGH)
		enough = kept[n - ENOUGH];
	if (urgent)
		return enough > limit ? enough : limit;
	mark = marks_before(m, h->most);
	if (mark < enough)
		enough = mark;
	if (enough > limit)
		limit = enough;
	mark = marks_before(m, h->least);
	return mark < limit ? mark : limit;
}

/* Another node may have removed more; whatever comes of it is fine. */
static void
compacted(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	struct helper *h = arg;

	(void)status;
	(void)why;
	(void)answer;
	(void)len;
	h->keep.q.call = NULL;
}

static void
compact(struct helper *h, uint64_t revision)
{
	static const struct grpc_reader reader = { NULL, compacted };
	struct pb m = { 0 };

	h->keep.compacted = revision;
	kv_compact(&m, revision);
	helper_ask(h, &h->keep.q, KV_COMPACT, &m, &reader);
}

static void
considered(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	struct helper *h = arg;
	uint64_t limit;

	if (!helper_answered(h, &h->keep.q, "reading what is kept", status, why,
	    answer, len))
		return;
	h->keep.considered = h->keep.marks.bytes;
	limit = keep_limit(h, false);
	if (limit > h->keep.compacted)
		compact(h, limit);
}

static void
consider(struct helper *h)
{
	static const struct grpc_reader reader = { NULL, considered };
	struct pb m = { 0 };

	kv_range_prefix(&m, h->keeps_key);
	helper_ask(h, &h->keep.q, KV_RANGE, &m, &reader);
}

/* Without space it is told later. */
static void
written(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	struct helper *h = arg;

	if (status == GRPC_RESOURCE_EXHAUSTED) {
		h->keep.q.call = NULL;
		return;
	}
	if (!helper_answered(h, &h->keep.q, "keep", status, why, answer, len))
		return;
	h->keep.written = h->keep.writing;
	if (h->keep.marks.bytes - h->keep.considered >= h->least / 4)
		consider(h);
}

static void
write_keep(struct helper *h)
{
	static const struct grpc_reader reader = { NULL, written };
	struct pb m = { 0 };
	char text[64];
	int n;

	n = snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu64, h->keep.pos,
	    h->keep.token);
	kv_put(&m, h->keep_key, text, (size_t)n);
	h->keep.writing = h->keep.pos;
	helper_ask(h, &h->keep.q, KV_PUT, &m, &reader);
}

static bool
is_due(const struct helper *h)
{
	return h->phase == PHASE_OPEN && h->keep.pos != NEVER &&
	    h->keep.pos != h->keep.written && h->keep.q.call == NULL;
}

void
keep_step(struct helper *h, int64_t now)
{
	if (!is_due(h) || now < h->keep.next)
		return;
	h->keep.next = now + KEEP_MS;
	write_keep(h);
}

int64_t
keep_deadline(const struct helper *h)
{
	return is_due(h) ? h->keep.next : CLOCK_NEVER;
}

void
keep_reset(struct helper *h)
{
	h->keep.q.call = NULL;
}
