/*
 * Events: the responses of a watch, as their bytes come
 */
#include <stdlib.h>
#include <string.h>

#include "events.h"

static const char broken[] = "its answer is no event";
static const char memory[] = "there is no memory";

void
events_init(struct events *e, const struct events_reader *reader, void *arg)
{
	memset(e, 0, sizeof(*e));
	e->reader = reader;
	e->arg = arg;
}

void
events_free(struct events *e)
{
	free(e->part);
	memset(e, 0, sizeof(*e));
}

static const char *
take_event(struct events *e, const uint8_t *p, size_t len)
{
	bool deletes = false, has_kv = false;
	struct pb_field f;
	struct kv kv;
	int n;

	while ((n = pb_next(&p, &len, &f)) == 1) {
		if (f.number == 1)
			deletes = f.value != 0;
		else if (f.number == 2 && f.is_bytes &&
		    !(has_kv = kv_parse_kv(&kv, f.data, f.len)))
			return broken;
	}
	if (n != 0 || !has_kv)
		return broken;
	return deletes ? e->reader->deleted(e->arg) :
	    e->reader->put(e->arg, &kv);
}

static void
copy_reason(struct events *e, const struct pb_field *f)
{
	size_t n = f->len < sizeof(e->why) ? f->len : sizeof(e->why) - 1;

	if (n > 0)
		memcpy(e->why, f->data, n);
	e->why[n] = '\0';
}

static const char *
take_field(struct events *e, const struct pb_field *f)
{
	switch (f->number) {
	case 4:
		e->cancelled = f->value != 0;
		break;
	case 5:
		e->compacted = f->value;
		break;
	case 6:
		copy_reason(e, f);
		break;
	case 11:
		return f->is_bytes ? take_event(e, f->data, f->len) : broken;
	}
	return NULL;
}

/* How long the field at p is, of which len bytes are here: 0 if that is not
 * known yet, or -1 if it is none. */
static ssize_t
field_size(const uint8_t *p, size_t len)
{
	uint64_t key, n;
	int head = pb_varint(p, len, &key), size;

	if (head <= 0)
		return head;
	size = pb_varint(p + head, len - (size_t)head, &n);
	if (size <= 0)
		return size;
	if ((key & 7) == 0)
		return head + size;
	if ((key & 7) != 2 || n > EVENTS_MAX)
		return -1;
	return (ssize_t)n + head + size;
}

/* Take the whole fields at p. Returns as events_take(); *used becomes their
 * length. */
static const char *
take_fields(struct events *e, const uint8_t *p, size_t len, size_t *used)
{
	const char *wrong = NULL;
	struct pb_field f;
	const uint8_t *at;
	ssize_t size;
	size_t rest;

	*used = 0;
	while (wrong == NULL && *used < len) {
		size = field_size(p + *used, len - *used);
		if (size == -1)
			return broken;
		if (size == 0 || (size_t)size > len - *used)
			break;
		at = p + *used;
		rest = (size_t)size;
		if (pb_next(&at, &rest, &f) != 1)
			return broken;
		*used += (size_t)size;
		wrong = take_field(e, &f);
	}
	return wrong;
}

static bool
keep_part(struct events *e, const uint8_t *data, size_t len)
{
	size_t size = e->size == 0 ? 32 * 1024 : e->size;
	uint8_t *part;

	while (size - e->len < len)
		size *= 2;
	if (size > e->size) {
		part = realloc(e->part, size);
		if (part == NULL)
			return false;
		e->part = part;
		e->size = size;
	}
	memcpy(e->part + e->len, data, len);
	e->len += len;
	return true;
}

/* How many of the bytes at data belong to the field that has begun. While its
 * length isn't known, that is one more. */
static size_t
wanted(const struct events *e, size_t len)
{
	ssize_t size = field_size(e->part, e->len);

	if (size <= 0)
		return 1;
	return (size_t)size - e->len < len ? (size_t)size - e->len : len;
}

/* The response ends here. */
static const char *
finish(struct events *e)
{
	const char *wrong = NULL;

	if (e->len > 0)
		return broken;
	if (e->cancelled || e->compacted > 0)
		wrong = e->reader->cancelled(e->arg, e->compacted, e->why);
	e->cancelled = false;
	e->compacted = 0;
	e->why[0] = '\0';
	return wrong;
}

const char *
events_take(struct events *e, const uint8_t *data, size_t len, size_t left)
{
	const char *wrong;
	size_t n, used;

	while (e->len > 0 && len > 0) {
		n = wanted(e, len);
		if (!keep_part(e, data, n))
			return memory;
		data += n;
		len -= n;
		wrong = take_fields(e, e->part, e->len, &used);
		if (wrong != NULL)
			return wrong;
		if (used > 0)
			e->len = 0;
	}
	if (len > 0) {
		wrong = take_fields(e, data, len, &used);
		if (wrong != NULL)
			return wrong;
		if (used < len && !keep_part(e, data + used, len - used))
			return memory;
	}
	return left == 0 ? finish(e) : NULL;
}
