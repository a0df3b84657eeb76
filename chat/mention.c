/*
 * Mentions: whether a text has a person's name in it
 */
#define _XOPEN_SOURCE 700		/* wcwidth() is of the X/Open part */
#include <wchar.h>
#include <wctype.h>

#include "mention.h"
#include "text.h"

/* The next character of a text in lower case; a byte that is part of none
 * counts as one that no name has. Returns its size. */
static size_t
next_char(const char *s, size_t len, unsigned *code)
{
	size_t size = text_decode(s, len, code);

	if (size == 0) {
		*code = 0;
		return 1;
	}
	if (*code < 0x80)
		*code += *code >= 'A' && *code <= 'Z' ? 'a' - 'A' : 0;
	else
		*code = (unsigned)towlower((wint_t)*code);
	return size;
}

void
mention_init(struct mention *m, const char *name, size_t len)
{
	size_t i, n = 0;

	m->n = 0;
	for (i = 0; i < len; n++) {
		if (n == MENTION_MAX)
			return;
		i += next_char(name + i, len - i, &m->name[n]);
		if (m->name[n] == 0)
			return;
	}
	m->n = n;
}

static bool
is_of_word(unsigned code)
{
	if (code < 0x80)
		return (code >= 'a' && code <= 'z') || code == '_' ||
		    (code >= '0' && code <= '9');
	return iswalnum((wint_t)code) || wcwidth((wchar_t)code) == 0;
}

/* Whether the name stands at s, and no word goes on after it. */
static bool
stands_here(const struct mention *m, const char *s, size_t len)
{
	size_t i = 0, n;
	unsigned code;

	for (n = 0; n < m->n; n++) {
		if (i == len)
			return false;
		i += next_char(s + i, len - i, &code);
		if (code != m->name[n])
			return false;
	}
	if (i == len || !is_of_word(m->name[m->n - 1]))
		return true;
	(void)next_char(s + i, len - i, &code);
	return !is_of_word(code);
}

bool
mention_in(const struct mention *m, const char *s, size_t len)
{
	bool inside = false;		/* of a word that goes on */
	unsigned code;
	size_t i, size;

	if (m->n == 0)
		return false;
	for (i = 0; i < len; i += size) {
		size = next_char(s + i, len - i, &code);
		if (code == m->name[0] && !inside &&
		    stands_here(m, s + i, len - i))
			return true;
		inside = is_of_word(code) && is_of_word(m->name[0]);
	}
	return false;
}
