/*
 * End: the room's question where the log ends
 */
#include "clock.h"
#include "end.h"

bool
end_ask(struct helper *h)
{
	if (h->end.asked)
		return false;
	h->end.asked = true;
	return true;
}

static void
answered(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	struct logline l = { .kind = LOGLINE_END };
	struct helper *h = arg;
	const struct kv *kv = h->response.found;

	if (!helper_answered(h, &h->end.q, "end", status, why, answer, len))
		return;
	if (h->response.n != 1 || kv->created != h->created) {
		helper_fail(h, "the log was deleted");
		return;
	}
	h->end.asked = false;
	l.pos = kv->version - 1;
	room_say(&h->room, &l);
	helper_expect(h, kv->modified);
	helper_progress(h);
}

void
end_step(struct helper *h, int64_t now)
{
	static const struct grpc_reader reader = { NULL, answered };
	struct pb m = { 0 };

	if (h->phase == PHASE_OPEN && h->end.asked && h->end.q.call == NULL) {
		kv_range(&m, h->log_key, 0, true, false);
		helper_ask(h, &h->end.q, KV_RANGE, &m, &reader);
	}
	helper_limit(h, &h->end.q, "end", HELPER_WAIT_MS, now);
}

int64_t
end_deadline(const struct helper *h)
{
	return helper_limit_at(h, &h->end.q, HELPER_WAIT_MS);
}

void
end_reset(struct helper *h)
{
	h->end.q.call = NULL;
}
