/*
 * Space: what to do when etcd has no space left
 */
#include <string.h>

#include "clock.h"
#include "keep.h"
#include "log.h"
#include "space.h"

#define WAIT_MS		60000		/* for an answer: it can take a while */
#define AGAIN_MS	1000		/* between two times with a member */

/* Whether another member has waited longer for it. */
static bool
is_turn_of_another(const struct helper *h, const struct endpoint *p)
{
	size_t i;

	for (i = 0; i < h->endpoints.n; i++) {
		if (h->endpoints.all[i].cleaned < p->cleaned)
			return true;
	}
	return false;
}

void
space_missed(struct helper *h)
{
	if (h->space.wanted && h->phase != PHASE_OPEN)
		endpoints_current(&h->endpoints)->cleaned = clock_now();
}

/* All is done here: whether it was enough, the put tells. */
static void
finish(struct helper *h)
{
	h->space.wanted = false;
}

static void disarm_next(struct helper *h);

static void
disarmed(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	struct helper *h = arg;

	if (helper_answered(h, &h->space.q, "ending the alarm", status, why,
	    answer, len))
		disarm_next(h);
}

static void
disarm_next(struct helper *h)
{
	static const struct grpc_reader reader = { NULL, disarmed };
	struct pb m = { 0 };

	if (h->space.disarmed == h->space.nalarms) {
		finish(h);
		return;
	}
	kv_disarm(&m, h->space.alarms[h->space.disarmed++]);
	helper_ask(h, &h->space.q, KV_ALARM, &m, &reader);
}

static void
listed(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	struct helper *h = arg;

	if (!helper_answered(h, &h->space.q, "reading the alarms", status, why,
	    answer, len))
		return;
	h->space.nalarms = h->response.nalarms;
	h->space.disarmed = 0;
	memcpy(h->space.alarms, h->response.alarms, sizeof(h->space.alarms));
	disarm_next(h);
}

static void
list_alarms(struct helper *h)
{
	static const struct grpc_reader reader = { NULL, listed };
	struct pb m = { 0 };

	kv_alarms(&m);
	helper_ask(h, &h->space.q, KV_ALARM, &m, &reader);
}

static void
defragmented(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	struct helper *h = arg;

	if (!helper_answered(h, &h->space.q, "defragmenting", status, why,
	    answer, len))
		return;
	/* Whatever fails before this is to be done again. */
	endpoints_current(&h->endpoints)->removed = h->space.limit;
	list_alarms(h);
}

static void
defragment(struct helper *h)
{
	static const struct grpc_reader reader = { NULL, defragmented };
	struct pb m = { 0 };

	helper_ask(h, &h->space.q, KV_DEFRAGMENT, &m, &reader);
}

/* Another node may have removed it before. */
static void
compacted(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	struct helper *h = arg;

	if (status == GRPC_OUT_OF_RANGE)
		h->space.q.call = NULL;
	else if (!helper_answered(h, &h->space.q, "removing entries", status,
	    why, answer, len))
		return;
	defragment(h);
}

static void
considered(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	static const struct grpc_reader reader = { NULL, compacted };
	struct helper *h = arg;
	struct endpoint *p = endpoints_current(&h->endpoints);
	struct pb m = { 0 };
	uint64_t limit;

	if (!helper_answered(h, &h->space.q, "reading what is kept", status,
	    why, answer, len))
		return;
	limit = keep_limit(h, true);
	if (limit == 0 || limit <= p->removed) {
		list_alarms(h);
		return;
	}
	log_event("%s: etcd has no space left; removing what the nodes have",
	    p->name);
	h->space.limit = limit;
	kv_compact(&m, limit);
	helper_ask(h, &h->space.q, KV_COMPACT, &m, &reader);
}

static void
begin(struct helper *h, struct endpoint *p, int64_t now)
{
	static const struct grpc_reader reader = { NULL, considered };
	struct pb m = { 0 };

	p->cleaned = now;
	kv_range_prefix(&m, h->keeps_key);
	helper_ask(h, &h->space.q, KV_RANGE, &m, &reader);
}

static bool
is_due(const struct helper *h)
{
	return h->space.wanted && h->phase == PHASE_OPEN &&
	    h->space.q.call == NULL;
}

/* Each member has its own file, and one that is full is enough for an alarm. */
void
space_step(struct helper *h, int64_t now)
{
	struct endpoint *p = endpoints_current(&h->endpoints);

	helper_limit(h, &h->space.q, "making space", WAIT_MS, now);
	if (!is_due(h))
		return;
	if (is_turn_of_another(h, p))
		helper_fail(h, "etcd has no space left");
	else if (now - p->cleaned >= AGAIN_MS)
		begin(h, p, now);
}

int64_t
space_deadline(const struct helper *h)
{
	if (is_due(h))
		return h->endpoints.all[h->endpoints.at].cleaned + AGAIN_MS;
	return helper_limit_at(h, &h->space.q, WAIT_MS);
}

void
space_reset(struct helper *h)
{
	h->space.q.call = NULL;
}
