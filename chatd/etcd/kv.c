/*
 * Kv: etcd's requests and responses, as far as a log needs them
 */
#include <stdlib.h>
#include <string.h>

#include "kv.h"

#define ALARM_DEACTIVATE	2
#define ALARM_NOSPACE		1

void
kv_range(struct pb *m, const char *key, uint64_t revision, bool keys_only,
    bool stale)
{
	pb_text(m, 1, key);
	pb_number(m, 4, revision);
	pb_number(m, 7, stale);
	pb_number(m, 8, keys_only);
}

/* The end of the range is the prefix with its last byte one higher. */
void
kv_range_prefix(struct pb *m, const char *prefix)
{
	size_t len = strlen(prefix);
	char end[256];

	memcpy(end, prefix, len);
	end[len - 1]++;
	pb_bytes(m, 1, prefix, len);
	pb_bytes(m, 2, end, len);
	pb_number(m, 3, KV_FOUND_MAX);
}

void
kv_put(struct pb *m, const char *key, const void *value, size_t len)
{
	pb_text(m, 1, key);
	pb_bytes(m, 2, value, len);
}

/* Operations of a transaction if its conditions hold, of which there may be
 * none. */
static void
add_read(struct pb *m, const char *key, bool keys_only)
{
	struct pb op = { 0 }, range = { 0 };

	kv_range(&range, key, 0, keys_only, false);
	pb_message(&op, 1, &range);
	pb_message(m, 2, &op);
}

static void
add_put(struct pb *m, const char *key, const char *value)
{
	struct pb op = { 0 }, put = { 0 };

	kv_put(&put, key, value, strlen(value));
	pb_message(&op, 2, &put);
	pb_message(m, 2, &op);
}

void
kv_read_both(struct pb *m, const char *first, const char *other)
{
	add_read(m, first, true);
	add_read(m, other, false);
}

/* The condition is that the key's version equals 0, and all of these are 0: the
 * comparison, what is compared, and the number. */
void
kv_create_both(struct pb *m, const char *key, const char *value,
    const char *other, const char *other_value)
{
	struct pb compare = { 0 };

	pb_text(&compare, 3, key);
	pb_message(m, 1, &compare);
	add_put(m, key, value);
	add_put(m, other, other_value);
}

void
kv_compact(struct pb *m, uint64_t revision)
{
	pb_number(m, 1, revision);
	pb_number(m, 2, true);
}

void
kv_watch(struct pb *m, const char *key, uint64_t revision)
{
	struct pb create = { 0 };

	pb_text(&create, 1, key);
	pb_number(&create, 3, revision);
	pb_message(m, 1, &create);
}

void
kv_alarms(struct pb *m)
{
	pb_number(m, 3, ALARM_NOSPACE);
}

void
kv_disarm(struct pb *m, uint64_t member)
{
	pb_number(m, 1, ALARM_DEACTIVATE);
	pb_number(m, 2, member);
	pb_number(m, 3, ALARM_NOSPACE);
}

bool
kv_parse_kv(struct kv *kv, const uint8_t *p, size_t len)
{
	struct pb_field f;
	int n;

	memset(kv, 0, sizeof(*kv));
	while ((n = pb_next(&p, &len, &f)) == 1) {
		switch (f.number) {
		case 1:
			kv->key = f.data;
			kv->keylen = f.len;
			break;
		case 2:
			kv->created = f.value;
			break;
		case 3:
			kv->modified = f.value;
			break;
		case 4:
			kv->version = f.value;
			break;
		case 5:
			kv->value = f.data;
			kv->len = f.len;
			break;
		}
	}
	return n == 0;
}

bool
kv_parse_header(struct kv_response *r, const uint8_t *p, size_t len)
{
	struct pb_field f;
	int n;

	while ((n = pb_next(&p, &len, &f)) == 1) {
		if (f.number == 1)
			r->cluster = f.value;
		else if (f.number == 2)
			r->member = f.value;
		else if (f.number == 3)
			r->revision = f.value;
		else if (f.number == 4)
			r->term = f.value;
	}
	return n == 0;
}

/* What a read has found, in a response of its own or of a transaction. */
static bool
parse_found(struct kv_response *r, const uint8_t *p, size_t len)
{
	struct pb_field f;
	int n;

	while ((n = pb_next(&p, &len, &f)) == 1) {
		if (f.number != 2 || !f.is_bytes || r->n == KV_FOUND_MAX)
			continue;
		if (!kv_parse_kv(&r->found[r->n++], f.data, f.len))
			return false;
	}
	return n == 0;
}

/* One of the operations of a transaction. */
static bool
parse_operation(struct kv_response *r, const uint8_t *p, size_t len)
{
	struct pb_field f;
	int n;

	while ((n = pb_next(&p, &len, &f)) == 1) {
		if (f.number == 1 && f.is_bytes &&
		    !parse_found(r, f.data, f.len))
			return false;
	}
	return n == 0;
}

static bool
parse_alarm(struct kv_response *r, const uint8_t *p, size_t len)
{
	uint64_t member = 0, kind = 0;
	struct pb_field f;
	int n;

	while ((n = pb_next(&p, &len, &f)) == 1) {
		if (f.number == 1)
			member = f.value;
		else if (f.number == 2)
			kind = f.value;
	}
	if (kind == ALARM_NOSPACE && r->nalarms < KV_FOUND_MAX)
		r->alarms[r->nalarms++] = member;
	return n == 0;
}

/*
 * Field 2 is a key that a read has found, an alarm, or whether a transaction's
 * conditions held; 3 is what an operation of that has given. As a message, what
 * an alarm has would be a key without a name.
 */
static bool
parse_field(struct kv_response *r, const struct pb_field *f)
{
	if (f->number == 1 && f->is_bytes)
		return kv_parse_header(r, f->data, f->len);
	if (f->number == 2 && !f->is_bytes)
		r->succeeded = f->value != 0;
	if (f->number == 3 && f->is_bytes)
		return parse_operation(r, f->data, f->len);
	if (f->number != 2 || !f->is_bytes)
		return true;
	if (f->len > 0 && f->data[0] == (1 << 3 | 2)) {
		if (r->n == KV_FOUND_MAX)
			return true;
		return kv_parse_kv(&r->found[r->n++], f->data, f->len);
	}
	return parse_alarm(r, f->data, f->len);
}

static void
clear(struct kv_response *r)
{
	r->cluster = r->member = r->revision = r->term = 0;
	r->succeeded = false;
	r->n = r->nalarms = 0;
}

bool
kv_parse(struct kv_response *r, const uint8_t *p, size_t len)
{
	struct pb_field f;
	int n;

	clear(r);
	while ((n = pb_next(&p, &len, &f)) == 1) {
		if (!parse_field(r, &f))
			return false;
	}
	return n == 0;
}

bool
kv_parse_status(struct kv_response *r, uint64_t *leader, const uint8_t *p,
    size_t len)
{
	struct pb_field f;
	int n;

	clear(r);
	*leader = 0;
	while ((n = pb_next(&p, &len, &f)) == 1) {
		if (f.number == 1 && f.is_bytes &&
		    !kv_parse_header(r, f.data, f.len))
			return false;
		if (f.number == 4 && !f.is_bytes)
			*leader = f.value;
	}
	return n == 0;
}

bool
kv_is(const struct kv *kv, const char *key)
{
	return kv->keylen == strlen(key) &&
	    memcmp(kv->key, key, kv->keylen) == 0;
}
