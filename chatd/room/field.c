/*
 * Fields: the words that the store's records and the log's entries have in
 * common
 */
#include <string.h>

#include "field.h"
#include "text.h"

#define HASH_DIGITS	16

bool
field_number(struct word *rest, uint64_t *n)
{
	struct word w;

	return word_next(&w, rest) && word_number(&w, n) && *n <= INT64_MAX;
}

bool
field_token(struct word *rest, char *buf)
{
	struct word w;

	return word_next(&w, rest) && word_token(&w, buf);
}

bool
field_name(struct word *rest, char *buf)
{
	struct word w;

	if (!word_next(&w, rest) || !text_is_name(w.s, w.len))
		return false;
	memcpy(buf, w.s, w.len);
	buf[w.len] = '\0';
	return true;
}

bool
field_session(struct word *rest, char *buf)
{
	const char *colon;
	struct word w;
	size_t n;

	if (!word_next(&w, rest))
		return false;
	colon = memchr(w.s, ':', w.len);
	if (colon == NULL)
		return word_token(&w, buf);
	n = (size_t)(colon - w.s);
	if (!text_is_name(w.s, n))
		return false;
	memcpy(buf, w.s, n + 1);
	w.s += n + 1;
	w.len -= n + 1;
	return word_token(&w, buf + n + 1);
}

bool
field_hash(struct word *rest, uint64_t *hash)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit;
	struct word w;
	size_t i;

	if (!word_next(&w, rest) || w.len != HASH_DIGITS)
		return false;
	for (*hash = i = 0; i < HASH_DIGITS; i++) {
		digit = memchr(digits, w.s[i], HASH_DIGITS);
		if (digit == NULL)
			return false;
		*hash = *hash << 4 | (uint64_t)(digit - digits);
	}
	return true;
}
