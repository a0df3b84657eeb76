/*
 * JSON: a message as an object (RFC 8259), on a line of its own
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "text.h"

#define REPLACEMENT	0xfffd

/* With what UTF-16 makes of it. */
static size_t
put_escape(char *buf, unsigned code)
{
	if (code > 0xffff)
		return (size_t)snprintf(buf, 13, "\\u%04x\\u%04x",
		    0xd800 + ((code - 0x10000) >> 10),
		    0xdc00 + ((code - 0x10000) & 0x3ff));
	return (size_t)snprintf(buf, 7, "\\u%04x", code);
}

/* One character, of n bytes at s, or a byte that is none. */
static size_t
put_character(char *buf, const char *s, size_t n, unsigned code, bool ascii)
{
	if (code == '\t') {
		memcpy(buf, "\\t", 2);
		return 2;
	}
	if (code == '"' || code == '\\') {
		buf[0] = '\\';
		buf[1] = (char)code;
		return 2;
	}
	if (n == 0)
		code = REPLACEMENT;
	if (n == 0 || code < ' ' || (code >= 0x7f && (ascii || code < 0xa0)))
		return put_escape(buf, code);
	memcpy(buf, s, n);
	return n;
}

/* A string, with its quotes. */
static size_t
put_string(char *buf, const char *s, size_t len, bool ascii)
{
	size_t size = 0, n;
	unsigned code = 0;

	buf[size++] = '"';
	for (; len > 0; s += n == 0 ? 1 : n, len -= n == 0 ? 1 : n) {
		n = text_decode(s, len, &code);
		size += put_character(buf + size, s, n, n == 0 ? 0 : code,
		    ascii);
	}
	buf[size++] = '"';
	return size;
}

static size_t
put_key(char *buf, const char *key)
{
	memcpy(buf, key, strlen(key));
	return strlen(key);
}

/* The bytes of the name that a message begins with; 0 if it has none. */
static size_t
name_size(const char *s, size_t len)
{
	const char *colon = memchr(s, ':', len);
	size_t n;

	if (colon == NULL)
		return 0;
	n = (size_t)(colon - s);
	return n + 1 < len && colon[1] == ' ' && text_is_name(s, n) ? n : 0;
}

size_t
json_message(char *buf, const struct json *j, const char *s, size_t len)
{
	size_t n = j->named ? name_size(s, len) : 0, size;

	size = (size_t)snprintf(buf, JSON_FIXED, "{\"number\":%" PRIu64
	    ",\"time\":%" PRId64, j->number, j->time);
	if (n > 0) {
		size += put_key(buf + size, ",\"name\":");
		size += put_string(buf + size, s, n, j->ascii);
		s += n + 2;
		len -= n + 2;
	}
	size += put_key(buf + size, ",\"text\":");
	size += put_string(buf + size, s, len, j->ascii);
	return size + put_key(buf + size, "}\n");
}

size_t
json_lost(char *buf, uint64_t n, bool counted)
{
	if (!counted)
		return put_key(buf, "{\"lost\":null}\n");
	return (size_t)snprintf(buf, 32, "{\"lost\":%" PRIu64 "}\n", n);
}
