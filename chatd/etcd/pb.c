/*
 * Pb: fields of protocol buffers, as etcd's messages are made of
 */
#include <stdlib.h>
#include <string.h>

#include "pb.h"

#define VARINT_MAX	10		/* bytes of 64 bits, 7 in each */

enum {
	WIRE_VARINT,
	WIRE_FIXED64,
	WIRE_BYTES,
	WIRE_FIXED32 = 5
};

static uint8_t *
make_room(struct pb *m, size_t n)
{
	size_t size = m->size == 0 ? 256 : m->size;
	uint8_t *buf;

	while (size - m->len < n)
		size *= 2;
	if (size > m->size) {
		buf = realloc(m->buf, size);
		if (buf == NULL) {
			m->failed = true;
			return NULL;
		}
		m->buf = buf;
		m->size = size;
	}
	return m->buf + m->len;
}

static void
put_varint(struct pb *m, uint64_t value)
{
	uint8_t *p = make_room(m, VARINT_MAX);

	if (p == NULL)
		return;
	for (; value >= 0x80; value >>= 7)
		*p++ = (uint8_t)(value | 0x80);
	*p++ = (uint8_t)value;
	m->len = (size_t)(p - m->buf);
}

void
pb_number(struct pb *m, unsigned number, uint64_t value)
{
	if (value == 0)
		return;
	/* WIRE_VARINT is 0. */
	put_varint(m, (uint64_t)number << 3);
	put_varint(m, value);
}

void
pb_bytes(struct pb *m, unsigned number, const void *data, size_t len)
{
	uint8_t *p;

	put_varint(m, (uint64_t)number << 3 | WIRE_BYTES);
	put_varint(m, len);
	p = make_room(m, len);
	if (p == NULL || len == 0)
		return;
	memcpy(p, data, len);
	m->len += len;
}

void
pb_text(struct pb *m, unsigned number, const char *s)
{
	pb_bytes(m, number, s, strlen(s));
}

void
pb_message(struct pb *m, unsigned number, struct pb *part)
{
	pb_bytes(m, number, part->buf, part->len);
	m->failed = m->failed || part->failed;
	pb_free(part);
}

void
pb_free(struct pb *m)
{
	free(m->buf);
	memset(m, 0, sizeof(*m));
}

int
pb_varint(const uint8_t *p, size_t len, uint64_t *value)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < len && i < VARINT_MAX; i++) {
		v |= (uint64_t)(p[i] & 0x7f) << (7 * i);
		if ((p[i] & 0x80) == 0) {
			*value = v;
			return (int)i + 1;
		}
	}
	return i == VARINT_MAX ? -1 : 0;
}

/* Take one off what is left. */
static bool
take_varint(const uint8_t **p, size_t *len, uint64_t *value)
{
	int n = pb_varint(*p, *len, value);

	if (n <= 0)
		return false;
	*p += n;
	*len -= (size_t)n;
	return true;
}

static bool
take_bytes(const uint8_t **p, size_t *len, uint64_t n, struct pb_field *f)
{
	if (n > *len)
		return false;
	f->data = *p;
	f->len = (size_t)n;
	*p += n;
	*len -= (size_t)n;
	return true;
}

int
pb_next(const uint8_t **p, size_t *len, struct pb_field *f)
{
	uint64_t key, n;
	bool good;

	while (*len > 0) {
		memset(f, 0, sizeof(*f));
		if (!take_varint(p, len, &key) || key >> 3 > UINT32_MAX >> 3)
			return -1;
		f->number = (unsigned)(key >> 3);
		switch (key & 7) {
		case WIRE_VARINT:
			return take_varint(p, len, &f->value) ? 1 : -1;
		case WIRE_BYTES:
			f->is_bytes = true;
			return take_varint(p, len, &n) &&
			    take_bytes(p, len, n, f) ? 1 : -1;
		case WIRE_FIXED64:
			good = take_bytes(p, len, 8, f);
			break;
		case WIRE_FIXED32:
			good = take_bytes(p, len, 4, f);
			break;
		default:
			good = false;
		}
		if (!good)
			return -1;
	}
	return 0;
}
