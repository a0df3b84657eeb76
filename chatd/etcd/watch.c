/*
 * Watch: the entries of the log, as they come
 */
#include <inttypes.h>
#include <stdio.h>

#include "append.h"
#include "clock.h"
#include "watch.h"

#define SILENCE_MS	250		/* after which we ask something */
#define PROBE_MS	500		/* for that to be answered */

static void
deliver(struct helper *h, const struct kv *kv)
{
	struct logline l = { .kind = LOGLINE_GOT, .pos = kv->version - 1,
		.data = (const char *)kv->value, .len = kv->len };

	(void)snprintf(l.token, sizeof(l.token), "%" PRIu64, kv->modified);
	room_say(&h->room, &l);
	h->pos = l.pos;
	h->token = kv->modified;
	h->moved = clock_now();
	marks_count(&h->keep.marks, kv->modified, kv->len);
	append_seen(h, kv);
	helper_progress(h);
}

static const char *
put(void *arg, const struct kv *kv)
{
	struct helper *h = arg;

	if (kv->created != h->created)
		return "the log was deleted";
	if (kv->version == 1 && h->pos == 0) {
		/* The header. */
		h->token = kv->modified;
		return NULL;
	}
	if (kv->version != h->pos + 2)
		return "it has skipped an entry, or repeated one";
	if (kv->len == 0 || kv->len > LOGLINE_ENTRY)
		return "an entry has no valid length";
	deliver(h, kv);
	return NULL;
}

static const char *
deleted(void *arg)
{
	(void)arg;
	return "the log was deleted";
}

/* Opening finds out what is there still. */
static const char *
cancelled(void *arg, uint64_t compacted, const char *why)
{
	struct helper *h = arg;

	if (compacted > 0)
		return "entries were removed before they were read";
	helper_fail(h, "it ends the watch: %s", why);
	return h->failure;
}

static const char *
piece(void *arg, const uint8_t *data, size_t len, size_t left)
{
	struct helper *h = arg;

	return events_take(&h->watch.events, data, len, left);
}

static void
done(void *arg, int status, const char *why, const uint8_t *answer, size_t len)
{
	struct helper *h = arg;

	(void)status;
	(void)answer;
	(void)len;
	h->watch.q.call = NULL;
	helper_fail(h, "it ends the watch: %s", why);
}

void
watch_begin(struct helper *h, uint64_t revision)
{
	static const struct grpc_reader reader = { piece, done };
	static const struct events_reader events = { put, deleted, cancelled };
	struct pb m = { 0 };

	events_init(&h->watch.events, &events, h);
	kv_watch(&m, h->log_key, revision);
	helper_ask(h, &h->watch.q, KV_WATCH, &m, &reader);
	h->moved = clock_now();
}

static void
probed(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	struct helper *h = arg;

	(void)helper_answered(h, &h->probe, "a probe", status, why, answer,
	    len);
}

/* An HTTP/2 PING would do, but etcd ends connections that have more than one in
 * five seconds. */
static void
probe(struct helper *h)
{
	static const struct grpc_reader reader = { NULL, probed };
	struct pb m = { 0 };

	kv_range(&m, h->ident_key, 0, true, true);
	helper_ask(h, &h->probe, KV_RANGE, &m, &reader);
}

/* Whether a member that is silent is looked into: not while we have given it
 * long work. */
static bool
is_probed(const struct helper *h)
{
	return h->phase == PHASE_OPEN && h->space.q.call == NULL;
}

/* Whether entries are missing that are known to be there. */
static bool
is_behind(const struct helper *h)
{
	return is_probed(h) && h->target > h->token &&
	    !room_is_full(&h->room);
}

static int64_t
late_at(const struct helper *h)
{
	return h->moved + helper_patience(h, HELPER_WAIT_MS);
}

void
watch_step(struct helper *h, int64_t now)
{
	if (h->phase != PHASE_OPEN)
		return;
	if (room_is_full(&h->room))
		h->moved = now;
	else if (h->watch.q.call != NULL)
		grpc_release(h->grpc, h->watch.q.call);
	if (!is_probed(h))
		return;
	if (h->probe.call == NULL && now - grpc_heard(h->grpc) >= SILENCE_MS)
		probe(h);
	helper_limit(h, &h->probe, "a probe", PROBE_MS, now);
	if (is_behind(h) && now >= late_at(h))
		helper_fail(h, "it does not deliver what is in the log");
}

int64_t
watch_deadline(const struct helper *h)
{
	int64_t when;

	if (!is_probed(h))
		return CLOCK_NEVER;
	when = h->probe.call != NULL ? helper_limit_at(h, &h->probe, PROBE_MS) :
	    grpc_heard(h->grpc) + SILENCE_MS;
	return is_behind(h) && late_at(h) < when ? late_at(h) : when;
}

void
watch_reset(struct helper *h)
{
	events_free(&h->watch.events);
	h->watch.q.call = NULL;
	h->probe.call = NULL;
}
