/*
 * Words: what control lines are made of, each after one space
 */
#include <string.h>

#include "word.h"

bool
word_next(struct word *w, struct word *rest)
{
	const char *space;

	if (rest->s == NULL)
		return false;
	w->s = rest->s;
	space = rest->len == 0 ? NULL : memchr(rest->s, ' ', rest->len);
	if (space == NULL) {
		w->len = rest->len;
		rest->s = NULL;
		rest->len = 0;
		return true;
	}
	w->len = (size_t)(space - w->s);
	rest->s = space + 1;
	rest->len -= w->len + 1;
	return true;
}

bool
word_is(const struct word *w, const char *s)
{
	return w->len == strlen(s) && memcmp(w->s, s, w->len) == 0;
}

bool
word_value(struct word *w, const char *key)
{
	size_t n = strlen(key);

	if (w->len <= n || memcmp(w->s, key, n) != 0 || w->s[n] != '=')
		return false;
	w->s += n + 1;
	w->len -= n + 1;
	return true;
}

bool
word_number(const struct word *w, uint64_t *n)
{
	uint64_t v = 0;
	unsigned digit;
	size_t i;

	for (i = 0; i < w->len; i++) {
		digit = (unsigned)(unsigned char)w->s[i] - '0';
		if (digit > 9 || v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*n = v;
	return w->len > 0;
}

bool
word_token(const struct word *w, char *token)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=._-";
	size_t i;

	for (i = 0; i < w->len; i++) {
		if (w->s[i] == '\0' || strchr(chars, w->s[i]) == NULL)
			return false;
	}
	if (w->len == 0 || w->len > TOKEN_MAX)
		return false;
	memcpy(token, w->s, w->len);
	token[w->len] = '\0';
	return true;
}
