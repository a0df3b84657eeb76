/*
 * Helper: all that chat-etcd knows
 */
#include <stdarg.h>
#include <stdio.h>

#include "clock.h"
#include "helper.h"

#define FAR		1000		/* entries that etcd sends at once */
#define FAR_MS		30000

void
helper_fail(struct helper *h, const char *fmt, ...)
{
	va_list ap;

	if (h->failure[0] != '\0')
		return;
	va_start(ap, fmt);
	(void)vsnprintf(h->failure, sizeof(h->failure), fmt, ap);
	va_end(ap);
}

void
helper_ask(struct helper *h, struct question *q, const char *path, struct pb *m,
    const struct grpc_reader *reader)
{
	/* Without a leader, a watch would wait in vain. */
	q->call = grpc_call(h->grpc, path, m, reader->piece != NULL, reader,
	    h);
	q->since = clock_now();
	if (q->call == NULL)
		helper_fail(h, "%s", grpc_why(h->grpc));
}

void
helper_drop(struct helper *h, struct question *q)
{
	if (q->call != NULL)
		grpc_drop(h->grpc, q->call);
	q->call = NULL;
}

bool
helper_answered(struct helper *h, struct question *q, const char *what,
    int status, const char *why, const uint8_t *answer, size_t len)
{
	q->call = NULL;
	if (status == GRPC_OK && kv_parse(&h->response, answer, len))
		return true;
	helper_fail(h, "%s: %s", what, status == GRPC_OK ?
	    "the answer makes no sense" : why);
	return false;
}

int64_t
helper_patience(const struct helper *h, int64_t ms)
{
	return h->open.newest > h->pos + FAR && ms < FAR_MS ? FAR_MS : ms;
}

void
helper_limit(struct helper *h, const struct question *q, const char *what,
    int64_t ms, int64_t now)
{
	if (q->call != NULL && now - q->since >= helper_patience(h, ms))
		helper_fail(h, "%s: no answer", what);
}

int64_t
helper_limit_at(const struct helper *h, const struct question *q, int64_t ms)
{
	return q->call == NULL ? CLOCK_NEVER :
	    q->since + helper_patience(h, ms);
}

void
helper_expect(struct helper *h, uint64_t revision)
{
	if (h->target <= h->token)
		h->moved = clock_now();
	if (revision > h->target)
		h->target = revision;
}

void
helper_progress(struct helper *h)
{
	h->progress.made = clock_now();
	h->progress.reason[0] = '\0';
}
