/*
 * chatd/etcd/: what etcd sends, in messages and in pieces, and counting back
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "etcd/call.h"
#include "etcd/events.h"
#include "etcd/kv.h"
#include "etcd/marks.h"
#include "unit.h"

static void
numbers(void)
{
	static const uint64_t values[] = { 1, 127, 128, 16383, 16384,
		UINT32_MAX, INT64_MAX, UINT64_MAX };
	struct pb m = { 0 };
	struct pb_field f;
	const uint8_t *p;
	size_t i, len;

	for (i = 0; i < sizeof(values) / sizeof(*values); i++)
		pb_number(&m, (unsigned)i + 1, values[i]);
	p = m.buf;
	len = m.len;
	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		CHECK(pb_next(&p, &len, &f) == 1 && !f.is_bytes);
		CHECK(f.number == i + 1 && f.value == values[i]);
	}
	CHECK(pb_next(&p, &len, &f) == 0);
	pb_free(&m);
}

/* Each beginning of a field is none. */
static void
cut_short(void)
{
	struct pb m = { 0 };
	struct pb_field f;
	const uint8_t *p;
	size_t n, len;

	pb_text(&m, 300, "hello");
	for (n = 1; n < m.len; n++) {
		p = m.buf;
		len = n;
		CHECK_IN(pb_next(&p, &len, &f) == -1, "%zu bytes", n);
	}
	p = (const uint8_t *)"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
	len = 11;
	CHECK(pb_next(&p, &len, &f) == -1);
	/* A field that is passed over: fixed32, and then a number. */
	p = (const uint8_t *)"\x0d" "abcd\x10\x07";
	len = 7;
	CHECK(pb_next(&p, &len, &f) == 1 && f.number == 2 && f.value == 7);
	pb_free(&m);
}

/* A key and its value, as etcd writes them. */
static void
add_kv(struct pb *m, unsigned field, uint64_t version, const char *value)
{
	struct pb kv = { 0 };

	pb_text(&kv, 1, "chat/x");
	pb_number(&kv, 2, 5);
	pb_number(&kv, 3, 100 + version);
	pb_number(&kv, 4, version);
	pb_text(&kv, 5, value);
	pb_message(m, field, &kv);
}

static void
responses(void)
{
	struct pb m = { 0 }, part = { 0 }, inner = { 0 };
	static struct kv_response r;

	pb_number(&part, 1, 77);
	pb_number(&part, 3, 88);
	pb_message(&m, 1, &part);
	add_kv(&m, 2, 3, "one");
	add_kv(&m, 2, 4, "two");
	CHECK(kv_parse(&r, m.buf, m.len));
	CHECK(r.cluster == 77 && r.revision == 88 && r.n == 2);
	CHECK(kv_is(&r.found[1], "chat/x") && r.found[1].version == 4);
	CHECK(r.found[1].created == 5 && r.found[1].modified == 104);
	CHECK(r.found[1].len == 3 && memcmp(r.found[1].value, "two", 3) == 0);
	pb_free(&m);

	/* Of a transaction. */
	pb_number(&m, 2, 1);
	add_kv(&inner, 2, 9, "nine");
	pb_message(&part, 1, &inner);
	pb_message(&m, 3, &part);
	CHECK(kv_parse(&r, m.buf, m.len));
	CHECK(r.succeeded && r.n == 1 && r.found[0].version == 9);
	pb_free(&m);

	/* Alarms: of space, and another one. */
	pb_number(&part, 1, UINT64_MAX);
	pb_number(&part, 2, 1);
	pb_message(&m, 2, &part);
	pb_number(&part, 1, 6);
	pb_number(&part, 2, 2);
	pb_message(&m, 2, &part);
	CHECK(kv_parse(&r, m.buf, m.len));
	CHECK(r.n == 0 && r.nalarms == 1 && r.alarms[0] == UINT64_MAX);
	pb_free(&m);
}

/* Of a member, whose version is in a field that others have for a key. */
static void
statuses(void)
{
	struct pb m = { 0 }, part = { 0 };
	static struct kv_response r;
	uint64_t leader;

	pb_number(&part, 2, UINT64_MAX);
	pb_number(&part, 4, 9);
	pb_message(&m, 1, &part);
	pb_text(&m, 2, "3.4.23");
	CHECK(kv_parse_status(&r, &leader, m.buf, m.len));
	CHECK(r.member == UINT64_MAX && r.term == 9 && leader == 0);
	pb_number(&m, 3, 20480);
	pb_number(&m, 4, 6);
	pb_number(&m, 6, 10);
	CHECK(kv_parse_status(&r, &leader, m.buf, m.len));
	CHECK(r.member == UINT64_MAX && r.term == 9 && leader == 6);
	CHECK(!kv_parse_status(&r, &leader, m.buf, m.len - 1));
	pb_free(&m);
	CHECK(kv_parse_status(&r, &leader, m.buf, m.len));
	CHECK(r.member == 0 && r.term == 0 && leader == 0);
	pb_bytes(&m, 1, "\377", 1);
	CHECK(!kv_parse_status(&r, &leader, m.buf, m.len));
	pb_free(&m);
}

/* What a watch has told, as text. */
struct told {
	char		 text[256];
	size_t		 len;
};

static const char *
told_put(void *arg, const struct kv *kv)
{
	struct told *t = arg;

	t->len += (size_t)snprintf(t->text + t->len, sizeof(t->text) - t->len,
	    "%" PRIu64 ":%zu ", kv->version, kv->len);
	return kv->version == 13 ? "unlucky" : NULL;
}

static const char *
told_deleted(void *arg)
{
	struct told *t = arg;

	t->len += (size_t)snprintf(t->text + t->len, sizeof(t->text) - t->len,
	    "deleted ");
	return NULL;
}

static const char *
told_cancelled(void *arg, uint64_t compacted, const char *why)
{
	struct told *t = arg;

	t->len += (size_t)snprintf(t->text + t->len, sizeof(t->text) - t->len,
	    "cancelled %" PRIu64 " %s ", compacted, why);
	return NULL;
}

static const struct events_reader reader = {
	told_put, told_deleted, told_cancelled
};

static void
add_event(struct pb *m, uint64_t version, size_t len, bool deletes)
{
	char *value = calloc(1, len + 1);
	struct pb event = { 0 };

	CHECK(value != NULL);
	memset(value, 'x', len);
	pb_number(&event, 1, deletes);
	add_kv(&event, 2, version, value);
	pb_message(m, 11, &event);
	free(value);
}

/* The same is told however the bytes are cut. */
static void
told_in_pieces(const struct pb *m, size_t size, const char *want)
{
	struct told t = { .len = 0 };
	const char *wrong = NULL;
	struct events e;
	size_t at, n;

	events_init(&e, &reader, &t);
	for (at = 0; at < m->len && wrong == NULL; at += n) {
		n = m->len - at < size ? m->len - at : size;
		wrong = events_take(&e, m->buf + at, n, m->len - at - n);
	}
	CHECK(wrong == NULL);
	CHECK_STR(t.text, want);
	events_free(&e);
}

static void
pieces(void)
{
	struct pb m = { 0 };
	size_t size;

	pb_text(&m, 1, "a header");
	pb_number(&m, 4, 1);
	pb_number(&m, 5, 1000);
	pb_text(&m, 6, "why");
	add_event(&m, 1, 3, false);
	add_event(&m, 2, 300, false);
	add_event(&m, 3, 70000, false);
	add_event(&m, 4, 0, true);
	for (size = 1; size < 400; size++)
		told_in_pieces(&m, size, "1:3 2:300 3:70000 deleted "
		    "cancelled 1000 why ");
	told_in_pieces(&m, m.len, "1:3 2:300 3:70000 deleted "
	    "cancelled 1000 why ");
	pb_free(&m);
}

static void
no_events(void)
{
	struct told t = { .len = 0 };
	struct pb m = { 0 };
	struct events e;

	/* Its reader says no. */
	add_event(&m, 13, 1, false);
	events_init(&e, &reader, &t);
	CHECK_STR(events_take(&e, m.buf, m.len, 0), "unlucky");
	events_free(&e);
	/* It ends within a field. */
	events_init(&e, &reader, &t);
	CHECK(events_take(&e, m.buf, m.len - 1, 0) != NULL);
	events_free(&e);
	/* A field is longer than any event may be. */
	events_init(&e, &reader, &t);
	CHECK(events_take(&e, (const uint8_t *)"\x5a\xff\xff\xff\x7f", 5,
	    1000) != NULL);
	events_free(&e);
	pb_free(&m);
}

static char answer[32];
static int status;

static void
take_answer(void *arg, int got, const char *why, const uint8_t *data,
    size_t len)
{
	(void)arg;
	status = got;
	(void)snprintf(answer, sizeof(answer), "%.*s", (int)len,
	    got == GRPC_OK ? (const char *)data : why);
	if (got != GRPC_OK)
		(void)snprintf(answer, sizeof(answer), "%s", why);
}

static void
framing(void)
{
	static const struct grpc_reader one = { NULL, take_answer };
	static const uint8_t frame[] = "\0\0\0\0\5hello";
	struct pb m = { 0 };
	struct grpc_call *c;
	uint8_t buf[64];
	size_t i;

	pb_text(&m, 1, "abc");
	c = call_new(&m, &one, NULL);
	CHECK(c != NULL && call_send(c, buf, 3) == 3 && !call_is_sent(c));
	CHECK(call_send(c, buf + 3, sizeof(buf) - 3) == 7 && call_is_sent(c));
	CHECK(memcmp(buf, "\0\0\0\0\5\012\003abc", 10) == 0);
	for (i = 0; i < sizeof(frame) - 1; i++)
		CHECK(call_take(c, frame + i, 1) == NULL);
	call_header(c, "grpc-status", (const uint8_t *)"0", 1);
	call_end(c, "");
	CHECK(status == GRPC_OK);
	CHECK_STR(answer, "hello");
	call_free(c);

	c = call_new(&m, &one, NULL);
	call_header(c, "grpc-status", (const uint8_t *)"8", 1);
	call_header(c, "grpc-message", (const uint8_t *)"no%20space%", 11);
	call_end(c, "");
	CHECK(status == GRPC_RESOURCE_EXHAUSTED);
	CHECK_STR(answer, "no space%");
	CHECK_STR(call_take(c, (const uint8_t *)"\1\0\0\0\0", 5),
	    "its answer is compressed");
	call_free(c);
	pb_free(&m);
}

static void
counting(void)
{
	static struct marks m;
	uint64_t i;

	marks_init(&m, 10, 1024 * 1000);
	CHECK(marks_before(&m, 1) == 0 && marks_before(&m, 0) == 10);
	for (i = 1; i <= 5000; i++)
		marks_count(&m, 10 + i, 500);
	/* As exact as 1000 bytes, and never too few. */
	CHECK(marks_before(&m, 0) == 5010);
	CHECK(marks_before(&m, 1) == 5008);
	CHECK(marks_before(&m, 2000) == 5006);
	CHECK(marks_before(&m, 2001) == 5004);
	CHECK(marks_before(&m, 1024 * 1000) == 5010 - 2048);
	/* So far back nobody remembers. */
	CHECK(marks_before(&m, 2000 * 1000) == 0);
}

const struct test etcd_tests[] = {
	{ "numbers of any size are read as they were written", numbers },
	{ "what is cut short is no field", cut_short },
	{ "responses of reads, transactions and alarms", responses },
	{ "a member tells who leads", statuses },
	{ "events come in pieces of any size", pieces },
	{ "what is no event ends the watch", no_events },
	{ "messages have a head, and answers a status", framing },
	{ "the revision that lies so many bytes back", counting },
	{ NULL, NULL }
};
