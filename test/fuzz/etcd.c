/*
 * etcd - what a member of etcd sends is read, or named as wrong, and the same
 * however it is cut
 */
#include <string.h>

#include "etcd/call.h"
#include "etcd/events.h"
#include "etcd/kv.h"
#include "fuzz.h"

/* What was told: a number that depends on all of it. */
struct told {
	uint64_t	 sum;
	size_t		 n;
};

static void
add(struct told *t, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i;

	t->n++;
	for (i = 0; i < len; i++)
		t->sum = (t->sum ^ p[i]) * 0x100000001b3;
}

static const char *
put(void *arg, const struct kv *kv)
{
	add(arg, &kv->version, sizeof(kv->version));
	add(arg, kv->value, kv->len);
	return NULL;
}

static const char *
deleted(void *arg)
{
	add(arg, "d", 1);
	return NULL;
}

static const char *
cancelled(void *arg, uint64_t compacted, const char *why)
{
	add(arg, &compacted, sizeof(compacted));
	add(arg, why, strlen(why));
	return NULL;
}

static const struct events_reader events_reader = { put, deleted, cancelled };

/* Returns whether it was a response. */
static bool
watch(struct told *t, const uint8_t *data, size_t len, size_t size)
{
	const char *wrong = NULL;
	struct events e;
	size_t at, n;

	memset(t, 0, sizeof(*t));
	events_init(&e, &events_reader, t);
	for (at = 0; at < len && wrong == NULL; at += n) {
		n = len - at < size ? len - at : size;
		wrong = events_take(&e, data + at, n, len - at - n);
	}
	events_free(&e);
	return wrong == NULL;
}

static void
done(void *arg, int status, const char *why, const uint8_t *answer, size_t len)
{
	static struct kv_response r;

	(void)arg;
	MUST(strlen(why) < GRPC_WHY_SIZE);
	if (status != GRPC_OK || !kv_parse(&r, answer, len))
		return;
	MUST(r.n <= KV_FOUND_MAX && r.nalarms <= KV_FOUND_MAX);
}

/* Its bytes as an answer, and as what a member says of it. */
static void
answer(const uint8_t *data, size_t len, size_t size)
{
	static const struct grpc_reader reader = { NULL, done };
	const char *wrong = NULL;
	struct pb m = { 0 };
	struct grpc_call *c = call_new(&m, &reader, NULL);
	size_t at, n;

	for (at = 0; at < len && wrong == NULL; at += n) {
		n = len - at < size ? len - at : size;
		wrong = call_take(c, data + at, n);
	}
	call_header(c, "grpc-message", data, len);
	call_header(c, "grpc-status", (const uint8_t *)"0", 1);
	call_end(c, "");
	call_free(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kv_response r;
	static char stream[STREAM_MAX];
	const uint8_t *p = (const uint8_t *)stream;
	struct told whole, parts;
	size_t len, piece;
	uint64_t leader;
	bool good;

	if (size == 0)
		return 0;
	piece = (size_t)data[0] + 1;
	len = fuzz_stream(stream, data + 1, size - 1);
	good = watch(&whole, p, len, len + 1);
	MUST(watch(&parts, p, len, piece) == good);
	MUST(!good || (whole.sum == parts.sum && whole.n == parts.n));
	(void)kv_parse(&r, p, len);
	(void)kv_parse_status(&r, &leader, p, len);
	answer(p, len, piece);
	return 0;
}
