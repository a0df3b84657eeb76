/*
 * Open: finding out about the log on a new connection, and making it if there
 * is none
 *
 * The steps are, from the bottom to the top: read both keys; make them, if they
 * aren't there, and read again; see whether the header is there still; if not,
 * ask by a watch up to where the log was removed, and see which entry that was;
 * compare the entry that was delivered last.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "open.h"
#include "watch.h"

#define HEADER		"chat-log 1"	/* the value of version 1 */
#define IDENT_SIZE	33		/* 16 random bytes, in hex */

static const char reading[] = "reading the log";

/* Revisions that are gone or not there yet have the same status. */
static bool
was_removed(int status, const char *why)
{
	return status == GRPC_OUT_OF_RANGE && strstr(why, "compacted") != NULL;
}

static void
say_log(struct helper *h, const char *ident)
{
	struct logline l = { .kind = LOGLINE_LOG, .oldest = h->open.oldest,
		.newest = h->open.newest };

	(void)strlcpy(l.token, ident, sizeof(l.token));
	room_say(&h->room, &l);
}

/* Everything is known. */
static void
finish(struct helper *h)
{
	struct logline l = { .kind = LOGLINE_GONE, .oldest = h->open.oldest };
	uint64_t next = h->pos == 0 ? h->created : h->token + 1;

	/* Nobody will deliver the header, if that is all. */
	if (h->pos == 0 && h->open.newest == 0)
		h->token = h->newest;
	say_log(h, h->ident);
	h->phase = PHASE_OPEN;
	if (h->pos + 1 < h->open.oldest) {
		room_say(&h->room, &l);
		h->phase = PHASE_OVER;
		return;
	}
	helper_expect(h, h->newest);
	watch_begin(h, next > h->open.compacted ? next : h->open.compacted);
}

/* The same log can have other entries if a copy of it was put back. */
static void
compared(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	struct helper *h = arg;
	const struct kv *kv = h->response.found;

	if (was_removed(status, why)) {
		h->open.q.call = NULL;
		finish(h);
		return;
	}
	if (!helper_answered(h, &h->open.q, reading, status, why, answer, len))
		return;
	if (h->response.n == 1 && kv->modified == h->token &&
	    kv->version == h->pos + 1)
		finish(h);
	else
		helper_fail(h, "position %" PRIu64 " has another entry than "
		    "this node has had from there", h->pos);
}

/* If the node is ahead of the log, it sees that itself. */
static void
compare(struct helper *h)
{
	static const struct grpc_reader reader = { NULL, compared };
	struct pb m = { 0 };

	if (h->pos == 0 || h->pos > h->open.newest) {
		finish(h);
		return;
	}
	kv_range(&m, h->log_key, h->token, true, false);
	helper_ask(h, &h->open.q, KV_RANGE, &m, &reader);
}

/* What was the newest at that revision is kept for reading. It is delivered
 * only if it was put by that revision. */
static void
found_oldest(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	struct helper *h = arg;
	const struct kv *kv = h->response.found;

	if (!helper_answered(h, &h->open.q, reading, status, why, answer, len))
		return;
	if (h->response.n != 1 || kv->version == 0) {
		helper_fail(h, "the log was deleted");
		return;
	}
	h->open.oldest = kv->modified == h->open.compacted ?
	    kv->version - 1 : kv->version;
	if (h->open.oldest == 0)
		h->open.oldest = 1;
	compare(h);
}

static void
find_oldest(struct helper *h)
{
	static const struct grpc_reader reader = { NULL, found_oldest };
	struct pb m = { 0 };

	kv_range(&m, h->log_key, h->open.compacted, true, false);
	helper_ask(h, &h->open.q, KV_RANGE, &m, &reader);
}

static const char *
probe_put(void *arg, const struct kv *kv)
{
	(void)arg;
	(void)kv;
	return "it has what it had removed";
}

static const char *
probe_deleted(void *arg)
{
	(void)arg;
	return "the log was deleted";
}

static const char *
probe_cancelled(void *arg, uint64_t compacted, const char *why)
{
	struct helper *h = arg;

	if (compacted == 0) {
		helper_fail(h, "it ends the watch: %s", why);
		return h->failure;
	}
	h->open.compacted = compacted;
	helper_drop(h, &h->open.q);
	find_oldest(h);
	return NULL;
}

static const char *
probe_piece(void *arg, const uint8_t *data, size_t len, size_t left)
{
	struct helper *h = arg;

	return events_take(&h->open.probe, data, len, left);
}

static void
probe_done(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	struct helper *h = arg;

	(void)status;
	(void)answer;
	(void)len;
	h->open.q.call = NULL;
	helper_fail(h, "it ends the watch: %s", why);
}

/* A watch of what was removed is the only one that is told up to where. */
static void
probe(struct helper *h)
{
	static const struct grpc_reader reader = { probe_piece, probe_done };
	static const struct events_reader events = { probe_put, probe_deleted,
		probe_cancelled };
	struct pb m = { 0 };

	events_free(&h->open.probe);
	events_init(&h->open.probe, &events, h);
	kv_watch(&m, h->log_key, h->created);
	helper_ask(h, &h->open.q, KV_WATCH, &m, &reader);
}

static void
tried_header(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	struct helper *h = arg;

	if (was_removed(status, why)) {
		h->open.q.call = NULL;
		probe(h);
		return;
	}
	if (!helper_answered(h, &h->open.q, reading, status, why, answer, len))
		return;
	h->open.oldest = 1;
	compare(h);
}

static void
try_header(struct helper *h)
{
	static const struct grpc_reader reader = { NULL, tried_header };
	struct pb m = { 0 };

	h->open.compacted = 0;
	kv_range(&m, h->log_key, h->created, true, false);
	helper_ask(h, &h->open.q, KV_RANGE, &m, &reader);
}

static void read_both(struct helper *h);

static void
made(void *arg, int status, const char *why, const uint8_t *answer, size_t len)
{
	struct helper *h = arg;

	if (helper_answered(h, &h->open.q, "making the log", status, why,
	    answer, len))
		read_both(h);
}

/* All nodes may try; etcd takes the first one's. The cluster's number isn't
 * enough for an ident: a cluster that begins anew with the same flags has the
 * same. */
static void
make(struct helper *h)
{
	static const struct grpc_reader reader = { NULL, made };
	char ident[IDENT_SIZE];
	struct pb m = { 0 };
	uint32_t part[4];

	arc4random_buf(part, sizeof(part));
	(void)snprintf(ident, sizeof(ident), "%08x%08x%08x%08x", part[0],
	    part[1], part[2], part[3]);
	kv_create_both(&m, h->log_key, HEADER, h->ident_key, ident);
	helper_ask(h, &h->open.q, KV_TXN, &m, &reader);
}

/* Write the ident that belongs to the two keys. Returns false if they don't
 * belong together. */
static bool
make_ident(struct helper *h, const struct kv *log, const struct kv *ident,
    char *buf, size_t size)
{
	char own[TOKEN_MAX + 1];
	struct word w = { (const char *)ident->value, ident->len };

	if (ident->modified != log->created || ident->len >= IDENT_SIZE ||
	    ident->len == 0 || !word_token(&w, own))
		return false;
	(void)snprintf(buf, size, "%.32s.%" PRIx64, own,
	    h->response.cluster);
	return true;
}

/* Both keys are there. Another log than before is for the room to refuse. */
static void
take_both(struct helper *h, const struct kv *log, const struct kv *ident)
{
	char now[TOKEN_MAX + 1];

	if (!make_ident(h, log, ident, now, sizeof(now))) {
		helper_fail(h, "%s is there, but not as a log", h->log_key);
		return;
	}
	h->open.newest = log->version - 1;
	h->newest = log->modified;
	h->created = log->created;
	if (h->ident[0] == '\0' || strcmp(h->ident, now) == 0) {
		(void)strlcpy(h->ident, now, sizeof(h->ident));
		try_header(h);
		return;
	}
	h->open.oldest = 1;
	say_log(h, now);
	h->phase = PHASE_OVER;
}

static void
have_read(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	const struct kv *log = NULL, *ident = NULL, *kv;
	struct helper *h = arg;
	size_t i;

	if (!helper_answered(h, &h->open.q, reading, status, why, answer, len))
		return;
	for (i = 0; i < h->response.n; i++) {
		kv = &h->response.found[i];
		if (kv_is(kv, h->log_key))
			log = kv;
		else if (kv_is(kv, h->ident_key))
			ident = kv;
	}
	if (log == NULL)
		make(h);
	else if (ident == NULL)
		helper_fail(h, "%s is there, but not as a log", h->log_key);
	else
		take_both(h, log, ident);
}

static void
read_both(struct helper *h)
{
	static const struct grpc_reader reader = { NULL, have_read };
	struct pb m = { 0 };

	kv_read_both(&m, h->log_key, h->ident_key);
	helper_ask(h, &h->open.q, KV_TXN, &m, &reader);
}

void
open_begin(struct helper *h)
{
	read_both(h);
}

void
open_step(struct helper *h, int64_t now)
{
	helper_limit(h, &h->open.q, reading, HELPER_WAIT_MS, now);
}

int64_t
open_deadline(const struct helper *h)
{
	return helper_limit_at(h, &h->open.q, HELPER_WAIT_MS);
}

void
open_reset(struct helper *h)
{
	events_free(&h->open.probe);
	h->open.q.call = NULL;
}
