/*
 * Append: what the room puts, until it is seen in the log
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "append.h"
#include "clock.h"

#define NO_SPACE	"space exceeded"	/* in etcd's reason */

static void
over(struct helper *h)
{
	helper_drop(h, &h->put.q);
	free(h->put.data);
	h->put.data = NULL;
	h->put.state = PUT_NONE;
}

void
append_put(struct helper *h, const struct logline *l)
{
	over(h);
	h->put.data = malloc(l->len);
	if (h->put.data == NULL)
		err(1, "an entry");
	memcpy(h->put.data, l->data, l->len);
	h->put.len = l->len;
	h->put.state = PUT_WAITING;
	h->put.tried = false;
}

/* Those who put the same bytes twice can't tell the two apart either. */
void
append_seen(struct helper *h, const struct kv *kv)
{
	if (h->put.state != PUT_NONE && kv->len == h->put.len &&
	    memcmp(kv->value, h->put.data, kv->len) == 0)
		over(h);
}

static void
taken(void *arg, int status, const char *why, const uint8_t *answer, size_t len)
{
	struct helper *h = arg;

	if (status == GRPC_RESOURCE_EXHAUSTED &&
	    strstr(why, NO_SPACE) != NULL) {
		h->put.q.call = NULL;
		h->put.state = PUT_WAITING;
		h->space.wanted = true;
		(void)snprintf(h->progress.reason, sizeof(h->progress.reason),
		    "%s: etcd has no space left",
		    endpoints_current(&h->endpoints)->name);
		return;
	}
	if (!helper_answered(h, &h->put.q, "put", status, why, answer, len))
		return;
	h->put.state = PUT_TAKEN;
	helper_expect(h, h->response.revision);
	helper_progress(h);
}

static void
send_put(struct helper *h)
{
	static const struct grpc_reader reader = { NULL, taken };
	struct pb m = { 0 };

	kv_put(&m, h->log_key, h->put.data, h->put.len);
	h->put.state = PUT_SENT;
	h->put.tried = true;
	helper_ask(h, &h->put.q, KV_PUT, &m, &reader);
}

/* If another member may have taken it, what comes until now tells. */
static bool
may_send(const struct helper *h)
{
	return h->phase == PHASE_OPEN && h->put.state == PUT_WAITING &&
	    !h->space.wanted &&
	    (!h->put.tried || h->token >= h->newest);
}

void
append_step(struct helper *h, int64_t now)
{
	if (may_send(h))
		send_put(h);
	helper_limit(h, &h->put.q, "put", HELPER_WAIT_MS, now);
}

int64_t
append_deadline(const struct helper *h)
{
	return helper_limit_at(h, &h->put.q, HELPER_WAIT_MS);
}

void
append_reset(struct helper *h)
{
	h->put.q.call = NULL;
	if (h->put.state == PUT_SENT)
		h->put.state = PUT_WAITING;
}
